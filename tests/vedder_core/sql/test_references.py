"""Promises of `references`: real tables only, columns through aliases, WITH clauses and stars, tables below views."""

import pytest

from vedder_core.schema import Catalog, Column, Table
from vedder_core.sql.below import with_tables_below
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.references import references


def table(name, *columns, definition=None):
    kind = "view" if definition else "table"
    return Table(name, tuple(Column(c, "INTEGER") for c in columns), kind=kind, definition=definition)


TABLES = (
    table("nyc.flights", "origin", "Month", "carrier", "dep_time", definition="CREATE VIEW nyc.flights AS SELECT 1"),
    table("nyc.airlines", "carrier", "name"),
    table("nyc.late", "origin", definition="CREATE VIEW nyc.late AS SELECT origin FROM flights WHERE dep_time > 1"),
    table("nyc.latest", "origin", definition="CREATE VIEW nyc.latest AS SELECT * FROM nyc.late"),
)
CATALOG = Catalog("duckdb", "duckdb", {t.name: t for t in TABLES})


@pytest.mark.parametrize(
    ("sql", "tables", "columns"),
    [
        ("SELECT f.origin FROM nyc.flights f WHERE f.month = :m", "flights", "flights.origin flights.Month"),
        ("SELECT ORIGIN FROM NYC.Flights", "flights", "flights.origin"),
        (
            "WITH x AS (SELECT carrier FROM nyc.flights) SELECT a.name FROM x JOIN nyc.airlines a USING (carrier)",
            "flights airlines",
            "flights.carrier airlines.carrier airlines.name",
        ),
        (
            "SELECT (SELECT max(name) FROM nyc.airlines WHERE carrier = f.carrier) FROM nyc.flights f",
            "flights airlines",
            "flights.carrier airlines.carrier airlines.name",
        ),
        ("SELECT * EXCLUDE (origin, dep_time) FROM nyc.flights", "flights", "flights.Month flights.carrier"),
        ("WITH nyc AS (SELECT 1 AS a) SELECT a FROM nyc", "", ""),
        ("SELECT zz, origin FROM nyc.flights", "flights", "flights.origin"),
    ],
)
def test_what_a_query_touches(sql, tables, columns):
    found = references(sql, dialect="duckdb", catalog=CATALOG)
    assert found.tables == {f"nyc.{name}" for name in tables.split()}
    assert {f"{t}.{c}" for t, c in found.columns} == {f"nyc.{name}" for name in columns.split()}


def test_a_table_that_the_warehouse_lacks_is_named_as_written():
    assert references("SELECT a FROM nyc.gone", dialect="duckdb", catalog=CATALOG).tables == {"nyc.gone"}


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_tree_that_is_asked_about_stays_as_it_is_and_touches_what_its_text_touches(dialect):
    sql = "SELECT f.Month, (SELECT max(NAME) FROM nyc.airlines AS a WHERE a.Carrier = f.carrier) FROM nyc.flights AS f"
    tree = parse_query(sql, dialect=dialect)
    before = repr(tree)
    assert references(tree, dialect=dialect, catalog=CATALOG) == references(sql, dialect=dialect, catalog=CATALOG)
    assert repr(tree) == before


def test_sql_that_is_nested_too_deeply_to_be_followed_is_a_problem_and_no_fault():
    with pytest.raises(SqlProblem):
        references("SELECT 1" + " + 1" * 3_000, dialect="duckdb")


def test_views_are_followed_down_to_their_tables():
    assert with_tables_below(["nyc.latest"], CATALOG) == {"nyc.latest", "nyc.late", "nyc.flights"}
