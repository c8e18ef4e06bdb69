"""DuckDB without worker processes (`workers=0`) keeps the contract of all engines as well."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.vedder_core.warehouse.contract import *  # noqa: F403 - the tests of the contract are collected here
from tests.vedder_core.warehouse.contract import BUILD, World
from tests.vedder_core.warehouse.test_duckdb import VISITS, change
from vedder_core.errors import QueryFailed
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.duckdb_errors import in_our_words
from vedder_core.warehouse.duckdb_file import DuckDBFile, Walls, in_memory
from vedder_core.warehouse.warehouse import open_warehouse


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    file = tmp_path / "warehouse.duckdb"
    change(file, ";".join(BUILD), VISITS.format(folder=tmp_path / "visits"))
    with open_warehouse(f"duckdb:///{file}?files={tmp_path / 'visits'}&workers=0") as warehouse:
        yield World(warehouse, lambda statement: change(file, statement))


def test_whoever_supplies_the_connections_runs_queries_in_this_process(tmp_path: Path) -> None:
    change(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT 1 AS a")
    with DuckDBWarehouse(tmp_path / "a.duckdb", connect=lambda: in_memory()) as warehouse:
        assert World(warehouse, lambda _: None).run("SELECT a FROM main.t").table.to_pylist() == [{"a": 1}]
        assert warehouse.worker_pids() == ()


def test_a_file_whose_engine_has_given_up_is_opened_anew(tmp_path: Path) -> None:
    change(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT 1 AS a")
    file = DuckDBFile(tmp_path / "a.duckdb", Walls())
    with pytest.raises(QueryFailed), file.use() as (_, broken), in_our_words():
        raise duckdb.InternalException("INTERNAL Error: Memory allocation failure")
    with file.use() as (cursor, opened):
        assert opened is not broken
        assert cursor.execute("FROM main.t").fetchall() == [(1,)]
    file.close()


def test_an_engine_that_has_given_up_says_nothing_of_a_query() -> None:
    """To call each pair broken because the engine is would be wrong of all of them."""
    said = subprocess.run([sys.executable, "-c", GIVEN_UP], capture_output=True, text=True, timeout=60, check=False)
    assert said.stdout.splitlines() == ["InternalException", "QueryFailed"], said.stderr


GIVEN_UP = """
import duckdb
from vedder_core.errors import QueryFailed
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_query import bind
from vedder_core.warehouse.process_limits import limit_memory

connection = duckdb.connect()
connection.execute("SET threads = 1")
connection.execute("CREATE TABLE t AS SELECT 1 AS n")
limit_memory(500_000_000)
try:
    connection.execute("SELECT reservoir_quantile(n, 0.5, 2000000000) FROM t")
except duckdb.Error as error:
    print(type(error).__name__)
try:
    print(bind(connection, Asked("SELECT n FROM t WHERE n = $n", frozenset(), {})))
except QueryFailed as error:
    print(type(error).__name__)
"""
