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


def test_a_view_is_listed_with_the_columns_that_it_has_now(file):
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE VIEW shop.again AS SELECT * FROM shop.ids")
        connection.execute("CREATE VIEW shop.gone AS SELECT amount FROM shop.orders")
    with duckdb.connect(str(file)) as connection:
        connection.execute("ALTER TABLE shop.orders DROP amount; ALTER TABLE shop.orders ADD zip VARCHAR")
    with open_warehouse(f"duckdb:///{file}") as warehouse:
        tables = warehouse.catalog().tables
    for view in ("shop.ids", "shop.again"):
        assert [column.name for column in tables[view].columns] == ["id", "zip"]
    assert [column.name for column in tables["shop.gone"].columns] == ["amount"]


def test_a_view_over_files_is_listed_without_reading_them(file, tmp_path):
    data = tmp_path / "orders.csv"
    data.write_text("id,amount\n1,2\n")
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"CREATE VIEW shop.files AS SELECT * FROM read_csv('{data}')")
    data.unlink()
    with open_warehouse(f"duckdb:///{file}?files={tmp_path}") as warehouse:
        assert [column.name for column in warehouse.catalog().tables["shop.files"].columns] == ["id", "amount"]
