"""The three curated clusters: sound files, pairs that all run, expectations that hold on the real data."""

from collections.abc import Sequence

import pytest

from tests.demo.samples import EMPTY, LOADED, PAIRS, Values, samples
from vedder_core.cluster import Cluster, Expectation, Pair
from vedder_core.cluster_check import check_against
from vedder_core.schema import Catalog
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Bound, Limits, Warehouse
from vedder_pipelines.expectations import Frames, validate
from vedder_pipelines.validation import granted_to

RUNS = [
    pytest.param(cluster, pair, values, id=f"{pair.slug}-{'-'.join(map(str, values.values()))}")
    for cluster, pair in PAIRS
    for values in samples(pair)
]


def test_the_files_have_no_problems() -> None:
    assert LOADED.problems == ()


def test_every_dataset_column_and_parameter_exists_in_the_warehouse(catalog: Catalog) -> None:
    assert check_against(LOADED, catalog) == ()


def test_there_is_enough_to_learn_from() -> None:
    assert {cluster.name for cluster in LOADED.clusters} == {"flight_operations", "fleet", "weather"}
    assert len(PAIRS) >= 48
    assert sum(bool(pair.parameters) for _, pair in PAIRS) >= 18
    assert all(1 <= len(pair.phrasings) <= 3 for _, pair in PAIRS)
    assert all({"gotcha", "definition"} <= {doc.kind for doc in cluster.docs} for cluster in LOADED.clusters)


def test_no_dataset_of_a_year_long_past_is_expected_to_be_fresh() -> None:
    assert [d.name for cluster in LOADED.clusters for d in cluster.datasets if d.freshness is not None] == []


@pytest.mark.parametrize(("cluster", "pair", "values"), RUNS)
def test_every_pair_binds_and_answers_the_same_each_time(
    cluster: Cluster, pair: Pair, values: Values, warehouse: Warehouse, catalog: Catalog
) -> None:
    query = guard(pair.sql, granted_to(cluster, catalog), dialect=warehouse.dialect, parameters=values)
    assert isinstance(warehouse.bind(query), Bound)
    result, again = warehouse.run(query, Limits()), warehouse.run(query, Limits())
    assert not result.truncated
    assert (result.table.num_rows == 0) is ((pair.slug, values) in EMPTY)
    assert result.table.equals(again.table)


EXPECTED = [
    pytest.param(dataset.name, dataset.expectations, id=f"{cluster.name}-{dataset.name}")
    for cluster in LOADED.clusters
    for dataset in cluster.datasets
]


@pytest.mark.parametrize(("dataset", "expectations"), EXPECTED)
def test_every_expectation_holds(
    dataset: str, expectations: Sequence[Expectation], warehouse: Warehouse, catalog: Catalog
) -> None:
    pytest.importorskip("great_expectations")
    granted = Granted(catalog.only([dataset]).tables)
    query = guard(f"SELECT * FROM {dataset}", granted, dialect=warehouse.dialect)
    table = warehouse.run(query, Limits(rows=1_000_000, bytes=1_000_000_000)).table
    found = validate(expectations, Frames(table, tuple(table.column_names), table.num_rows))
    assert len(found) == len(expectations)
    assert [said for holds, said in found if not holds] == []
