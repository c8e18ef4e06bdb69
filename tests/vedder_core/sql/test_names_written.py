"""Promises of `names_written`: no column comes into a query that is said to name all of its columns."""

import duckdb
import pytest

from vedder_core.sql.names_written import names_all_columns, names_written
from vedder_core.sql.parse import parse_query

BOTH = ("duckdb", "postgres")


def named(sql, dialect):
    return names_all_columns(parse_query(sql, dialect=dialect), sql)


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a, sum(b) AS s FROM t WHERE c > 1 GROUP BY a ORDER BY s",
        "SELECT count(*) FROM t",
        "SELECT x.a FROM t AS x JOIN u USING (id) WHERE EXISTS (SELECT 1 FROM u AS y WHERE y.id = x.id)",
        "WITH w AS (SELECT a FROM t) SELECT w.a FROM w UNION ALL SELECT b FROM u",
        "SELECT a, rank() OVER (PARTITION BY b ORDER BY c DESC) FROM t",
    ],
)
def test_a_query_that_names_its_columns_says_so(sql, dialect):
    assert named(sql, dialect)


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM t",
        "SELECT a FROM (SELECT * FROM t) AS x",
        "SELECT x.* FROM t AS x",
        "SELECT count(t.*) FROM t",
        "SELECT t FROM t",
        "SELECT row_to_json(x) FROM t AS x",
        "SELECT (x).a FROM t AS x",
        "SELECT T FROM t",
        "SELECT a FROM t NATURAL JOIN u",
        "SELECT a FROM t AS x(a, b)",
        "WITH w AS (SELECT * FROM t) SELECT a FROM w",
        "SELECT w FROM (SELECT a FROM t) AS w",
    ],
)
def test_columns_that_come_in_unnamed_are_noticed(sql, dialect):
    assert not named(sql, dialect)


@pytest.mark.parametrize(
    ("sql", "dialect"),
    [
        ("FROM t", "duckdb"),
        ("SELECT COLUMNS('a.*') FROM t", "duckdb"),
        ("SELECT * EXCLUDE (a) FROM t", "duckdb"),
        ("SELECT a FROM t POSITIONAL JOIN u", "duckdb"),
        ("SELECT a FROM (SELECT a, b, c FROM t) PIVOT (sum(b) FOR c IN (1, 2))", "duckdb"),
        ("TABLE t", "postgres"),
        ('SELECT U&"\\0061" FROM t', "postgres"),
    ],
)
def test_columns_that_an_engine_of_its_own_kind_brings_in_are_noticed(sql, dialect):
    assert not named(sql, dialect)


@pytest.mark.parametrize("dialect", BOTH)
def test_every_name_is_found_however_it_is_written(dialect):
    sql = 'SELECT Year, "Home Team", o.total AS T FROM shop."Orders" AS o -- nothing here\nWHERE date > :day'
    assert {"year", "home team", "total", "t", "orders", "o", "date", "day"} <= names_written(sql, dialect)


def test_a_column_that_is_not_named_changes_nothing_that_the_engine_binds():
    """The engine itself is the judge: every column of both tables that a query does not name is renamed in turn."""
    sql = "SELECT a.x, max(b.y) AS top FROM a JOIN b USING (id) WHERE z > 1 GROUP BY a.x HAVING count(*) > 1"
    assert named(sql, "duckdb")
    names = names_written(sql, "duckdb")
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE a (id INT, x INT, q INT); CREATE TABLE b (id INT, y INT, z INT, r INT)")
        held = connection.sql(sql).columns
        for table, column in (("a", "id"), ("a", "x"), ("a", "q"), ("b", "y"), ("b", "z"), ("b", "r")):
            connection.execute(f"ALTER TABLE {table} RENAME {column} TO renamed")
            if column in names:
                with pytest.raises(duckdb.Error):
                    connection.sql(sql)
            else:
                assert connection.sql(sql).columns == held
            connection.execute(f"ALTER TABLE {table} RENAME renamed TO {column}")
