"""Promises of `below`: views, views over views and the macros that they call are followed down to their tables."""

import duckdb
import pytest

from vedder_core.catalog_snapshot import from_bytes, to_bytes
from vedder_core.sql.below import below, read_outside, standing_on
from vedder_core.warehouse.warehouse import open_warehouse

DDL = """
CREATE SCHEMA shop; CREATE SCHEMA other;
CREATE TABLE shop.orders (id INTEGER, amount INTEGER);
CREATE TABLE shop.rates (rate DOUBLE);
CREATE TABLE other.orders (id INTEGER);
CREATE TABLE main.people (id INTEGER);
CREATE MACRO shop.rate() AS (SELECT max(rate) FROM shop.rates);
CREATE MACRO shop.net(x) AS x * shop.rate(), (x, y) AS x / y;
CREATE MACRO shop.since(n) AS TABLE SELECT * FROM shop.orders WHERE id > n;
CREATE MACRO other.net(x) AS x;
CREATE VIEW shop.large AS SELECT id, shop.net(amount) AS net FROM shop.orders;
CREATE VIEW shop.largest AS SELECT max(net) AS net FROM shop.large;
CREATE VIEW shop.recent AS SELECT count(*) AS n FROM shop.since(3);
CREATE VIEW shop.who AS SELECT id FROM people;
CREATE VIEW shop.numbers AS SELECT * FROM range(10) t(i);
"""


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    file = tmp_path_factory.mktemp("below") / "warehouse.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(DDL)
    with open_warehouse(f"duckdb:///{file}") as warehouse:
        return warehouse.catalog()


@pytest.mark.parametrize(
    ("name", "tables", "routines"),
    [
        ("shop.orders", "", ""),
        ("shop.largest", "shop.large shop.orders shop.rates", "shop.net shop.rate"),
        ("shop.recent", "shop.orders", "shop.since"),
        ("shop.who", "main.people", ""),
        ("SHOP.Large", "shop.orders shop.rates", "shop.net shop.rate"),
    ],
)
def test_everything_below_is_found_and_nothing_else(catalog, name, tables, routines):
    found = below([name], catalog)
    assert found.tables == {name.lower(), *tables.split()}
    assert found.routines == set(routines.split())


def test_a_view_over_a_tables_macro_reads_nothing_outside_of_the_catalog(catalog):
    assert read_outside(["shop.largest", "shop.recent", "shop.who"], catalog) == ()
    assert [view.name for view in read_outside(["shop.numbers"], catalog)] == ["shop.numbers"]


def test_what_stands_on_a_change_is_all_that_has_it_below(catalog):
    assert standing_on({"shop.rates"}, catalog) == {"shop.rates", "shop.large", "shop.largest"}
    read_back = from_bytes(to_bytes(catalog), "here")
    for changed in (*catalog.tables, *catalog.routines):
        grounds = {name: below([name], catalog) for name in catalog.tables}
        above = {name for name, ground in grounds.items() if changed in ground.tables | ground.routines}
        assert standing_on({changed}, catalog) == standing_on({changed}, read_back) == above | {changed}
