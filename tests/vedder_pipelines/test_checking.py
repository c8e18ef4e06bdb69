"""Promises of checking expectations: nothing unchanged is checked twice, and a part of the rows is called a part."""

import pytest

from vedder_core.cluster import Expectation
from vedder_core.warehouse.warehouse import Limits, open_warehouse
from vedder_pipelines.checking import LIMITS, check_cluster
from vedder_pipelines.curated import read_curated
from vedder_pipelines.profiling import profile_cluster

HIGH = Expectation(expect="expect_column_values_to_be_between", arguments={"column": "AMOUNT", "min_value": 0})


@pytest.fixture
def sales(shop):
    return read_curated(shop.settings.clusters, "duckdb").clusters["sales"]


def check(shop, cluster, remembered=None, limits=LIMITS):
    with open_warehouse(shop.settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        profiles = profile_cluster(cluster, catalog, warehouse, {}, progress=print).profiles
        return check_cluster(cluster, catalog, warehouse, profiles, remembered or {}, limits=limits)


def expecting(cluster, *expectations):
    datasets = tuple(
        d.model_copy(update={"expectations": expectations}) if d.name == "shop.orders" else d for d in cluster.datasets
    )
    return cluster.model_copy(update={"datasets": datasets})


def test_unchanged_data_are_not_checked_again(shop, sales):
    first = check(shop, sales)
    again = check(shop, sales, first.results)
    assert (first.validated, first.reused) == (("shop.orders",), ())
    assert (again.validated, again.reused) == ((), ("shop.orders",))
    assert again.results == first.results


def test_changed_data_and_changed_expectations_are(shop, sales):
    first = check(shop, sales)
    assert check(shop, expecting(sales, HIGH), first.results).validated == ("shop.orders",)
    shop.alter("UPDATE shop.orders SET amount = 1000 WHERE id = 1")
    changed = check(shop, sales, first.results)
    assert [one.passed for one in changed.results["shop.orders"].checked] == [False]


def test_columns_are_found_as_the_engine_finds_them_in_any_case(shop, sales):
    (one,) = check(shop, expecting(sales, HIGH)).results["shop.orders"].checked
    assert (one.passed, one.about, one.rows, one.whole) == (True, "AMOUNT", 500, True)


def test_more_rows_than_are_looked_at_are_checked_in_part_and_it_is_said(shop, sales):
    (one,) = check(shop, sales, limits=Limits(rows=100)).results["shop.orders"].checked
    assert (one.passed, one.rows, one.whole) == (True, 100, False)


def test_a_dataset_that_is_not_there_is_left_out(shop, sales):
    shop.alter("DROP TABLE shop.orders")
    assert check(shop, sales).results == {}


def test_what_could_not_be_read_has_not_passed_and_is_tried_again(shop, sales):
    with open_warehouse(shop.settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        profiles = profile_cluster(sales, catalog, warehouse, {}, progress=print).profiles
        shop.alter("ALTER TABLE shop.orders RENAME TO orders_aside")
        broken = check_cluster(sales, catalog, warehouse, profiles, {})
        shop.alter("ALTER TABLE shop.orders_aside RENAME TO orders")
        mended = check_cluster(sales, catalog, warehouse, profiles, broken.results)
    (one,) = broken.results["shop.orders"].checked
    assert (one.passed, one.whole) == (False, False)
    assert one.found.startswith("that it cannot be checked: ")
    assert mended.validated == ("shop.orders",)
    assert [one.passed for one in mended.results["shop.orders"].checked] == [True]
