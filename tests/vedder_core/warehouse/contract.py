"""What every engine promises. An engine's test module gives a fixture `world` and imports all of these tests.

The fixture builds the tables of `BUILD` (plain SQL, a schema `shop`) in its warehouse, a table `shop.visits` that is
cut by month into parts 1 to 12 if the engine can do so, and applies changes as a loader would.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import pytest

from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.errors import QueryFailed, QueryTimeout, WarehouseError
from vedder_core.profile import CommonValue, Figure, Profile
from vedder_core.schema import Table
from vedder_core.sql.guard import Granted, GuardedQuery, ParameterValue, guard
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound, Warehouse

BUILD = (
    "CREATE SCHEMA shop",
    """CREATE TABLE shop.orders (id INTEGER NOT NULL, customer INTEGER, country VARCHAR(2), amount DECIMAL(10, 2),
       ordered_on DATE, email VARCHAR(60))""",
    """INSERT INTO shop.orders
       SELECT n, n % 700, CASE n % 10 WHEN 0 THEN NULL WHEN 1 THEN 'FR' WHEN 2 THEN 'FR' ELSE 'DE' END,
              n % 40 + 0.5, DATE '2026-01-01' + CAST(n % 90 AS INTEGER), 'someone' || n || '@example.org'
       FROM generate_series(1, 5000) AS numbers(n)""",
    "CREATE TABLE shop.other (id INTEGER, label VARCHAR(20))",
    "INSERT INTO shop.other SELECT n, 'label ' || n % 3 FROM generate_series(1, 100) AS numbers(n)",
    "CREATE TABLE shop.empty (id INTEGER, label VARCHAR(20))",
    'CREATE TABLE shop."odd name" ("select" INTEGER, "a b" VARCHAR(9), "Größe""" INTEGER)',
    """INSERT INTO shop."odd name" VALUES (1, 'x', NULL), (2, 'x', NULL), (2, 'y', NULL)""",
    "CREATE VIEW shop.french AS SELECT id, amount FROM shop.orders WHERE country = 'FR'",
    "COMMENT ON TABLE shop.orders IS 'One row an order.'",
    "COMMENT ON COLUMN shop.orders.amount IS 'In euros.'",
)
ENDLESS = "SELECT sum(a.id * b.id % 7 + c.id % 3) AS s FROM shop.orders a, shop.orders b, shop.orders c"


@dataclass(frozen=True)
class World:
    """A warehouse that holds `BUILD`; `change` runs statements on it as a loader would."""

    warehouse: Warehouse
    change: Callable[[str], None]

    def table(self, name: str) -> Table:
        table = self.warehouse.catalog().find(name)
        assert table is not None, f"{name} is not in the catalog"
        return table

    def query(self, sql: str, **parameters: ParameterValue) -> GuardedQuery:
        granted = Granted(self.warehouse.catalog().tables)
        return guard(sql, granted, dialect=self.warehouse.dialect, parameters=parameters)

    def run(self, sql: str, limits: Limits | None = None, **parameters: ParameterValue) -> Result:
        return self.warehouse.run(self.query(sql, **parameters), limits or Limits())

    def bind(self, sql: str, **parameters: ParameterValue) -> Bound | Unbound:
        return self.warehouse.bind(self.query(sql, **parameters))

    def version(self, name: str) -> str:
        return self.warehouse.data_versions([self.table(name)])[name]

    def profile(self, name: str, **curated: object) -> Profile:
        dataset = Dataset.model_validate({"name": name, "description": "A test.", **curated})
        return self.warehouse.profile(self.table(name), dataset, "v1")


# The catalog


def test_the_catalog_lists_tables_and_views_by_dotted_name_and_nothing_of_the_system(world: World) -> None:
    names = set(world.warehouse.catalog().tables)
    assert names - {"shop.visits"} == {"shop.orders", "shop.other", "shop.empty", "shop.odd name", "shop.french"}


def test_a_table_has_its_columns_in_order_with_nullability_and_comments(world: World) -> None:
    orders = world.table("shop.orders")
    assert [column.name for column in orders.columns] == [
        "id", "customer", "country", "amount", "ordered_on", "email",
    ]  # fmt: skip
    assert [column.nullable for column in orders.columns] == [False, True, True, True, True, True]
    assert (orders.kind, orders.comment) == ("table", "One row an order.")
    amount = orders.column("AMOUNT")
    assert amount is not None
    assert amount.comment == "In euros."


