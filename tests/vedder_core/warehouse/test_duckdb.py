"""DuckDB keeps the contract of all engines, and its own promises: walls, files behind views, a replaced file."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.vedder_core.warehouse.contract import *  # noqa: F403 - the tests of the contract are collected here
from tests.vedder_core.warehouse.contract import BUILD, ENDLESS, World
from vedder_core.cluster import Dataset
from vedder_core.errors import QueryFailed, QueryTimeout, SettingsError, WarehouseError
from vedder_core.profile import Figure, Partitions, Profile
from vedder_core.warehouse.duckdb import DuckDBWarehouse, open_duckdb
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.duckdb_query import bind
from vedder_core.warehouse.warehouse import Bound, Limits, Unbound, open_warehouse

VISITS = """
COPY (SELECT n % 12 + 1 AS month, n AS visit FROM generate_series(1, 3000) AS numbers(n))
TO '{folder}' (FORMAT parquet, PARTITION_BY (month));
CREATE VIEW shop.visits AS SELECT * FROM read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    file = tmp_path / "warehouse.duckdb"
    change(file, ";".join(BUILD), VISITS.format(folder=tmp_path / "visits"))
    with open_warehouse(f"duckdb:///{file}?files={tmp_path / 'visits'}") as warehouse:
        yield World(warehouse, lambda statement: change(file, statement))


def change(file: Path, *statements: str) -> None:
    """Change a copy, and put it in the place of the file, as a loader does."""
    copy = file.with_name("next.duckdb")
    if file.exists():
        shutil.copy(file, copy)
    with duckdb.connect(copy) as connection:
        for statement in statements:
            connection.execute(statement)
    copy.replace(file)


def opened(file: Path, *statements: str, folders: tuple[Path, ...] = ()) -> World:
    change(file, *statements)
    return World(DuckDBWarehouse(file, Walls(folders)), lambda statement: change(file, statement))


# Opening


def test_three_slashes_are_a_path_from_here_and_four_one_from_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(tmp_path / "a file.duckdb", "CREATE TABLE t AS SELECT 1 AS a")
    monkeypatch.chdir(tmp_path)
    for url in ("duckdb:///a%20file.duckdb", f"duckdb:///{tmp_path}/a%20file.duckdb"):
        with open_duckdb(url) as warehouse:
            assert set(warehouse.catalog().tables) == {"main.t"}


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("duckdb://build/nyc.duckdb", "Three slashes"),
        ("duckdb:///", "Three slashes"),
        ("duckdb:///a.duckdb?file=x", "`files`"),
        ("duckdb:///a.duckdb?threads=many", "whole number"),
        ("duckdb:///a.duckdb?workers=-1", "whole number"),
        ("duckdb:///a.duckdb?memory=much", "2GB"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_what_was_meant(url: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        open_duckdb(url)
    assert told in refused.value.hint


def test_a_missing_file_is_named_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError) as missing:
        open_duckdb(f"duckdb:///{tmp_path}/none.duckdb").catalog()
    assert "none.duckdb" in missing.value.message
    assert "make demo" in missing.value.hint


def test_a_file_that_is_no_duckdb_file_is_named_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "text.duckdb").write_text("this is no database, and it is long enough to be read as one\n" * 200)
    with pytest.raises(WarehouseError) as refused:
        open_duckdb(f"duckdb:///{tmp_path}/text.duckdb").catalog()
    assert "text.duckdb" in refused.value.message


def test_a_schema_with_the_name_of_the_file_is_no_trap(tmp_path: Path) -> None:
    world = opened(tmp_path / "nyc.duckdb", "ATTACH ':memory:' AS spare; CREATE SCHEMA next.nyc",
                   "CREATE TABLE next.nyc.flights AS SELECT 1 AS id")  # fmt: skip
    assert world.run("SELECT id FROM nyc.flights").table.to_pylist() == [{"id": 1}]
    assert world.profile("nyc.flights").rows == Figure(1, "exact")


