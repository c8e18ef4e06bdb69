"""Names, types, parameters, partitions, views and profiles as PostgreSQL has them."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, time
from decimal import Decimal
from time import monotonic

import pyarrow as pa
import pytest

from tests.vedder_core.warehouse.contract import World
from tests.vedder_core.warehouse.postgres_worlds import Database, database
from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.errors import QueryFailed
from vedder_core.profile import CommonValue, Figure, Partitions
from vedder_core.warehouse.postgres_opening import read_url
from vedder_core.warehouse.postgres_profile import profile_table
from vedder_core.warehouse.postgres_session import Session, Until
from vedder_core.warehouse.postgres_tables import find_table
from vedder_core.warehouse.warehouse import Bound, Limits, Unbound, open_warehouse

BUILD = (
    "CREATE SCHEMA shop",
    "CREATE TYPE shop.mood AS ENUM ('good', 'bad')",
    "CREATE TABLE shop.orders (id integer PRIMARY KEY, amount numeric(10, 2), ordered_on date, mood shop.mood)",
    "INSERT INTO shop.orders SELECT n, n / 2.0, DATE '2026-01-01' + n % 90, 'bad' FROM generate_series(1, 1000) r (n)",
)


@pytest.fixture
def own(postgres_server: str) -> Iterator[Database]:
    with database(postgres_server) as made:
        made.change(*BUILD)
        yield made


@pytest.fixture
def world(own: Database) -> Iterator[World]:
    with open_warehouse(own.url()) as warehouse:
        yield World(warehouse, own.change)


def value(world: World, sql: str) -> object:
    """The one value of a table of one column, whatever its type."""
    world.change(f"CREATE TABLE shop.one AS SELECT {sql} AS v")
    return world.run("SELECT v FROM shop.one").table.column("v")[0].as_py()


# Types


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("1.50::numeric(9, 2)", Decimal("1.50")),
        ("12345678901234567890.123::numeric", Decimal("12345678901234567890.123")),
        ("'NaN'::numeric", "NaN"),
        ("1e60::numeric + 0.5", Decimal(f"1{60 * '0'}.5")),
        ("9223372036854775807::bigint", 2**63 - 1),
        ("0.1::float8", 0.1),
        ("'-Infinity'::float8", float("-inf")),
        ("TIMESTAMPTZ '2026-01-01 12:00:00+02'", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("TIMESTAMP '2026-01-01 12:00:00.123456'", datetime(2026, 1, 1, 12, 0, 0, 123456)),  # noqa: DTZ001
        ("DATE '2026-02-28'", date(2026, 2, 28)),
        ("'infinity'::date", "infinity"),
        ("DATE '0044-03-15 BC'", "0044-03-15 BC"),
        ("TIME '23:59:59.5'", time(23, 59, 59, 500000)),
        ("INTERVAL '1 year 2 months 3 days -04:05:06.7'", pa.MonthDayNano([14, 3, -14706700000000])),
        ("ARRAY[1, NULL, 3]", [1, None, 3]),
        ("ARRAY['a,b', 'c\"d', NULL]::text[]", ["a,b", 'c"d', None]),
        ("ARRAY[[1, 2], [3, 4]]", "{{1,2},{3,4}}"),
        ("ARRAY[DATE '2026-01-01']", [date(2026, 1, 1)]),
        ("""'{"b": 1, "a": [null]}'::jsonb""", '{"a": [null], "b": 1}'),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        (r"'\x00ff'::bytea", b"\x00\xff"),
        ("'bad'::shop.mood", "bad"),
        ("true", True),
        ("'größer'::varchar(10)", "größer"),
        ("'10.0.0.0/8'::inet", "10.0.0.0/8"),
        ("ROW(1, 'x')::text", "(1,x)"),
        ("NULL::numeric", None),
    ],
)
def test_a_value_comes_as_what_it_is_and_never_as_another(world: World, sql: str, expected: object) -> None:
    assert value(world, sql) == expected


def test_settings_of_the_server_or_the_role_change_no_value(world: World) -> None:
    world.change(
        "CREATE TABLE shop.t AS SELECT TIMESTAMPTZ '2026-07-01 00:00:00+00' AS at, 1.0::float8 / 3 AS third, "
        "INTERVAL '1 day' AS day",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET TimeZone = ''Asia/Tokyo'''; "
        "EXECUTE 'ALTER DATABASE ' || current_database() || ' SET DateStyle = ''German'''; "
        "EXECUTE 'ALTER DATABASE ' || current_database() || ' SET extra_float_digits = 0'; "
        "EXECUTE 'ALTER DATABASE ' || current_database() || ' SET IntervalStyle = ''sql_standard'''; END $$",
    )
    world.warehouse.close()
    row = world.run("SELECT at, third, day FROM shop.t").table.to_pylist()[0]
    assert row["at"] == datetime(2026, 7, 1, tzinfo=UTC)
    assert row["third"] == 1 / 3
    assert row["day"] == pa.MonthDayNano([0, 1, 0])


# Names


def test_mixed_case_and_odd_names_are_found_as_they_are_spelled(world: World) -> None:
    world.change(
        'CREATE SCHEMA "Sales 2026"',
        'CREATE TABLE "Sales 2026"."Müller%s" ("Id" integer, "50%" integer, "a""b" text)',
        """INSERT INTO "Sales 2026"."Müller%s" VALUES (1, 50, 'x')""",
    )
    table = world.table("Sales 2026.Müller%s")
    assert [column.name for column in table.columns] == ["Id", "50%", 'a"b']
    sql = 'SELECT "Id", "50%", "a""b" FROM "Sales 2026"."Müller%s" WHERE "50%" = :n'
    assert world.run(sql, n=50).table.to_pylist() == [{"Id": 1, "50%": 50, 'a"b': "x"}]
    assert world.profile("Sales 2026.Müller%s").rows == Figure(1, "exact")
    assert world.version("Sales 2026.Müller%s")


def test_a_missing_column_is_placed_behind_parameters_as_in_the_sql(world: World) -> None:
    query = world.query("SELECT id % 7 AS m, '%(x)s' AS t FROM shop.orders WHERE id > :low AND o.totl < :high".replace(
        "shop.orders", "shop.orders AS o"), low=1, high=2)  # fmt: skip
    refused = world.warehouse.bind(query)
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.missing_kind) == ("totl", "column")
    assert refused.offset is not None
    assert query.sql[refused.offset :].startswith("totl")


def test_a_fault_of_types_is_told_by_its_types(world: World) -> None:
    refused = world.bind("SELECT id FROM shop.orders WHERE ordered_on > 3")
    assert isinstance(refused, Unbound)
    assert "date > integer" in refused.reason
    assert refused.offset is not None


# Parameters


@pytest.mark.parametrize(
    ("condition", "given"),
    [
        ("ordered_on = :v", "2026-01-02"),
        ("ordered_on = :v", date(2026, 1, 2)),
        ("amount > :v", 0.1),
        ("id < :v", 2**40),
        ("mood = :v", "bad"),
        ("(:v IS NULL OR id = 1)", None),
        ("CAST(:v AS date) < ordered_on", "2025-01-01"),
        ("id = :v OR amount = :v", 3),
        ("(id > 1) = :v", True),
        ("coalesce(:v, 'x') = 'a''b % c'", "a'b % c"),
    ],
)
def test_parameters_have_the_meaning_of_the_same_words_in_the_sql(world: World, condition: str, given: object) -> None:
    sql = f"SELECT id FROM shop.orders WHERE {condition}"
    assert world.bind(sql, v=given) == Bound(("id",))  # type: ignore[arg-type]
    assert world.run(sql, v=given).table.num_rows > 0  # type: ignore[arg-type]


def test_a_parameter_that_does_not_fit_fails_in_words_without_its_value(world: World) -> None:
    with pytest.raises(QueryFailed) as failed:
        world.run("SELECT id FROM shop.orders WHERE ordered_on = :v", v="CANARY")
    assert "CANARY" not in str(failed.value)
    assert "converted" in failed.value.message


def test_an_error_tells_no_value_of_the_data(world: World) -> None:
    world.change("CREATE TABLE shop.secrets AS SELECT 'CANARY' AS s")
    with pytest.raises(QueryFailed) as failed:
        world.run("SELECT CAST(s AS integer) AS n FROM shop.secrets")
    assert "CANARY" not in str(failed.value)
    with pytest.raises(QueryFailed, match="divides by zero"):
        world.run("SELECT 1 / (id - id) AS n FROM shop.orders")


def test_rows_are_cut_where_the_limits_are(world: World) -> None:
    wide = world.run("SELECT repeat('x', 1000) AS w FROM shop.orders", Limits(rows=1000, bytes=50_000))
    assert 0 < wide.table.nbytes <= 50_000
    assert wide.truncated
    many = world.run("SELECT a.id FROM shop.orders a CROSS JOIN shop.orders b", Limits(rows=700))
    assert (many.table.num_rows, many.truncated) == (700, True)
    giant = world.run("SELECT string_agg(repeat('x', 9999), '') AS x FROM shop.orders", Limits(bytes=1000))
    assert (giant.table.column_names, giant.table.num_rows, giant.truncated) == (["x"], 0, True)


# The catalog


def test_partitions_and_what_extensions_bring_are_no_tables_of_their_own(world: World) -> None:
    world.change(
        "CREATE TABLE shop.days (day date NOT NULL, n integer) PARTITION BY RANGE (day)",
        "CREATE TABLE shop.days_1 PARTITION OF shop.days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        "CREATE TABLE shop.days_2 PARTITION OF shop.days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
        "CREATE TABLE shop.days_rest PARTITION OF shop.days DEFAULT",
        "CREATE MATERIALIZED VIEW shop.sums AS SELECT mood, sum(amount) AS total FROM shop.orders GROUP BY mood",
        "COMMENT ON MATERIALIZED VIEW shop.sums IS 'Two\nlines, \"quoted\".'",
        "CREATE FUNCTION shop.twice(n integer) RETURNS integer LANGUAGE sql RETURN n * 2",
    )
    catalog = world.warehouse.catalog()
    assert set(catalog.tables) == {"shop.orders", "shop.days", "shop.sums"}
    assert catalog.tables["shop.sums"].kind == "view"
    assert catalog.tables["shop.sums"].comment == 'Two\nlines, "quoted".'
    assert catalog.tables["shop.orders"].columns[3].type == "shop.mood"
    assert catalog.routines["shop.twice"].signatures == ("n integer",)
    assert world.warehouse.partitions(catalog.tables["shop.days"]) == Partitions(
        ("day",), "range", 3, "day=2026-01-01..2026-02-01", "day=2026-02-01..2026-03-01"
    )


def test_partitions_by_several_columns_or_an_expression_are_told(world: World) -> None:
    world.change(
        "CREATE TABLE shop.pairs (a integer, b text) PARTITION BY RANGE (a, b)",
        "CREATE TABLE shop.pairs_1 PARTITION OF shop.pairs FOR VALUES FROM (MINVALUE, MINVALUE) TO (9, 'it''s')",
        "CREATE TABLE shop.pairs_2 PARTITION OF shop.pairs FOR VALUES FROM (10, 'a, b') TO (100, MAXVALUE)",
        "CREATE TABLE shop.hashed (a integer) PARTITION BY HASH (a)",
        "CREATE TABLE shop.hashed_1 PARTITION OF shop.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
        "CREATE TABLE shop.months (at timestamp) PARTITION BY LIST (date_trunc('month', at))",
    )
    pairs = world.warehouse.partitions(world.table("shop.pairs"))
    assert pairs is not None
    assert (pairs.first, pairs.last) == ("a=MINVALUE..9/b=MINVALUE..it's", "a=10..100/b=a, b..MAXVALUE")
    assert world.warehouse.partitions(world.table("shop.hashed")) == Partitions(("a",), "hash", 1)
    months = world.warehouse.partitions(world.table("shop.months"))
    assert months is not None
    assert (months.columns, months.count) == (("date_trunc('month'::text, at)",), 0)


# Data versions


def test_the_data_version_of_a_view_over_views_changes_with_the_table_below(world: World) -> None:
    world.change("CREATE VIEW shop.a AS SELECT id FROM shop.orders", "CREATE VIEW shop.b AS SELECT id FROM shop.a")
    before = world.version("shop.b")
    assert world.version("shop.b") == before
    world.change("UPDATE shop.orders SET amount = 0 WHERE id = 1")
    assert world.version("shop.b") != before


def test_a_materialized_view_changes_when_it_is_refreshed(world: World) -> None:
    world.change("CREATE MATERIALIZED VIEW shop.sums AS SELECT sum(amount) AS total FROM shop.orders")
    before = world.version("shop.sums")
    world.change("DELETE FROM shop.orders WHERE id = 1")
    assert world.version("shop.sums") == before
    world.change("REFRESH MATERIALIZED VIEW shop.sums")
    assert world.version("shop.sums") != before


def test_a_table_too_large_to_be_scanned_is_marked_by_the_servers_counters(world: World) -> None:
    world.change("CREATE TABLE shop.large AS SELECT n, repeat('x', 500) AS x FROM generate_series(1, 10000) r (n)")
    before = world.version("shop.large")
    assert world.version("shop.large") == before
    world.change("UPDATE shop.large SET n = 0 WHERE n = 7")
    assert world.version("shop.large") != before


def test_a_view_that_calls_a_function_that_may_read_counts_as_changed(world: World) -> None:
    world.change(
        "CREATE FUNCTION shop.most() RETURNS integer STABLE LANGUAGE sql AS 'SELECT max(id) FROM shop.orders'",
        "CREATE VIEW shop.top AS SELECT shop.most() AS id",
    )
    assert world.version("shop.top") != world.version("shop.top")


# Profiles


def test_a_key_is_known_from_its_index(world: World) -> None:
    assert world.profile("shop.orders").key_candidates == ("id",)


def test_enums_uuids_and_flags_are_profiled_and_json_is_not_read(world: World) -> None:
    world.change(
        "CREATE TABLE shop.kinds AS SELECT 'good'::shop.mood AS mood, gen_random_uuid() AS u, n % 2 = 0 AS even, "
        "'{\"a\": 1}'::json AS j, 'NaN'::numeric AS x, INTERVAL '1 day' AS i FROM generate_series(1, 20) r (n)"
    )
    profile = world.profile("shop.kinds")
    mood, uuid, even, json, number, interval = profile.columns
    assert mood.common_values == (CommonValue("good", 20),)
    assert uuid.distinct == Figure(20, "exact")
    assert (even.minimum, even.maximum) == (False, True)
    assert even.common_values == (CommonValue("false", 10), CommonValue("true", 10))
    assert (json.nulls, json.distinct, json.common_values) == (Figure(0, "exact"), None, ())
    assert number.maximum == "NaN"
    assert interval.distinct is None


def test_partitions_by_a_sensitive_column_are_counted_without_values(world: World) -> None:
    world.change(
        "CREATE TABLE shop.by_name (clinic text, n integer) PARTITION BY LIST (clinic)",
        "CREATE TABLE shop.by_name_1 PARTITION OF shop.by_name FOR VALUES IN ('CANARY')",
    )
    told = world.profile("shop.by_name", columns={"clinic": ColumnNote(sensitive=True)})
    assert told.partitions == Partitions(("clinic",), "list", 1)
    assert world.profile("shop.by_name", columns={"clinic": ColumnNote(hidden=True)}).partitions is None


def test_a_sample_of_a_longer_table_counts_what_it_can_exactly(world: World) -> None:
    world.change(
        "CREATE TABLE shop.long AS SELECT n AS id, n % 5 AS few, n % 30000 AS many, 'word ' || n % 4 AS word "
        "FROM generate_series(1, 60000) r (n)",
        "ANALYZE shop.long",
    )
    profile = world.profile("shop.long")
    key, few, many, word = profile.columns
    assert profile.rows == Figure(60000, "exact")
    assert (key.distinct, profile.key_candidates) == (Figure(60000, "exact"), ("id",))
    assert (few.common_values[0], few.common_mark, few.complete) == (CommonValue("0", 12000), "exact", True)
    assert many.distinct == Figure(30000, "exact")
    assert [value.rows for value in word.common_values] == [15000] * 4


def test_a_table_too_long_to_be_scanned_has_marked_figures(world: World, own: Database) -> None:
    world.change(
        "CREATE TABLE shop.long AS SELECT n AS id, n % 5 AS few, CASE WHEN n % 2 = 0 THEN 'y' END AS half "
        "FROM generate_series(1, 60000) r (n)",
        "ALTER TABLE shop.long ADD PRIMARY KEY (id)",
        "ANALYZE shop.long",
    )
    dataset, table = Dataset(name="shop.long", description="A test."), world.table("shop.long")
    session = Session(read_url(own.url()))
    with closing(session), session.transaction(Until(30.0, monotonic())):
        found = find_table(session.connection, "shop.long", ())
        profile = profile_table(session.connection, found, table, dataset, "v1", whole_rows=1000)
    key, few, half = profile.columns
    assert profile.rows.mark == "approximate"
    assert (key.minimum, key.maximum) == (1, 60000)
    assert profile.key_candidates == ("id",)
    assert (few.distinct, few.common_mark) == (Figure(5, "approximate"), "sampled")
    assert (few.minimum, few.maximum) == (None, None)
    assert half.nulls is not None
    assert half.nulls.mark == "approximate"
    assert not half.complete
