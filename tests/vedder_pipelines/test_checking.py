"""Promises of checking expectations: nothing unchanged is checked twice, and a part of the rows is called a part."""

import re
from datetime import UTC, datetime

import pytest

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Expectation, Owner
from vedder_core.profile import ColumnProfile, Figure, Profile
from vedder_core.warehouse.warehouse import Limits, open_warehouse
from vedder_pipelines.checking import LIMITS, Checked, DatasetChecked, check_cluster, failures
from vedder_pipelines.curated import read_curated
from vedder_pipelines.health.data_health import DataHealth
from vedder_pipelines.health.signal import Facts
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


PEOPLE = (
    "CREATE TABLE shop.people AS SELECT 'CANARY-' || i AS ssn, 900000 + i AS pay, i AS id, "
    "'canary' || i || '@example.org' AS reach FROM range(50) t(i)"
)
TELLING = (
    ("expect_column_values_to_be_in_set", {"column": "SSN", "value_set": ["x"]}),
    ("expect_column_min_to_be_between", {"column": "ssn", "max_value": 3}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "ssn", "value_set": ["x"]}),
    ("expect_column_to_exist", {"column": "ssn"}),
    ("expect_table_columns_to_match_set", {"column_set": ["id"]}),
    ("expect_column_values_to_match_regex", {"column": "ssn", "regex": "["}),
    ("expect_column_values_to_be_in_set", {"column": "reach", "value_set": ["x"]}),
    ("expect_column_values_to_be_between", {"column": "pay", "max_value": 10}),
    ("expect_column_max_to_be_between", {"column": "pay", "max_value": 10}),
    ("expect_column_pair_values_to_be_equal", {"column_A": "id", "column_B": "pay"}),
    ("expect_compound_columns_to_be_unique", {"column_list": ["ssn", "id"]}),
    (
        "expect_column_values_to_be_between",
        {"column": "id", "max_value": 1, "row_condition": "ssn == 'CANARY-7'", "condition_parser": "pandas"},
    ),
)


def people(notes, *expectations):
    columns = {name: ColumnNote(**{note: True}) for name, note in notes.items()}
    expected = tuple(Expectation(expect=name, arguments=arguments) for name, arguments in expectations)
    dataset = Dataset(name="shop.people", description="People.", columns=columns, expectations=expected)
    owner = Owner(team="sales", contact="#sales")
    return Cluster(name="people", title="People", summary="People.", owner=owner, datasets=(dataset,))


def actions(cluster, checked):
    facts = Facts(cluster, datetime.now(UTC), checked={"shop.people": checked})
    return "\n".join(remedy.text for remedy in DataHealth().remedies(facts))


def test_values_that_may_not_be_told_are_checked_and_only_counted_and_hidden_columns_are_not_named(shop):
    shop.alter(PEOPLE)
    cluster = people({"ssn": "hidden", "pay": "sensitive"}, *TELLING)
    checked = check(shop, cluster).results["shop.people"].checked
    assert [one.passed for one in checked] == [e in ("expect_column_to_exist", TELLING[10][0]) for e, _ in TELLING]
    assert checked[0].about == "a hidden column"
    assert [checked[n].found for n in (0, 6, 7)] == ["50 of 50 values unexpected"] * 3
    said = actions(cluster, checked) + "".join(f"{one.about} {one.found}" for one in checked)
    assert not re.search(r"canary|9000\d\d|ssn", said, re.IGNORECASE)
    assert "(pay) found 50 of 50 values unexpected" in said


def test_what_could_not_be_read_does_not_quote_a_hidden_column(shop):
    shop.alter(PEOPLE)
    cluster = people({"ssn": "hidden"}, TELLING[0])
    with open_warehouse(shop.settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        profiles = profile_cluster(cluster, catalog, warehouse, {}, progress=print).profiles
        shop.alter("ALTER TABLE shop.people RENAME COLUMN ssn TO number")
        (one,) = check_cluster(cluster, catalog, warehouse, profiles, {}).results["shop.people"].checked
    assert (one.passed, one.found) == (False, "that it cannot be checked")


def test_a_column_that_becomes_hidden_is_checked_again_so_that_no_old_example_stays(shop):
    shop.alter(PEOPLE)
    before = check(shop, people({}, TELLING[-3], TELLING[0]))
    after = check(shop, people({"ssn": "hidden", "id": "sensitive"}, TELLING[-3], TELLING[0]), before.results)
    assert after.validated == ("shop.people",)


def orders(expectations=(HIGH,), **columns):
    return Dataset(name="shop.orders", description="Orders.", expectations=expectations, columns=columns)


def told(found, *, about="amount", dataset=None, whole=True, mark=""):
    profile = Profile("shop.orders", "duckdb", "f", "v", Figure(500, "exact"), (ColumnProfile("amount", "INTEGER"),))
    one = Checked(HIGH.expect, about, passed=False, found=found, rows=100, whole=whole)
    return failures(dataset or orders(), profile, DatasetChecked(mark, (one,)))


def test_a_failed_check_is_told_with_its_count_and_without_examples_of_values():
    (sentence,) = told("5 of 500 values unexpected, e.g. 1000, ada@example.org")
    assert sentence == "expect_column_values_to_be_between (`amount`): 5 of 500 values unexpected"
    assert told("['DE', 'FR']") == ("expect_column_values_to_be_between (`amount`): does not hold",)
    assert told("300", about="the table") == ("expect_column_values_to_be_between (the table): found 300",)


def test_a_check_of_a_part_of_the_rows_is_told_as_one():
    (sentence,) = told("5 of 100 values unexpected", whole=False)
    assert sentence.endswith("5 of 100 values unexpected, in the first 100 rows")


def test_a_failed_check_that_names_a_hidden_column_is_not_told():
    hidden = orders(Amount=ColumnNote(hidden=True))
    assert told("5 of 500 values unexpected", dataset=hidden) == ()
    assert len(told("5 of 500 values unexpected", about="a hidden column", dataset=hidden)) == 1


def test_results_of_other_data_or_of_expectations_that_are_gone_are_not_told():
    assert told("5 of 500 values unexpected", mark="of other data") == ()
    assert told("5 of 500 values unexpected", dataset=orders(())) == ()