def test_connections_can_come_from_dagsters_own_resource(tmp_path: Path) -> None:
    dagster_duckdb = pytest.importorskip("dagster_duckdb", reason="the pipelines are not installed")
    file = tmp_path / "a.duckdb"
    change(file, "CREATE TABLE t AS SELECT 1 AS a")
    resource = dagster_duckdb.DuckDBResource(database=":memory:")
    with open_duckdb(f"duckdb:///{file}", connect=resource.get_connection) as warehouse:
        assert warehouse.catalog().find("main.t") is not None


# Walls


def test_views_read_files_inside_of_the_named_folders_and_no_others(tmp_path: Path) -> None:
    for folder in ("inside", "outside"):
        (tmp_path / folder).mkdir()
        duckdb.sql(f"COPY (SELECT 42 AS answer) TO '{tmp_path / folder}/data.parquet'")
    world = opened(
        tmp_path / "a.duckdb",
        f"CREATE VIEW allowed AS SELECT * FROM '{tmp_path}/inside/*.parquet'",
        f"CREATE VIEW walled AS SELECT * FROM '{tmp_path}/outside/*.parquet'",
        f"CREATE VIEW around AS SELECT * FROM '{tmp_path}/inside/../outside/data.parquet'",
        folders=(tmp_path / "inside",),
    )
    assert world.run("SELECT answer FROM main.allowed").table.to_pylist() == [{"answer": 42}]
    for view in ("main.walled", "main.around"):
        with pytest.raises(QueryFailed, match="outside of the folders"):
            world.run(f"SELECT answer FROM {view}")
        assert isinstance(world.bind(f"SELECT answer FROM {view}"), Unbound)
        with pytest.raises(WarehouseError, match="cannot be profiled") as refused:
            world.profile(view)
        assert str(tmp_path) not in str(refused.value)
        assert world.warehouse.partitions(world.table(view)) is None
        assert world.version(view) == world.version(view)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_text('{folder}/secret.txt')",
        "SELECT * FROM '{folder}/secret.txt'",
        "SELECT * FROM read_csv('{folder}/secret.txt')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET lock_configuration",
        "SET GLOBAL memory_limit = '100GB'",
        "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
        "CREATE TABLE t2 AS SELECT 1",
        "CREATE TABLE memory.main.t2 AS SELECT 1",
        "INSERT INTO t VALUES (2)",
        "DROP TABLE t",
        "SELECT * FROM frame",
    ],
)
def test_behind_the_walls_nothing_is_read_written_loaded_or_set(tmp_path: Path, statement: str) -> None:
    """What the guard would never let through is stopped by the engine as well: asked on the bare cursor."""
    frame = duckdb.sql("SELECT 1 AS python_object").to_arrow_table()
    assert frame.num_rows == 1
    (tmp_path / "secret.txt").write_text("secret")
    world = opened(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT 1 AS a")
    before = sorted(tmp_path.iterdir())
    assert isinstance(world.warehouse, DuckDBWarehouse)
    with world.warehouse._file.use() as (cursor, _), pytest.raises(duckdb.Error):
        cursor.execute(statement.format(folder=tmp_path)).fetchall()
    assert sorted(tmp_path.iterdir()) == before


# Queries that fail


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("CAST(word AS INTEGER)", "cannot be converted"),
        ("CAST(word AS DATE)", "cannot be converted"),
        ("CAST(word AS DECIMAL(3, 1))", "cannot be converted"),
        ("large + 1", "beyond the range"),
        ("CAST(CASE WHEN n = 39999 THEN word ELSE '1' END AS INTEGER)", "cannot be converted"),
        ("strptime(word, '%Y')", "broke the query off"),
    ],
)
def test_a_query_that_fails_is_told_in_words_that_hold_no_value_of_the_data(
    tmp_path: Path, asked: str, told: str
) -> None:
    world = opened(
        tmp_path / "a.duckdb",
        "CREATE TABLE t AS SELECT n, 'bob@secret.com' AS word, 9223372036854775807 AS large FROM range(40000) r(n)",
    )
    with pytest.raises(QueryFailed) as failed:
        world.run(f"SELECT {asked} AS x FROM main.t", Limits(rows=100_000))
    shown = str(failed.value)
    assert told in shown
    assert not any(value in shown for value in ("bob", "secret", "9223372036854775807"))
    assert any(value in str(failed.value.__cause__) for value in ("bob@secret.com", "9223372036854775807"))


