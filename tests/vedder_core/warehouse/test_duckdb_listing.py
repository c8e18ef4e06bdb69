"""Promises of DuckDB's listing: what is made by the same statements is not listed again, and nothing stale is told."""

import shutil

import duckdb
import pytest

from vedder_core.warehouse.warehouse import open_warehouse

DDL = """
CREATE SCHEMA shop; CREATE TABLE shop.orders (id INTEGER, amount INTEGER); CREATE TABLE shop.empty (id INTEGER);
CREATE VIEW shop.ids AS FROM shop.orders; CREATE MACRO shop.net(x) AS x / 1.2;
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(DDL)
    return path


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO shop.orders VALUES (1, 2)",
        "COMMENT ON TABLE shop.orders IS 'Orders'",
        "ALTER TABLE shop.orders RENAME amount TO total",
        "ALTER TABLE shop.orders ALTER id SET NOT NULL",
        "ALTER TABLE shop.orders RENAME TO purchases",
        "DROP VIEW shop.ids; ALTER TABLE shop.orders ADD zip VARCHAR; CREATE VIEW shop.ids AS FROM shop.orders",
        "CREATE OR REPLACE MACRO shop.net(x) AS x / 1.19",
        "DROP VIEW shop.ids; DROP TABLE shop.orders",
    ],
)
def test_a_listing_after_a_change_is_that_of_a_process_that_never_listed_before(file, change):
    with open_warehouse(f"duckdb:///{file}") as warehouse:
        warehouse.catalog()
        copy = file.with_name("copy.duckdb")
        shutil.copy(file, copy)
        with duckdb.connect(str(copy)) as connection:
            connection.execute(change)
        unseen = file.with_name("unseen") / file.name
        unseen.parent.mkdir()
        shutil.copy(copy, unseen)
        copy.replace(file)
        again = warehouse.catalog()
    with open_warehouse(f"duckdb:///{unseen}") as warehouse:
        fresh = warehouse.catalog()
    assert dict(again.tables) == dict(fresh.tables)
    assert again.routines == fresh.routines
    assert again.digest == fresh.digest