def test_a_view_has_columns_and_its_sql_and_no_row_count(world: World) -> None:
    french = world.table("shop.french")
    assert french.kind == "view"
    assert [column.name for column in french.columns] == ["id", "amount"]
    assert "shop.orders" in (french.definition or "")
    assert french.rows is None


def test_row_counts_are_in_the_catalog_where_the_engine_knows_them(world: World) -> None:
    expected = 5000 if world.warehouse.capabilities.row_counts else None
    assert world.table("shop.orders").rows == expected


def test_a_renamed_column_changes_the_fingerprint_of_its_table_alone(world: World) -> None:
    before = {name: table.fingerprint for name, table in world.warehouse.catalog().tables.items()}
    world.change("ALTER TABLE shop.other RENAME COLUMN label TO caption")
    after = {name: table.fingerprint for name, table in world.warehouse.catalog().tables.items()}
    assert {name for name in after if after[name] != before[name]} == {"shop.other"}


# Data versions


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO shop.orders SELECT * FROM shop.orders WHERE id = 7",
        "DELETE FROM shop.orders WHERE id = 4000",
        "UPDATE shop.orders SET customer = 8 WHERE id = 7",
        "UPDATE shop.orders SET country = 'DE' WHERE id = 11",
    ],
)
def test_the_data_version_changes_with_the_data_of_a_table_and_of_the_views_on_it(world: World, statement: str) -> None:
    before = {name: world.version(name) for name in ("shop.orders", "shop.french", "shop.other", "shop.empty")}
    world.change(statement)
    changed = {name for name, version in before.items() if world.version(name) != version}
    assert changed == {"shop.orders", "shop.french"}


def test_the_data_version_stays_while_nothing_changes(world: World) -> None:
    assert world.version("shop.orders") == world.version("shop.orders")
    assert world.version("shop.french") == world.version("shop.french")


def test_a_renamed_column_of_another_table_leaves_the_data_version(world: World) -> None:
    before = world.version("shop.orders"), world.version("shop.french")
    world.change("ALTER TABLE shop.other RENAME COLUMN label TO caption")
    assert (world.version("shop.orders"), world.version("shop.french")) == before


def test_a_table_that_is_gone_has_no_data_version(world: World) -> None:
    assert world.warehouse.data_versions([Table("shop.gone", ())]) == {}


# Partitions


def test_partitions_are_counted_and_ordered_as_numbers(world: World) -> None:
    if not world.warehouse.capabilities.partitions:
        pytest.skip("this engine has no partitions")
    found = world.warehouse.partitions(world.table("shop.visits"))
    assert found is not None
    assert (found.columns, found.count) == (("month",), 12)
    assert (found.first, found.last) == ("month=1", "month=12")


def test_a_plain_table_has_no_partitions(world: World) -> None:
    assert world.warehouse.partitions(world.table("shop.orders")) is None
    assert world.warehouse.partitions(world.table("shop.french")) is None


# Binding


def test_a_good_query_is_bound_to_the_names_of_its_columns(world: World) -> None:
    assert world.bind("SELECT country, count(*) AS orders FROM shop.orders GROUP BY country") == Bound(
        ("country", "orders")
    )


def test_a_query_is_bound_with_its_parameters(world: World) -> None:
    sql = "SELECT id FROM shop.orders WHERE country = :country AND ordered_on > :since"
    assert world.bind(sql, country="FR", since=date(2026, 2, 1)) == Bound(("id",))


def test_a_missing_column_is_named_with_its_place_in_the_sql(world: World) -> None:
    query = world.query("SELECT 'größer' AS word, id, totl FROM shop.orders")
    refused = world.warehouse.bind(query)
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.missing_kind) == ("totl", "column")
    assert "totl" in refused.reason
    if world.warehouse.capabilities.error_positions:
        assert refused.offset is not None
        assert query.sql[refused.offset :].lstrip('"').startswith("totl")


def test_a_missing_column_behind_an_alias_is_named_too(world: World) -> None:
    refused = world.bind("SELECT o.id FROM shop.orders AS o WHERE o.totl > 3")
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.missing_kind) == ("totl", "column")


def test_a_missing_table_is_named(world: World) -> None:
    query = guard(
        "SELECT id FROM shop.refunds",
        Granted({"shop.refunds": Table("shop.refunds", ())}),
        dialect=world.warehouse.dialect,
    )
    refused = world.warehouse.bind(query)
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.missing_kind) == ("shop.refunds", "table")