def test_a_query_that_needs_too_much_memory_says_so(tmp_path: Path) -> None:
    change(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT n FROM range(3000000) r(n)")
    with DuckDBWarehouse(tmp_path / "a.duckdb", Walls(memory="20MB")) as warehouse:
        world = World(warehouse, lambda _: None)
        with pytest.raises(QueryFailed, match="more memory"):
            world.run("SELECT array_agg(CAST(n AS TEXT) ORDER BY n DESC) AS x FROM main.t")


# A file that is replaced


def test_a_replaced_file_is_seen_at_the_next_use(tmp_path: Path) -> None:
    world = opened(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT 1 AS a")
    assert world.run("SELECT a FROM main.t").table.to_pylist() == [{"a": 1}]
    world.change("UPDATE t SET a = 2; CREATE TABLE u AS SELECT 1 AS b")
    assert world.run("SELECT a FROM main.t").table.to_pylist() == [{"a": 2}]
    assert set(world.warehouse.catalog().tables) == {"main.t", "main.u"}


def test_a_query_that_runs_while_the_file_is_replaced_ends_on_the_old_one_and_that_is_then_closed(
    world: World,
) -> None:
    ended: list[str] = []

    def run() -> None:
        with pytest.raises(QueryTimeout) as stopped:
            world.run(ENDLESS, Limits(seconds=1.0))
        ended.append(stopped.value.message)

    assert isinstance(world.warehouse, DuckDBWarehouse)
    with world.warehouse._file.use() as (_, held):
        running = threading.Thread(target=run)
        running.start()
        world.change("DELETE FROM shop.other")
        assert world.run("SELECT count(*) AS n FROM shop.other").table.to_pylist() == [{"n": 0}]
        assert held.connection.execute("SELECT count(*) FROM shop.other").fetchall() == [(100,)]
        running.join()
    assert len(ended) == 1
    with pytest.raises(duckdb.ConnectionException):
        held.connection.execute("SELECT 1")


def test_a_closed_warehouse_opens_again_at_its_next_use(world: World) -> None:
    world.warehouse.close()
    assert world.run("SELECT count(*) AS n FROM shop.other").table.to_pylist() == [{"n": 100}]


def test_the_same_listing_serves_until_the_file_changes(world: World) -> None:
    assert world.warehouse.catalog() is world.warehouse.catalog()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT ['EWR', 'JFK', 'LGA'][n % 3 + 1] AS t, n AS b",
         "SELECT ['EWR', 'KFK', 'LGA'][n % 3 + 1] AS t, n AS b"),
        ("SELECT n // 2 AS a, ['a', 'x', 'y', 'b'][n // 2 % 4 + 1] AS t",
         "SELECT n // 2 AS a, ['a', 'y', 'x', 'b'][n // 2 % 4 + 1] AS t"),
        ("SELECT n AS t, ['a', 'b'][n % 2 + 1] AS b", "SELECT n AS t, ['b', 'a'][n % 2 + 1] AS b"),
        ("SELECT [n % 3, 7, 9] AS t, {'a': n % 5} AS s", "SELECT [n % 3, 8, 9] AS t, {'a': n % 5} AS s"),
    ],
)  # fmt: skip
def test_a_file_that_was_built_anew_with_other_values_has_another_data_version(
    tmp_path: Path, before: str, after: str
) -> None:
    """Of the same layout, bounds and number of rows, with rows that come twice, and a column named like its table."""
    seen = []
    for number, select in enumerate((before, after, after)):
        file = tmp_path / f"{number}" / "a.duckdb"
        file.parent.mkdir()
        seen.append(opened(file, f"CREATE TABLE t AS {select} FROM range(5000) r(n)").version("main.t"))
    first, changed, same = seen
    assert first != changed
    assert changed == same


