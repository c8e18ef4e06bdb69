"""Promises of the size rules: no single call builds a giant, and what analysts write passes."""

import pytest

from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.guard import Granted, guard

TABLE = Table("s.t", (Column("name", "VARCHAR"), Column("n", "INTEGER"), Column("d", "DATE")))


def allowed(sql):
    return guard(sql, Granted({"s.t": TABLE}), dialect="duckdb")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 10001)",
        "SELECT repeat('x', n) FROM s.t",
        "SELECT repeat(repeat('x', 1000), 1000)",
        "WITH a AS (SELECT repeat('x', 1000) AS x) SELECT repeat(x, 1000) FROM a",
        "WITH a AS (SELECT repeat('x', 1000) AS y), b AS (FROM a) SELECT replace(y, 'x', '12345678901') FROM b",
        f"SELECT replace(replace(replace(name, 'a', '{'b' * 50}'), 'b', '{'c' * 50}'), 'c', '{'d' * 50}') FROM s.t",
        "SELECT repeat((SELECT lpad('x', 10000)), 1000)",
        "SELECT lpad('x', 20000, 'y')",
        "SELECT rpad('x', (SELECT 2000000000), 'y')",
        "SELECT format('{:2000000000}', 1)",
        "SELECT format('{:{}}', 1, 2000000000)",
        "SELECT format(name, 1) FROM s.t",
        "SELECT printf('%*d', 2000000000, 1)",
        "SELECT printf('%2000000000d', 1)",
        "SELECT list_resize([1], 4000000000, 0)",
        "SELECT bitstring('1', 2000000000)",
        "SELECT equi_width_bins(0, 1000000000, 1000000000, false)",
        "SELECT len(range(500000000))",
        "SELECT range(n) FROM s.t",
        "SELECT range(0, 10, 0)",
        "SELECT generate_series(1, (SELECT 500000000))",
        "SELECT * FROM range(0, 2000000)",
        "SELECT * FROM generate_series(TIMESTAMP '0001-01-01', TIMESTAMP '9999-01-01', INTERVAL 1 MICROSECOND)",
        "SELECT * FROM generate_series(DATE '0001-01-01', DATE '9999-01-01', INTERVAL 1 MINUTE)",
        "SELECT generate_series(d, d, INTERVAL (n) DAY) FROM s.t",
        "SELECT levenshtein(string_agg(name, ''), 'x') FROM s.t",
        "WITH a AS (SELECT string_agg(name, '') AS x FROM s.t) SELECT jaro_similarity(a.x, a.x) FROM a",
        "SELECT damerau_levenshtein(repeat('x', 5000), repeat('y', 5000))",
        "SELECT 1" + " UNION ALL SELECT 1" * 500,
        "SELECT n FROM s.t WHERE n = 1" + " OR n = 1" * 1_000,
        "SELECT name" + ".b" * 3_900 + " FROM s.t",
        "SELECT 2" + " ** 2" * 3_900,
    ],
)
def test_giants_are_refused_by_size(sql):
    with pytest.raises(QueryRefused) as refused:
        allowed(sql)
    assert refused.value.code == "size"
    assert refused.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT lpad(n::VARCHAR, 5, '0'), rpad(name, 20, '.'), repeat('*', 3) FROM s.t",
        "SELECT lpad(printf('%05.2f', n), 12), format('{:,} of {:>10}', 1, 2), printf('%d %%', n) FROM s.t",
        "SELECT replace(replace(replace(name, ' ', ''), '-', '_'), 'a', 'bb') FROM s.t",
        "SELECT regexp_replace(name, '(\\d+)', '\\1-\\1', 'g') FROM s.t",
        "SELECT lpad(string_agg(name, ', '), 40), replace(string_agg(name, ','), ',', '; ') FROM s.t",
        "SELECT levenshtein(lower(trim(name)), 'kitten'), jaro_winkler_similarity(lpad(name, 9), 'x') FROM s.t",
        "SELECT unnest(generate_series((SELECT min(d) FROM s.t), (SELECT max(d) FROM s.t), INTERVAL 1 DAY))",
        "SELECT * FROM generate_series(DATE '2000-01-01', DATE '2030-01-01', INTERVAL '1 hour')",
        "SELECT * FROM range(TIMESTAMP '2024-01-01', TIMESTAMP '2024-02-01', INTERVAL 15 MINUTE)",
        "SELECT * FROM range(1000000), generate_series(-5, 5, 2)",
        "SELECT * FROM range((SELECT max(n) FROM s.t))",
        "SELECT unnest(range(len([1, 2, 3]))), list_transform(range(1, len('abc') + 1), lambda i: i)",
        "SELECT 1" + " UNION ALL SELECT 1" * 100,
        "WITH RECURSIVE r(x) AS (SELECT 'a' UNION ALL SELECT replace(x, 'a', 'ab') FROM r) SELECT x FROM r LIMIT 3",
    ],
)
def test_what_analysts_write_is_let_through(sql):
    allowed(sql)
