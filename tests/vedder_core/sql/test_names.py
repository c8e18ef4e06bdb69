"""Promises about names: what SQL writes means what the engine reads, in each engine's own way."""

import pytest

from vedder_core.errors import QueryRefused
from vedder_core.schema import Catalog, Column, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.parse import parse_query
from vedder_core.sql.references import references
from vedder_core.sql.resolved import BaseColumn, resolved

LOWER = Table("shop.orders", (Column("id", "integer"), Column("Amount", "integer"), Column("email", "text")))
UPPER = Table("shop.Orders", (Column("id", "integer"), Column("amount", "integer")))
TABLES = {table.name: table for table in (LOWER, UPPER)}
GRANTED = Granted(TABLES, {"shop.orders": frozenset({"EMAIL"})})


def guarded(sql, dialect="postgres"):
    return guard(sql, GRANTED, dialect=dialect)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("SELECT id FROM shop.orders", "shop.orders"),
        ("SELECT id FROM Shop.ORDERS", "shop.orders"),
        ('SELECT id FROM shop."orders"', "shop.orders"),
        ('SELECT id FROM SHOP."Orders"', "shop.Orders"),
    ],
)
def test_in_postgresql_two_tables_that_differ_by_case_are_two(sql, table):
    assert guarded(sql).datasets == {table}
    assert references(sql, dialect="postgres", catalog=Catalog("postgresql", "postgres", TABLES)).tables == {table}


@pytest.mark.parametrize("name", ['shop."ORDERS"', '"Shop".orders', '"shop.orders"', '"shop"."Orders "', "shop.örders"])
def test_what_postgresql_would_not_find_is_no_dataset(name):
    with pytest.raises(QueryRefused, match="no dataset"):
        guarded(f"SELECT id FROM {name}")


def test_in_duckdb_case_never_tells_two_tables_apart():
    only = Granted({"shop.Orders": UPPER})
    assert guard('SELECT id FROM SHOP."oRDERS"', only, dialect="duckdb").datasets == {"shop.Orders"}


def test_a_with_clause_shadows_by_the_engines_own_rule():
    sql = 'WITH "Orders" AS (SELECT 1 AS x) SELECT * FROM orders'
    with pytest.raises(QueryRefused, match="no dataset"):
        guarded(sql)
    assert guarded(sql, "duckdb").datasets == frozenset()
    assert guarded('WITH Orders AS (SELECT 1 AS x) SELECT * FROM "orders"').datasets == frozenset()


def test_a_hidden_column_is_hidden_however_it_is_spelt():
    for written in ("email", "EMAIL", '"email"', "*"):
        ran = guarded(f"SELECT {written} FROM shop.orders").sql
        assert 'FROM (SELECT "id", "Amount" FROM "shop"."orders") AS "orders"' in ran


def test_clauses_of_one_recursive_with_see_each_other_in_postgresql():
    sql = "WITH RECURSIVE a AS (SELECT * FROM orders), orders AS (SELECT 1 AS x) SELECT * FROM a"
    assert guarded(sql).datasets == frozenset()


def test_capitals_without_quotes_are_small_and_only_those_of_the_alphabet():
    tree = parse_query('SELECT Ä AS ÄB, "Cd", Ef FROM T.Uv', dialect="postgres")
    assert tree.sql(dialect="postgres") == 'SELECT Ä AS Äb, "Cd", ef FROM t.uv'


def test_columns_lead_back_to_the_table_that_is_meant():
    sql = 'SELECT o."Amount", u.amount FROM shop.orders AS o JOIN shop."Orders" AS U ON o.id = u.id'
    catalog = Catalog("postgresql", "postgres", TABLES)
    found = references(sql, dialect="postgres", catalog=catalog)
    assert found.columns >= {("shop.orders", "Amount"), ("shop.Orders", "amount")}
    shape = resolved(sql, TABLES.values(), dialect="postgres")
    assert BaseColumn("shop.Orders", "amount") in shape.columns()
    assert BaseColumn("shop.orders", "Amount") in shape.columns()


def test_a_name_that_a_person_wrote_is_met_kindly():
    catalog = Catalog("postgresql", "postgres", {"shop.Orders": UPPER})
    assert catalog.find("Shop.orders") == UPPER
    assert Catalog("postgresql", "postgres", TABLES).find("shop.orders") == LOWER