def test_a_table_of_any_types_has_a_data_version(tmp_path: Path) -> None:
    world = opened(
        tmp_path / "a.duckdb",
        "CREATE TABLE t AS SELECT [1] AS l, {'a': 1} AS s, MAP {'k': 1} AS m, 'x'::BLOB AS b, '101'::BIT AS i,"
        " '{}'::JSON AS j, [1, 2]::INTEGER[2] AS a, 3::VARIANT AS v, INTERVAL 1 DAY AS d, NULL::UNION(n INTEGER) AS u",
        "CREATE TABLE nothing (a INTEGER)",
    )
    assert world.version("main.t") == world.version("main.t")
    assert world.version("main.nothing")


# Files behind views


def test_the_data_version_of_a_parquet_view_follows_its_files(world: World, tmp_path: Path) -> None:
    before, orders = world.version("shop.visits"), world.version("shop.orders")
    duckdb.sql(f"COPY (SELECT 1 AS visit) TO '{tmp_path}/visits/month=3/more.parquet'")
    with_more = world.version("shop.visits")
    assert with_more != before
    (tmp_path / "visits/month=3/more.parquet").unlink()
    assert world.version("shop.visits") == before
    assert world.version("shop.orders") == orders


def test_a_view_that_reads_what_is_not_known_counts_as_changed_each_time(tmp_path: Path) -> None:
    world = opened(
        tmp_path / "a.duckdb",
        "CREATE MACRO anything() AS TABLE SELECT random() AS r",
        "CREATE VIEW dice AS SELECT * FROM anything()",
        "CREATE VIEW numbers AS SELECT * FROM range(3)",
    )
    assert world.version("main.dice") != world.version("main.dice")
    assert world.version("main.numbers") == world.version("main.numbers")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("SELECT * FROM shop.visits", True),
        ("SELECT month, visit AS v FROM shop.visits", True),
        ("SELECT visit FROM shop.visits", False),
        ("SELECT month + 1 AS month, visit FROM shop.visits", False),
        ("SELECT * EXCLUDE (month), 3 AS month FROM shop.visits", False),
        ("SELECT * FROM shop.visits WHERE month < 4", False),
        ("SELECT DISTINCT month FROM shop.visits", False),
        ("SELECT v.month FROM shop.visits v JOIN shop.other o ON v.visit = o.id", False),
        ("SELECT * FROM shop.visits LIMIT 5", False),
    ],
)
def test_a_view_passes_partitions_on_only_where_it_is_a_plain_window_on_them(
    world: World, view: str, expected: bool
) -> None:
    world.change(f"CREATE VIEW shop.above AS {view}")
    found = world.warehouse.partitions(world.table("shop.above"))
    assert (found is not None) == expected


def test_partitions_of_several_columns_are_told_with_the_first_and_the_last(tmp_path: Path) -> None:
    folder = tmp_path / "parts"
    world = opened(
        tmp_path / "a.duckdb",
        f"COPY (SELECT 2024 + n // 12 AS year, n % 12 + 1 AS month, n FROM range(20) t(n)) "
        f"TO '{folder}' (FORMAT parquet, PARTITION_BY (year, month))",
        f"CREATE VIEW parts AS SELECT * FROM read_parquet('{folder}/**/*.parquet')",
        f"CREATE VIEW flat AS SELECT * FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = false)",
        folders=(folder,),
    )
    expected = Partitions(("year", "month"), "hive", 20, "year=2024/month=1", "year=2025/month=8")
    assert world.warehouse.partitions(world.table("main.parts")) == expected
    assert world.warehouse.partitions(world.table("main.flat")) is None


def test_a_parquet_view_is_profiled_with_its_files_and_partitions(world: World) -> None:
    profile = world.profile("shop.visits")
    assert profile.rows == Figure(3000, "exact")
    assert profile.partitions == Partitions(("month",), "hive", 12, "month=1", "month=12")
    assert (profile.bytes or 0) > 1000
    assert profile.modified_at is not None
    month = profile.column("month")
    assert month is not None
    assert (month.distinct, month.complete) == (Figure(12, "exact"), True)
    assert profile.key_candidates == ("visit",)


