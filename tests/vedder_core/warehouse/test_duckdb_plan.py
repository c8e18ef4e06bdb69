"""The bound plan reads the query's datasets and what lies below them; macros of the file are never meant instead."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.vedder_core.warehouse.test_duckdb import change
from vedder_core.errors import QueryRefused
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import DuckDBFile, Walls
from vedder_core.warehouse.duckdb_query import run_here
from vedder_core.warehouse.warehouse import Limits

ORDERS = frozenset({"sales.orders"})


@pytest.fixture
def file(tmp_path: Path) -> Iterator[DuckDBFile]:
    change(
        tmp_path / "a.duckdb",
        "CREATE SCHEMA sales; CREATE SCHEMA hr",
        "CREATE TABLE sales.orders AS SELECT n AS id, n % 3 AS kind, 'Ab' AS word FROM range(100) r(n)",
        "CREATE TABLE hr.pay AS SELECT n AS salary, 'CANARY' AS ssn FROM range(100) r(n)",
        "CREATE MACRO lower(x) AS (SELECT max(ssn) FROM hr.pay)",
        'CREATE MACRO "+"(a, b) AS 42',
        "CREATE MACRO range(n) AS TABLE SELECT * FROM hr.pay",
        "CREATE MACRO leak() AS TABLE SELECT * FROM hr.pay",
        "CREATE MACRO plus_one(x) AS x - 41",
        f"COPY (SELECT 7 AS n) TO '{tmp_path}/seven.parquet'",
        f"CREATE VIEW sales.files AS SELECT * FROM '{tmp_path}/seven.parquet'",
        "CREATE VIEW sales.recent AS SELECT id, plus_one(kind) AS k FROM sales.orders",
        "CREATE VIEW sales.above AS SELECT r.id, p.salary FROM sales.recent r JOIN hr.pay p ON p.salary = r.id",
    )
    opened = DuckDBFile(tmp_path / "a.duckdb", Walls((tmp_path,)))
    yield opened
    opened.close()


def run(file: DuckDBFile, sql: str, datasets: frozenset[str] = ORDERS, **parameters: int) -> list[object]:
    with file.use() as (cursor, opened):
        found = run_here(cursor, opened, Asked(sql, datasets, parameters), Limits()).table
    return [tuple(row.values()) for row in found.to_pylist()]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM hr.pay",
        "SELECT count(*) FROM hr.pay",  # answered from statistics: an optimized plan shows no table
        "SELECT max(salary) FROM hr.pay",
        "SELECT * FROM hr.pay WHERE 1 = 0",
        "SELECT id FROM sales.orders WHERE id IN (SELECT salary FROM hr.pay)",
        "SELECT id, (SELECT max(ssn) FROM hr.pay) FROM sales.orders",
        "SELECT id FROM sales.orders UNION ALL SELECT salary FROM hr.pay",
        "WITH a AS MATERIALIZED (SELECT * FROM hr.pay) SELECT count(*) FROM a, a AS b",
        "SELECT * FROM leak()",
        "SELECT * FROM query('SELECT * FROM hr.pay')",
        "SELECT * FROM query_table('hr.pay')",
        "SELECT * FROM pragma_storage_info('hr.pay')",
        "SELECT * FROM duckdb_tables()",
        "SELECT table_name FROM information_schema.tables",
        "SELECT * FROM sales.above",
        "SELECT * FROM sales.files",
        "PIVOT hr.pay ON ssn USING count(*)",
    ],
)
def test_a_plan_that_reads_more_than_the_datasets_is_refused_without_a_name(file: DuckDBFile, sql: str) -> None:
    for _ in range(2):
        with pytest.raises(QueryRefused) as refused:
            run(file, sql)
        assert not any(name in str(refused.value) for name in ("hr", "pay", "salary", "duckdb"))


@pytest.mark.parametrize(
    ("sql", "datasets"),
    [
        ("SELECT count(*) FROM sales.orders", ORDERS),
        ("SELECT salary FROM sales.above", {"sales.above"}),
        ("SELECT a.id FROM sales.above a JOIN sales.orders o ON o.id = a.id", {"sales.above", "sales.orders"}),
        ("SELECT n FROM sales.files", {"sales.files"}),
        ("SELECT g.n, u.x FROM generate_series(1, 3) g(n), (SELECT unnest([1, 2]) AS x) u, (VALUES (1)) v(w)", ORDERS),
        ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t", ORDERS),
        (
            "SELECT id, avg(id) OVER (PARTITION BY kind) FROM sales.orders QUALIFY row_number() OVER () < 9",
            ORDERS,
        ),
        ("SELECT id FROM sales.orders EXCEPT SELECT kind FROM sales.orders ORDER BY 1 LIMIT 3", ORDERS),
        ("SELECT * FROM sales.orders o WHERE id > (SELECT avg(id) FROM sales.orders i WHERE i.kind = o.kind)", ORDERS),
        ("PIVOT sales.orders ON kind USING count(*)", ORDERS),
        ("SELECT * FROM sales.orders a ASOF JOIN sales.orders b ON a.id >= b.id", ORDERS),
        ("SELECT * FROM sales.orders USING SAMPLE 3", ORDERS),
        ("SELECT 1 AS one", frozenset()),
    ],
)
def test_a_plan_within_the_datasets_and_below_their_views_runs(
    file: DuckDBFile, sql: str, datasets: frozenset[str]
) -> None:
    assert run(file, sql, frozenset(datasets))


def test_other_values_of_parameters_are_checked_anew(file: DuckDBFile) -> None:
    sql = "SELECT id FROM sales.orders UNION ALL SELECT salary FROM hr.pay WHERE $x = 1"
    for value in (0, 1):
        with pytest.raises(QueryRefused):
            run(file, sql, x=value)


def test_a_macro_with_the_name_of_one_of_the_engines_own_functions_is_never_meant(file: DuckDBFile) -> None:
    assert run(file, "SELECT lower(word) || (1 + 1) FROM sales.orders LIMIT 1") == [("ab2",)]
    assert run(file, "SELECT main.lower(word) FROM sales.orders LIMIT 1") == [("ab",)]
    assert run(file, "SELECT * FROM range(2)") == [(0,), (1,)]


def test_views_keep_the_macros_that_they_were_written_with(file: DuckDBFile) -> None:
    assert run(file, "SELECT k FROM sales.recent WHERE id = 1", frozenset({"sales.recent"})) == [(-40,)]


def test_the_check_is_made_once_for_a_query_and_a_state_of_the_file(file: DuckDBFile, tmp_path: Path) -> None:
    sql = "SELECT * FROM sales.recent"
    run(file, sql, frozenset({"sales.recent"}))
    with file.use() as (_, opened):
        assert len(opened.fact("checked", dict[object, bool])) == 1
    change(tmp_path / "a.duckdb", "CREATE OR REPLACE VIEW sales.recent AS SELECT salary AS id FROM hr.pay")
    assert run(file, sql, frozenset({"sales.recent"}))
    with pytest.raises(QueryRefused):
        run(file, sql, ORDERS)


def test_a_table_named_like_a_system_view_is_not_read_in_its_place(tmp_path: Path) -> None:
    change(tmp_path / "b.duckdb", "CREATE TABLE sqlite_master AS SELECT 1 AS mine", "CREATE TABLE secret AS SELECT 2")
    opened = DuckDBFile(tmp_path / "b.duckdb", Walls())
    with pytest.raises((QueryRefused, duckdb.Error)):
        run(opened, "SELECT name FROM main.sqlite_master", frozenset({"main.sqlite_master"}))
    opened.close()
