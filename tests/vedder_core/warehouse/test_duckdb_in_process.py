"""DuckDB without worker processes (`workers=0`) keeps the contract of all engines as well."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vedder_core.warehouse.contract import *  # noqa: F403 - the tests of the contract are collected here
from tests.vedder_core.warehouse.contract import BUILD, World
from tests.vedder_core.warehouse.test_duckdb import VISITS, change
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.duckdb_file import in_memory
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