def test_a_broken_view_is_listed_and_binding_says_what_is_gone_without_a_place_in_the_query(tmp_path: Path) -> None:
    world = opened(tmp_path / "a.duckdb", "CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT a FROM t")
    world.change("ALTER TABLE t RENAME COLUMN a TO b")
    assert "main.v" in world.warehouse.catalog().tables
    refused = world.bind("SELECT a FROM main.v")
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.offset) == ("a", None)
    with pytest.raises(WarehouseError, match=r"main\.v"):
        world.profile("main.v")


def test_a_function_that_does_not_exist_is_named(world: World) -> None:
    assert isinstance(world.warehouse, DuckDBWarehouse)
    with world.warehouse._file.use() as (cursor, _):  # past the guard, which knows the engine's functions
        refused = bind(cursor, Asked("SELECT soundex(country) AS e FROM shop.orders", frozenset(), {}))
    assert isinstance(refused, Unbound)
    assert (refused.missing, refused.missing_kind) == ("soundex", "function")


def test_a_parameter_without_a_value_does_not_bind(world: World) -> None:
    query = world.query("SELECT id FROM shop.orders WHERE country = :country", country="FR")
    assert world.warehouse.bind(query) == Bound(("id",))


# Profiles


def profile_of(tmp_path: Path, sql: str, **curated: object) -> Profile:
    return opened(tmp_path / "a.duckdb", f"CREATE TABLE t AS {sql}").profile("main.t", **curated)


def test_long_tables_have_sketches_marked_approximate_and_samples_never_scaled_up(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path,
        "SELECT n AS id, n * 7919 % 60000 AS spread,"
        " CASE WHEN n % 4 = 0 THEN 'often' ELSE 'v' || (n * 31 % 40000) END AS word"
        " FROM range(200000) t(n)",
    )
    key, spread, word = profile.columns
    assert (key.distinct, profile.key_candidates) == (Figure(200_000, "exact"), ("id",))
    assert spread.distinct is not None
    assert spread.distinct.mark == "approximate"
    assert spread.distinct.value == pytest.approx(60_000, rel=0.15)
    assert (spread.minimum, spread.maximum) == (0, 59_999)
    assert word.common_mark == "sampled"
    assert word.common_values[0].value == "often"
    assert word.common_values[0].rows < 50_000 / 2
    assert not word.complete


def test_a_count_of_up_to_two_thousand_values_is_exact_and_texts_are_kept_in_full(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, "SELECT 'v' || n % 2000 AS word, n % 2000 AS number FROM range(100000) t(n)")
    word, number = profile.columns
    assert (word.distinct, number.distinct) == (Figure(2000, "exact"), Figure(2000, "exact"))
    assert (len(word.common_values), word.complete) == (2000, True)
    assert (len(number.common_values), number.complete) == (20, False)


@pytest.mark.parametrize("stored", ["TABLE", "VIEW"])
def test_up_to_sixty_four_values_of_any_type_are_kept_in_full(tmp_path: Path, stored: str) -> None:
    sql = (
        "SELECT n % 24 AS hour, DATE '2026-01-01' + (n % 64)::INTEGER AS day, n % 65 AS many FROM range(40000) t(n)"
        " WHERE n % 24 < 20 OR n < 200"
    )
    hour, day, many = opened(tmp_path / "a.duckdb", f"CREATE {stored} t AS {sql}").profile("main.t").columns
    assert {value.value for value in hour.common_values} == {str(n) for n in range(24)}
    assert [(len(c.common_values), c.complete) for c in (hour, day, many)] == [(24, True), (64, True), (20, False)]


