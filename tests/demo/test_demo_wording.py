"""Questions as people ask them find their pair and no other; what the data do not hold finds none."""

import pytest

from tests.demo.samples import PAIRS, Values, asked, samples
from vedder_core.cluster import Pair
from vedder_core.context.entry import TaughtPair
from vedder_core.matching.decline import Unmatched
from vedder_core.matching.fast_path import Filled, match
from vedder_core.matching.phrasing import Candidate, candidate
from vedder_core.schema import Catalog
from vedder_core.sql.guard import Granted, guard
from vedder_core.verdict import Valid
from vedder_core.warehouse.warehouse import Limits, Warehouse

WORDINGS = [
    pytest.param(pair, question, values, id=asked(question, values))
    for _, pair in PAIRS
    for values in samples(pair)
    for question in pair.questions()
]


@pytest.fixture(scope="module")
def taught(warehouse: Warehouse, catalog: Catalog) -> list[Candidate]:
    named = {p.values for _, pair in PAIRS for p in pair.parameters.values() if p.values is not None}
    allowed = {column: _values_of(column, warehouse, catalog) for column in named}
    return [candidate(f"{cluster.name}/pair/{pair.slug}", _taught(pair, allowed)) for cluster, pair in PAIRS]


def _values_of(column: str, warehouse: Warehouse, catalog: Catalog) -> tuple[str, ...]:
    dataset, name = column.rsplit(".", 1)
    granted = Granted(catalog.only([dataset]).tables)
    query = guard(f"SELECT DISTINCT {name} FROM {dataset} ORDER BY 1", granted, dialect=warehouse.dialect)
    return tuple(str(value) for value in warehouse.run(query, Limits(rows=10_000)).table.column(0).to_pylist())


def _taught(pair: Pair, allowed: dict[str, tuple[str, ...]]) -> TaughtPair:
    values = {name: allowed[p.values] for name, p in pair.parameters.items() if p.values is not None}
    return TaughtPair(pair, Valid(()), (), (), values)


@pytest.mark.parametrize(("pair", "question", "values"), WORDINGS)
def test_every_phrasing_finds_its_own_pair_with_its_values(
    pair: Pair, question: str, values: Values, taught: list[Candidate]
) -> None:
    found = match(asked(question, values), taught)
    assert isinstance(found, Filled), found
    assert found.candidate.taught.pair.slug == pair.slug
    defaults = {name: pair.parameters[name].default for name in values if f"{{{name}}}" not in question}
    assert found.values == {**values, **defaults}


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("How many flights left JFK in July?", {"origin": "JFK", "month": 7}),
        ("How many flights left EWR in March?", {"origin": "EWR", "month": 3}),
        ("how many flights left lga in december 2013", {"origin": "LGA", "month": 12}),
        ("What is the number of departures from JFK in May?", {"origin": "JFK", "month": 5}),
    ],
)
def test_one_pair_answers_for_every_airport_and_month(question: str, values: Values, taught: list[Candidate]) -> None:
    found = match(question, taught)
    assert isinstance(found, Filled), found
    assert found.candidate.entry == "flight_operations/pair/departures_from_airport_in_month"
    assert found.values == values


@pytest.mark.parametrize(
    "question",
    [
        "How many passengers flew in July?",
        "How many passengers left JFK in July?",
        "How many flights left JFK in July 2014?",
        "How many flights left on 2014-07-04?",
        "How many flights left New York on 5 May 2030?",
        "What was the weather at JFK on 2012-07-04?",
        "How many flights went to LGA?",
        "How many flights landed at La Guardia?",
        "How many flights from New York landed at Municipal Airport?",
        "What were the 0 busiest days?",
        "What were the -5 busiest days?",
        "How many US flights left in July?",
        "Which airport is big?",
        "How many flights left ORD in July?",
        "How many flights did not leave JFK in July?",
        "How many flights left JFK in July without delay?",
        "How many flights left JFK in June and July?",
        "How many United flights were cancelled in July?",
        "What will the temperature at JFK be in July?",
        "What does a flight from JFK to LAX cost?",
    ],
)
def test_what_no_pair_accounts_for_is_declined(question: str, taught: list[Candidate]) -> None:
    assert isinstance(match(question, taught), Unmatched)
