"""Promises of `resolved`: columns are led back to the datasets' own, or nothing is said of them."""

import pytest

from vedder_core.schema import Column, Table
from vedder_core.sql.comparisons import comparisons
from vedder_core.sql.joined import joined
from vedder_core.sql.periods import periods
from vedder_core.sql.resolved import BaseColumn, Resolved, resolved
from vedder_core.sql.results import counting_places, is_ordered

FLIGHTS = Table("nyc.Flights", (Column("Origin", "VARCHAR"), Column("day", "DATE"), Column("month", "INTEGER")))
AIRPORTS = Table("nyc.airports", (Column("faa", "VARCHAR"), Column("name", "VARCHAR")))


def look(sql: str, **parameters: str | int) -> Resolved:
    found = resolved(sql, [FLIGHTS, AIRPORTS], dialect="duckdb", parameters=parameters)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT origin FROM nyc.flights",
        "SELECT count(*) FROM NYC.FLIGHTS AS f WHERE f.ORIGIN = 'JFK'",
        "SELECT o FROM (SELECT origin AS o FROM nyc.flights)",
        "WITH a AS (SELECT origin FROM nyc.flights), b(x) AS (SELECT origin FROM a) SELECT x FROM b",
        "WITH airports AS (SELECT origin AS faa FROM nyc.flights) SELECT faa FROM airports",
        "SELECT name FROM nyc.airports WHERE faa IN (SELECT origin FROM nyc.flights)",
        "SELECT name FROM nyc.airports AS p WHERE EXISTS (SELECT 1 FROM nyc.flights AS f WHERE f.origin = p.faa)",
    ],
)
def test_a_column_is_found_under_its_own_name_and_spelling(sql: str) -> None:
    assert BaseColumn("nyc.Flights", "Origin") in look(sql).columns()


def test_what_is_computed_is_no_column_of_a_dataset() -> None:
    found = look("SELECT u FROM (SELECT upper(origin) AS u FROM nyc.flights) WHERE u = 'JFK'")
    assert comparisons(found) == ()


def test_sql_that_cannot_be_followed_gives_nothing_instead_of_a_guess() -> None:
    unknown = "SELECT f.nowhere FROM nyc.flights AS f, nyc.airports AS p"
    for sql in ("SELECT (", unknown, "SELECT 1; SELECT 2", "DROP TABLE nyc.flights"):
        assert resolved(sql, [FLIGHTS, AIRPORTS], dialect="duckdb") is None


@pytest.mark.parametrize(
    ("condition", "operator", "values", "always"),
    [
        ("origin = 'JFK'", "=", ("JFK",), True),
        ("'JFK' = origin", "=", ("JFK",), True),
        ("origin IN ('JFK', 'EWR')", "in", ("JFK", "EWR"), True),
        ("origin ILIKE 'j%'", "ilike", ("j%",), True),
        ("origin = :where", "=", ("LGA",), True),
        ("(origin = 'JFK' OR month = 3)", "=", ("JFK",), False),
        ("origin > lower('x')", ">", (), True),
    ],
)
def test_a_comparison_is_told_with_its_constants(
    condition: str, operator: str, values: tuple[str, ...], always: bool
) -> None:
    found = comparisons(look(f"SELECT 1 FROM nyc.flights WHERE {condition} AND day > DATE '2013-01-01'", where="LGA"))
    (one,) = [one for one in found if one.column.column == "Origin"]
    assert (one.operator, one.values, one.always) == (operator, values, always)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM nyc.flights WHERE NOT origin = 'JFK'",
        "SELECT 1 FROM nyc.flights WHERE origin <> 'JFK'",
        "SELECT CASE WHEN origin = 'JFK' THEN 1 END FROM nyc.flights",
        "SELECT faa FROM nyc.airports EXCEPT SELECT origin FROM nyc.flights WHERE origin = 'JFK'",
        "SELECT 1 FROM nyc.airports WHERE NOT EXISTS (SELECT 1 FROM nyc.flights WHERE origin = 'JFK')",
    ],
)
def test_what_is_negated_or_only_decides_keeps_no_rows(sql: str) -> None:
    assert [one for one in comparisons(look(sql)) if one.column.column == "Origin"] == []


def test_a_month_that_is_joined_on_is_no_period_that_is_asked_for() -> None:
    sql = "SELECT 1 FROM nyc.flights AS a JOIN nyc.flights AS b ON a.month = b.month"
    assert periods(look(sql)) == ()
    assert [one.unit for one in periods(look(f"{sql} WHERE a.month = 3"))] == ["month"]


def test_joins_are_told_with_the_columns_that_are_set_equal() -> None:
    key = frozenset([BaseColumn("nyc.Flights", "Origin"), BaseColumn("nyc.airports", "faa")])
    for sql in (
        "SELECT 1 FROM nyc.flights AS f LEFT JOIN nyc.airports AS p ON p.faa = f.origin",
        "SELECT 1 FROM nyc.flights AS f, nyc.airports AS p WHERE f.month = 1 AND f.origin = p.faa",
        "SELECT 1 FROM nyc.flights WHERE origin IN (SELECT faa FROM nyc.airports)",
        "SELECT 1 FROM nyc.flights AS f SEMI JOIN nyc.airports AS p ON p.faa = f.origin",
    ):
        (one,) = joined(look(sql))
        assert one.keys == frozenset([key])
    (crossed,) = joined(look("SELECT 1 FROM nyc.flights, nyc.airports"))
    assert (crossed.left, crossed.right, crossed.keys) == ("nyc.Flights", "nyc.airports", frozenset())


def test_a_result_is_one_row_of_counts_only_without_groups() -> None:
    assert counting_places(look("SELECT max(day), count(*) FROM nyc.flights")) == {1}
    assert counting_places(look("SELECT month, count(*) FROM nyc.flights GROUP BY month")) is None
    assert counting_places(look("SELECT origin FROM nyc.flights")) is None


def test_only_the_outermost_order_is_the_results() -> None:
    assert is_ordered(look("SELECT origin FROM nyc.flights ORDER BY day"))
    assert not is_ordered(look("SELECT origin FROM (SELECT origin FROM nyc.flights ORDER BY day LIMIT 3)"))