def test_prose_in_a_long_table_is_not_read_through_and_says_so(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path, "SELECT 'the order number ' || n || ' came late again' AS remark FROM range(200000) t(n)"
    )
    remark = profile.columns[0]
    assert remark.distinct is not None
    assert remark.distinct.mark == "sampled"
    assert remark.distinct.value < 20_000
    assert (remark.common_values, remark.minimum) == ((), None)
    assert remark.nulls == Figure(0, "exact")
    assert profile.key_candidates == ()


def test_the_same_table_gives_the_same_profile(tmp_path: Path) -> None:
    world = opened(
        tmp_path / "a.duckdb",
        "SELECT setseed(0.5)",
        "CREATE TABLE t AS SELECT n, (random() * n)::INT AS r, 'w' || (random() * 9000)::INT AS w"
        " FROM range(90000) t(n)",
    )
    assert world.profile("main.t") == world.profile("main.t")


def test_a_constraint_proves_a_key_that_no_order_shows(tmp_path: Path) -> None:
    world = opened(
        tmp_path / "a.duckdb",
        "CREATE TABLE t (code VARCHAR UNIQUE, n INTEGER)",
        "INSERT INTO t SELECT md5(n::VARCHAR), n % 5 FROM range(30000) t(n)",
    )
    profile = world.profile("main.t")
    assert profile.key_candidates == ("code",)
    assert profile.columns[0].distinct == Figure(30_000, "exact")


def test_a_column_that_is_nearly_unique_is_no_key(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, "SELECT CASE WHEN n = 3000 THEN 3001 ELSE n END AS id FROM range(50000) t(n)")
    assert profile.key_candidates == ()
    assert profile.columns[0].distinct == Figure(49_999, "exact")


@pytest.mark.parametrize("rows", [5_000, 50_000])
def test_long_texts_have_their_bounds_and_are_keys_where_that_is_certain(tmp_path: Path, rows: int) -> None:
    profile = profile_of(tmp_path, f"SELECT 'order-' || lpad(n::VARCHAR, 12, '0') AS code FROM range({rows}) t(n)")
    (code,) = profile.columns
    assert (code.minimum, code.maximum) == ("order-000000000000", f"order-{rows - 1:012}")
    assert (code.distinct, profile.key_candidates) == (Figure(rows, "exact"), ("code",))


def test_nested_and_binary_columns_have_null_counts_and_nothing_else(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path,
        "SELECT * FROM (VALUES ([1, 2], {'a': 1}, MAP {'k': 1}, 'x'::BLOB, '101'::BIT, '{}'::JSON, [1, 2]::INTEGER[2],"
        " 3::VARIANT, INTERVAL 1 DAY, NULL::UNION(n INTEGER)),"
        " (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))",
    )
    assert [column.nulls for column in profile.columns] == [Figure(1, "exact")] * 9 + [Figure(2, "exact")]
    assert {(c.distinct, c.minimum, c.common_values) for c in profile.columns} == {(None, None, ())}


def test_values_at_the_edge_of_their_type_are_told_as_text(tmp_path: Path) -> None:
    profile = profile_of(
        tmp_path,
        "SELECT * FROM (VALUES ('nan'::DOUBLE, 'infinity'::DATE, 170141183460469231731687303715884105727::HUGEINT, "
        "TIMESTAMP '0044-03-15 (BC) 12:00:00', TIMESTAMPTZ '2026-01-01 12:00:00+02',"
        " 12345678901234567890.5::DECIMAL(38, 1)),"
        " ('-inf', '2026-01-01', 1, '2026-01-01', '2026-01-02', 0))",
    )
    assert [(c.minimum, c.maximum) for c in profile.columns] == [
        ("-inf", "nan"),
        ("2026-01-01", "infinity"),
        (1, "170141183460469231731687303715884105727"),
        ("0044-03-15T(BC) 12:00:00", "2026-01-01T00:00:00"),
        ("2026-01-01T10:00:00+00", "2026-01-02T00:00:00+00"),
        (0.0, "12345678901234567890.5"),
    ]
    assert [len(c.common_values) for c in profile.columns] == [2] * 6


