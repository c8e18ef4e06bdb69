"""Promises of the traps: a few words that would hold the parser for minutes are refused at once, honest SQL is not."""

import time

import pytest

from vedder_core.sql.parse import parse_query
from vedder_core.sql.text_limits import OversizeSql

TEN = "(1, 2, 3, 4, 5, 6, 7, 8, 9, 0)"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM a" + " JOIN a" * 30,
        "SELECT 1 FROM a" + " LEFT JOIN a" * 30,
        "SELECT 1 FROM a" + " JOIN (SELECT DISTINCT ON (x) 1 FROM b JOIN c)" * 30,
        "SELECT 1 FROM a" + " JOIN (PIVOT t ON x)" * 30,
        "SELECT 1 FROM a" + " JOIN a JOIN b ON x" * 30,
        "SELECT 1 FROM a" + " JOIN a JOIN b USING (x)" * 30,
        f"SELECT * FROM t PIVOT (sum(a) FOR {' '.join(f'b IN {TEN}' for _ in range(9))})",
        f"SELECT * FROM t PIVOT ({', '.join(['sum(a)'] * 1_000)} FOR b IN {TEN} c IN {TEN})",
        "SELECT a" + "[1]" * 2_600,
        "SELECT a" + "[1].b" * 1_500,
        "SELECT a" + "[1].select" * 1_500,
        "SELECT a" + ".f()" * 1_900,
        "SELECT a" + "[{'a': 1}]" * 1_000,
        "SELECT " + "ARRAY[" * 30 + "1" + "]" * 30,
        "SELECT " + "varchar(" * 30 + "1" + ")" * 30,
        "SELECT " + "date(f(" * 15 + "1" + "))" * 15,
    ],
    ids=lambda sql: f"{sql[:30]}...{len(sql)}",
)
@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_what_would_hold_the_parser_for_long_is_refused_at_once(sql, dialect):
    started = time.process_time()
    with pytest.raises(OversizeSql):
        parse_query(sql, dialect=dialect)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM a" + " JOIN a ON x = y" * 100,
        "SELECT 1 FROM a" + " CROSS JOIN a" * 100,
        "SELECT 1 FROM a" + " NATURAL LEFT JOIN a POSITIONAL JOIN b" * 50,
        "SELECT 1 FROM a JOIN (b JOIN (c JOIN d ON x) USING (y)) ON z",
        "SELECT 1 FROM a LEFT JOIN b JOIN c JOIN d ON x ON y ON z",
        f"SELECT * FROM t PIVOT (sum(a), max(b) AS m FOR c IN {TEN} d IN {TEN}) WHERE x IN {TEN}",
        "SELECT " + ", ".join(f"a.b[{n}], f(g(x[{n}]))" for n in range(200)) + " FROM a",
        "SELECT a.b.c[1].d[2][3] FROM (SELECT f(x)[1] FROM t) AS a",
        "SELECT ARRAY[ARRAY[1, 2], ARRAY[3, 4]], date(timestamp(date(x))), " + "f(" * 35 + "1" + ")" * 35 + " FROM a",
        "SELECT * FROM (VALUES " + ", ".join(f"({n}, [{n}])" for n in range(500)) + ") AS t(a, b)",
    ],
    ids=lambda sql: sql[:40],
)
def test_honest_sql_is_no_trap(sql):
    parse_query(sql, dialect="duckdb")