def test_a_query_that_breaks_a_rule_of_the_engine_has_its_reason_in_one_line(world: World) -> None:
    refused = world.bind("SELECT country, amount FROM shop.orders GROUP BY country")
    assert isinstance(refused, Unbound)
    assert "GROUP BY" in refused.reason
    assert "\n" not in refused.reason
    assert refused.missing is None


# Running


def test_rows_come_in_order_with_names_and_types(world: World) -> None:
    result = world.run("SELECT id, amount, ordered_on FROM shop.orders WHERE id <= :most ORDER BY id DESC", most=2)
    assert result.table.to_pylist() == [
        {"id": 2, "amount": Decimal("2.50"), "ordered_on": date(2026, 1, 3)},
        {"id": 1, "amount": Decimal("1.50"), "ordered_on": date(2026, 1, 2)},
    ]
    assert not result.truncated
    assert result.seconds > 0


def test_a_result_without_rows_keeps_its_columns(world: World) -> None:
    result = world.run("SELECT id, country FROM shop.orders WHERE id < 0")
    assert (result.table.column_names, result.table.num_rows, result.truncated) == (["id", "country"], 0, False)


@pytest.mark.parametrize(("rows", "truncated"), [(1, True), (99, True), (100, False), (5000, False)])
def test_at_most_as_many_rows_as_allowed_come_back_and_a_cut_is_said(world: World, rows: int, truncated: bool) -> None:
    result = world.run("SELECT id FROM shop.other ORDER BY id", Limits(rows=rows))
    assert result.table.column("id").to_pylist() == list(range(1, min(rows, 100) + 1))
    assert result.truncated == truncated


def test_at_most_as_many_bytes_as_allowed_come_back_and_a_cut_is_said(world: World) -> None:
    result = world.run("SELECT email FROM shop.orders ORDER BY id", Limits(rows=5000, bytes=10_000))
    assert result.truncated
    assert 0 < result.table.num_rows < 5000
    assert result.table.nbytes <= 10_000


def test_a_value_that_does_not_fit_its_column_fails_in_words(world: World) -> None:
    with pytest.raises(QueryFailed) as failed:
        world.run("SELECT CAST(email AS INTEGER) AS n FROM shop.orders")
    assert "\n" not in failed.value.message
    assert "{" not in failed.value.message
    assert failed.value.hint


def test_a_query_is_stopped_at_its_deadline_and_the_warehouse_answers_on(world: World) -> None:
    with pytest.raises(QueryTimeout) as stopped:
        world.run(ENDLESS, Limits(seconds=0.2))
    assert "0.2 seconds" in stopped.value.message
    assert stopped.value.hint
    assert world.run("SELECT count(*) AS n FROM shop.other").table.to_pylist() == [{"n": 100}]


def test_a_deadline_that_is_over_before_the_query_starts_still_stops_it(world: World) -> None:
    with pytest.raises(QueryTimeout):
        world.run(ENDLESS, Limits(seconds=0.0))


def test_a_query_that_somebody_stops_ends_soon_and_says_so(world: World) -> None:
    if not world.warehouse.capabilities.cancel:
        pytest.skip("this engine cannot cancel")
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(QueryTimeout, match="stopped before its end"):
        world.warehouse.run(world.query(ENDLESS), Limits(), stop=stop)
    assert world.run("SELECT count(*) AS n FROM shop.other").table.to_pylist() == [{"n": 100}]


def test_queries_of_other_threads_are_not_touched_by_a_deadline(world: World) -> None:
    counted: list[int] = []

    def count() -> None:
        results = [world.run("SELECT count(*) AS n FROM shop.orders") for _ in range(10)]
        counted.extend(result.table.column("n")[0].as_py() for result in results)

    others = [threading.Thread(target=count) for _ in range(3)]
    for other in others:
        other.start()
    with pytest.raises(QueryTimeout):
        world.run(ENDLESS, Limits(seconds=0.3))
    for other in others:
        other.join()
    assert counted == [5000] * 30


# Profiles


def test_a_profile_counts_rows_nulls_and_distinct_values(world: World) -> None:
    profile = world.profile("shop.orders")
    assert profile.rows == Figure(5000, "exact")
    assert profile.fingerprint == world.table("shop.orders").fingerprint
    assert (profile.dataset, profile.data_version, profile.engine) == ("shop.orders", "v1", world.warehouse.engine)
    country = profile.column("country")
    assert country is not None
    assert (country.nulls, country.distinct) == (Figure(500, "exact"), Figure(2, "exact"))
    assert (country.minimum, country.maximum) == ("DE", "FR")