def test_long_values_are_cut_and_the_list_is_then_not_complete(tmp_path: Path) -> None:
    (long,) = profile_of(tmp_path, "SELECT repeat('ab', 100) AS long FROM range(30)").columns
    assert [len(value.value) for value in long.common_values] == [80]
    assert not long.complete
    assert len(str(long.maximum)) == 80


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 'user' || n || '@example.org' AS contact FROM range({rows}) t(n)",
        "SELECT '+1 (555) ' || 100 + n % 900 || '-' || 1000 + n % 9000 AS contact FROM range({rows}) t(n)",
        "SELECT ['4111111111111111', '5500005555555559'][n % 2 + 1] AS contact FROM range({rows}) t(n)",
        "SELECT 4111111111111111 AS contact FROM range({rows}) t(n)",
    ],
)
@pytest.mark.parametrize("rows", [50, 60_000])
def test_columns_whose_values_look_personal_are_withheld_whole(tmp_path: Path, sql: str, rows: int) -> None:
    (contact,) = profile_of(tmp_path, sql.format(rows=rows)).columns
    assert "its values look like" in (contact.withheld or "")
    assert (contact.common_values, contact.minimum, contact.maximum, contact.complete) == ((), None, None, False)


def test_a_single_personal_value_is_left_out_of_the_others(tmp_path: Path) -> None:
    (note,) = profile_of(
        tmp_path,
        "SELECT CASE WHEN n = 0 THEN 'ask bob@example.org' ELSE 'note ' || n % 50 END AS note FROM range(900) t(n)",
    ).columns
    assert note.withheld is None
    assert len(note.common_values) == 50
    assert not any("@" in value.value for value in note.common_values)
    assert note.minimum is None
    assert not note.complete


def test_wide_tables_are_profiled_in_a_few_statements(tmp_path: Path) -> None:
    columns = ", ".join(f"n % {k + 2} AS c{k}" for k in range(250))
    profile = profile_of(tmp_path, f"SELECT {columns} FROM range(3000) t(n)")
    assert [c.distinct for c in profile.columns] == [Figure(k + 2, "exact") for k in range(250)]


def test_a_column_named_like_the_row_id_is_profiled(tmp_path: Path) -> None:
    profile = profile_of(tmp_path, "SELECT n * 7919 % 50021 AS rowid FROM range(50000) t(n)")
    assert profile.columns[0].nulls == Figure(0, "exact")
    assert profile.columns[0].maximum == 50_020


def test_deleted_rows_are_in_no_figure(tmp_path: Path) -> None:
    world = opened(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT n, n % 3 AS k FROM range(10000) t(n)")
    world.change("DELETE FROM t WHERE n >= 100 OR k = 2")
    n, k = world.profile("main.t").columns
    assert (n.maximum, k.maximum) == (99, 1)
    assert sum(value.rows for value in k.common_values) == 67


def test_a_profile_says_when_it_was_made_and_compares_without_it(world: World) -> None:
    dataset = Dataset(name="shop.other", description="A test.")
    first = world.warehouse.profile(world.table("shop.other"), dataset, "v1")
    assert first.profiled_at is not None
    assert first == world.warehouse.profile(world.table("shop.other"), dataset, "v1")


# Values


@pytest.mark.parametrize("workers", [0, 1])
def test_unsigned_numbers_of_128_bits_come_as_they_are(tmp_path: Path, workers: int) -> None:
    """The engine itself hands 2**128 - 1 to Arrow as -1."""
    most = 2**128 - 1
    change(
        tmp_path / "a.duckdb", f"CREATE TABLE t AS SELECT unnest([{most}, {2**127}, 1, NULL])::UHUGEINT AS n, 7 AS k"
    )
    with open_warehouse(f"duckdb:///{tmp_path / 'a.duckdb'}?workers={workers}") as warehouse:
        world = World(warehouse, lambda statement: None)
        rows = world.run("SELECT k, n FROM main.t").table.to_pylist()
        assert [row["n"] for row in rows] == [most, 2**127, 1, None]
        with pytest.raises(QueryFailed, match="UHUGEINT"):
            world.run("SELECT list(n) AS ns FROM main.t")