def test_common_values_are_exact_and_most_frequent_first_and_complete_where_all_are_listed(world: World) -> None:
    country = world.profile("shop.orders").column("country")
    assert country is not None
    assert country.common_values == (CommonValue("DE", 3500), CommonValue("FR", 1000))
    assert (country.common_mark, country.complete) == ("exact", True)


def test_only_the_twenty_most_common_of_many_numbers_are_kept(world: World) -> None:
    customer = world.profile("shop.orders").column("customer")
    assert customer is not None
    assert customer.distinct == Figure(700, "exact")
    assert [value.rows for value in customer.common_values] == [8] * 20
    assert not customer.complete


def test_bounds_are_told_as_numbers_and_iso_dates(world: World) -> None:
    profile = world.profile("shop.orders")
    amount, ordered_on = profile.column("amount"), profile.column("ordered_on")
    assert amount is not None
    assert ordered_on is not None
    assert (amount.minimum, amount.maximum) == (0.5, 39.5)
    assert (ordered_on.minimum, ordered_on.maximum) == ("2026-01-01", "2026-03-31")
    assert datetime.fromisoformat(str(ordered_on.minimum)).year == 2026


def test_a_key_is_told_where_it_is_certain(world: World) -> None:
    assert "id" in world.profile("shop.orders").key_candidates
    assert world.profile("shop.other").key_candidates == ("id",)


def test_hidden_columns_are_not_in_a_profile(world: World) -> None:
    profile = world.profile("shop.orders", columns={"Amount": ColumnNote(hidden=True)})
    assert profile.column("amount") is None
    assert len(profile.columns) == 5


@pytest.mark.parametrize(
    ("column", "notes", "reason"),
    [
        ("country", {"country": ColumnNote(sensitive=True)}, "sensitive"),
        ("email", {}, "e-mail"),
    ],
)
def test_values_of_sensitive_and_personal_columns_are_never_told(
    world: World, column: str, notes: dict[str, ColumnNote], reason: str
) -> None:
    found = world.profile("shop.orders", columns=notes).column(column)
    assert found is not None
    assert reason in (found.withheld or "")
    assert (found.common_values, found.common_mark, found.complete) == ((), None, False)
    assert (found.minimum, found.maximum) == (None, None)
    assert found.nulls is not None


def test_values_in_too_few_rows_are_left_out_where_the_dataset_asks_for_it(world: World) -> None:
    country = world.profile("shop.orders", min_rows_per_value=1001).column("country")
    assert country is not None
    assert country.common_values == (CommonValue("DE", 3500),)
    assert not country.complete
    assert (country.minimum, country.maximum) == ("DE", None)


def test_an_empty_table_has_a_profile(world: World) -> None:
    profile = world.profile("shop.empty")
    assert profile.rows == Figure(0, "exact")
    assert [(c.nulls, c.distinct, c.minimum, c.common_values) for c in profile.columns] == [
        (Figure(0, "exact"), Figure(0, "exact"), None, ())
    ] * 2
    assert profile.key_candidates == ()


def test_odd_names_and_columns_of_nulls_are_profiled(world: World) -> None:
    profile = world.profile("shop.odd name")
    keyword, blank, quoted = profile.columns
    assert (keyword.name, keyword.distinct) == ("select", Figure(2, "exact"))
    assert blank.common_values == (CommonValue("x", 2), CommonValue("y", 1))
    assert (quoted.name, quoted.nulls, quoted.distinct) == ('Größe"', Figure(3, "exact"), Figure(0, "exact"))
    assert (quoted.minimum, quoted.maximum) == (None, None)


def test_a_view_is_profiled_like_a_table(world: World) -> None:
    profile = world.profile("shop.french")
    assert profile.rows == Figure(1000, "exact")
    amount = profile.column("amount")
    assert amount is not None
    assert amount.distinct == Figure(8, "exact")
    assert sum(value.rows for value in amount.common_values) == 1000


def test_a_table_that_is_gone_cannot_be_profiled(world: World) -> None:
    dataset = Dataset(name="shop.orderz", description="A test.")
    with pytest.raises(WarehouseError) as gone:
        world.warehouse.profile(Table("shop.orderz", ()), dataset, "v1")
    assert "shop.orders" in gone.value.hint
