"""Promises of the guard: it alone makes queries, it reads only what is granted, and what runs is what was checked."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.allowed_functions import allowed_functions, reviewed
from vedder_core.sql.functions import SYNTAX
from vedder_core.sql.guard import Granted, GuardedQuery, guard
from vedder_core.sql.parse import parse_query
from vedder_core.sql.scope import real_tables
from vedder_core.sql.session_words import SESSION_WORDS

ORDERS = Table("shop.orders", (Column("id", "INTEGER"), Column("amount", "INTEGER"), Column("email", "VARCHAR")))
WINDOW = {"row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"}
WINDOW |= {"first_value", "last_value", "nth_value", "fill"}
KINDS = Table("main.kinds", (Column("id", "INTEGER"),))
GRANTED = Granted({t.name: t for t in (ORDERS, KINDS)}, {"shop.orders": frozenset({"EMAIL"})})
DDL = """
create schema shop; create table shop.orders(id int, amount int, email varchar);
insert into shop.orders values (1, 10, 'CANARY'), (2, 20, 'CANARY');
create table main.kinds(id int); insert into main.kinds values (1);
create schema hr; create table hr.pay(id int, pay varchar); insert into hr.pay values (1, 'CANARY');
create table main.secret(x varchar); insert into main.secret values ('CANARY');
"""


def allowed(sql, **parameters):
    return guard(sql, GRANTED, dialect="duckdb", parameters=parameters)


def rows(query):
    with duckdb.connect() as connection:
        connection.execute(DDL)
        return connection.execute(query.sql, dict(query.parameters)).fetchall()


def test_only_the_guard_makes_a_guarded_query():
    with pytest.raises(TypeError):
        GuardedQuery("SELECT 1", "duckdb", frozenset())


def test_a_granted_table_is_read_by_its_full_name():
    query = allowed("SELECT sum(amount) AS total FROM Shop.ORDERS")
    assert query.datasets == {"shop.orders"}
    assert rows(query) == [(30,)]


def test_parameters_are_bound_and_never_pasted():
    query = allowed("SELECT id FROM shop.orders WHERE amount = :amount", amount=20, unused=1)
    assert query.parameters == {"amount": 20}
    assert "20" not in query.sql
    assert rows(query) == [(2,)]


def test_a_blank_without_value_is_refused():
    with pytest.raises(QueryRefused, match=":amount"):
        allowed("SELECT id FROM shop.orders WHERE amount = :amount")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM shop.orders",
        "SELECT o.* FROM shop.orders o JOIN main.kinds k ON o.id = k.id",
        "SELECT shop.orders.amount, orders.id FROM shop.orders",
        "SELECT o FROM shop.orders AS o",
        "SELECT COLUMNS('.*') FROM shop.orders",
        "WITH o AS (SELECT * FROM shop.orders) SELECT * FROM o",
        "FROM shop.orders",
        "SELECT * FROM shop.orders AS t(a, b)",
        "SELECT * FROM shop.orders TABLESAMPLE reservoir(5 ROWS)",
        "SELECT * FROM shop.orders AS o TABLESAMPLE 100%",
        "SELECT * FROM shop.orders UNPIVOT (v FOR n IN (amount))",
        "SELECT * FROM shop.orders PIVOT (count(*) FOR amount IN (10, 20)) ORDER BY ALL",
        "SELECT * FROM (shop.orders JOIN main.kinds USING (id))",
    ],
)
def test_hidden_columns_do_not_exist(sql):
    assert "CANARY" not in str(rows(allowed(sql)))


def test_naming_a_hidden_column_is_as_if_it_was_not_there():
    with pytest.raises(duckdb.BinderException):
        rows(allowed("SELECT email FROM shop.orders"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM hr.pay",
        "SELECT * FROM secret",
        "SELECT (SELECT max(pay) FROM hr.pay) FROM shop.orders",
        "SELECT * FROM shop.orders WHERE id IN (SELECT id FROM hr.pay)",
        "WITH RECURSIVE secret AS (SELECT * FROM secret) SELECT * FROM secret",
        "WITH x AS (SELECT * FROM secret), secret AS (SELECT 1) SELECT * FROM x",
        "SELECT * FROM (WITH secret AS (SELECT 1) SELECT * FROM secret) x, secret",
        "SELECT * FROM read_csv('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM query('SELECT 1')",
        "SELECT * FROM query_table('secret')",
        "SELECT * FROM duckdb_settings()",
        "SELECT * FROM enable_logging(storage = 'file')",
        "INSERT INTO shop.orders VALUES (1)",
        "WITH d AS (DELETE FROM shop.orders RETURNING *) SELECT * FROM d",
        "SELECT 1 INTO x",
        "SELECT 1; DROP TABLE shop.orders",
        "COPY shop.orders TO 'x.csv'",
        "ATTACH 'x.db'",
        "PRAGMA database_list",
        "SET threads = 1",
        "CALL pragma_version()",
        "EXPLAIN SELECT 1",
        "SELECT * FROM shop.orders, LATERAL pragma_storage_info('hr.pay')",
        "SELECT * FROM shop.orders, LATERAL duckdb_views()",
        "SELECT * FROM (DESCRIBE shop.orders)",
        "SELECT * FROM (SUMMARIZE shop.orders)",
        "SELECT peek()",
        "SELECT main.peek()",
        "SELECT ('/etc/hostname').read_text()",
        "SELECT getenv('HOME')",
        "SELECT \"read_text\"('/etc/hostname')",
        "SELECT id.lower() FROM shop.orders",
        "SELECT current_user",
        'SELECT "current_schema"',
        "SELECT user FROM shop.orders",
        "SELECT 'shop.orders'::regclass",
        "SELECT NULL::hr.pay",
        "SELECT * FROM shop.orders PIVOT (count(*) FOR id IN some_type)",
        "SELECT * FROM (PIVOT shop.orders ON id USING count(*))",
        "PIVOT shop.orders ON id",
        "SELECT * FROM shop.orders AT (VERSION => 1)",
        "SELECT * FROM shop.orders FOR UPDATE",
        "SELECT * FROM histogram('hr.pay', id)",
        "SELECT * FROM shop.orders o, regexp_split_to_table('a', 'b')",
        "SELECT format_type(1, 2)",
        "SELECT make_type('pay')",
        "SELECT * FROM recurring.kinds",
        "WITH RECURSIVE secret AS (SELECT 1 AS x EXCEPT SELECT x FROM secret) SELECT * FROM secret",
        "WITH RECURSIVE a AS (WITH secret AS (SELECT 1) FROM secret UNION ALL SELECT 2), b AS (FROM secret) FROM b",
        "SELECT current_setting('temp_directory')",
        "SELECT write_log('x')",
        "SELECT " + "(" * 41 + "1" + ")" * 41,
        "SELECT '" + "x" * 60_000 + "'",
        "SELECT 1" + " + 1" * 8_000,
    ],
)
def test_everything_else_is_refused_with_a_hint(sql):
    with pytest.raises(QueryRefused) as refused:
        allowed(sql)
    assert refused.value.hint
    assert "hr.pay" not in refused.value.hint


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("WITH orders AS (SELECT id FROM shop.orders) SELECT orders.id FROM orders ORDER BY 1", [(1,), (2,)]),
        ("WITH kinds AS (SELECT 7 AS id) SELECT kinds.id FROM kinds", [(7,)]),
        ("WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS x FROM a) SELECT b.x FROM b", [(2,)]),
        ("WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 4) SELECT max(n) FROM r", [(4,)]),
        (
            "WITH RECURSIVE r AS (WITH o AS (SELECT 1 n) FROM o UNION SELECT r.n + o.n FROM r, o WHERE r.n < 3) FROM r",
            [(1,), (2,), (3,)],
        ),
        (
            "WITH RECURSIVE kinds(n) AS (FROM main.kinds UNION SELECT n + 1 FROM kinds WHERE n < 3) FROM kinds",
            None,
        ),
        ("SELECT user FROM (SELECT 7 AS user)", [(7,)]),
        ("SELECT date('2024-01-05'), list_transform([1], x -> x + 1)", None),
        (
            "SELECT amount, count(*) FROM shop.orders GROUP BY GROUPING SETS ((amount), ()) ORDER BY (amount) LIMIT 1",
            None,
        ),
        ("SELECT x FROM unnest([1, 2]) AS t(x)", [(1,), (2,)]),
        ("SELECT count(*) FROM generate_series(1, 5)", [(5,)]),
        ("(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1", [(1,), (2,)]),
        ("SELECT (SELECT max(o.amount) FROM shop.orders o WHERE o.id = k.id) FROM main.kinds k", [(10,)]),
        ("SELECT v.a FROM (VALUES (1), (2)) AS v(a) ORDER BY a", [(1,), (2,)]),
        ("SELECT k.id, l.n FROM main.kinds k, LATERAL (SELECT k.id + 1 AS n) l", [(1, 2)]),
        ("SELECT k.id, u.n FROM main.kinds k, LATERAL unnest([k.id, 5]) AS u(n) ORDER BY 2", [(1, 1), (1, 5)]),
        ("SELECT list_aggregate([1, 2], 'sum'), isodow(DATE '2013-01-01'), bar(1, 0, 2, 2)", None),
        ("SELECT id FROM shop.orders QUALIFY row_number() OVER (ORDER BY amount DESC) = 1", [(2,)]),
    ],
)
def test_honest_queries_keep_their_result(sql, expected):
    found = rows(allowed(sql))
    assert expected is None or found == expected


def test_a_refusal_says_for_machines_what_it_is_about():
    for code, sql in (
        ("text", "SELECT 1; SELECT 2"),
        ("statement", "SELECT 1 INTO x"),
        ("function", "SELECT getenv('HOME')"),
        ("type", "SELECT NULL::hr.pay"),
        ("size", "SELECT repeat('x', 1000000)"),
        ("unknown_table", "SELECT * FROM hr.pay"),
        ("parameter", "SELECT :x"),
    ):
        with pytest.raises(QueryRefused) as refused:
            allowed(sql)
        assert refused.value.code == code


def test_a_misspelt_function_is_met_with_the_nearest_that_is_allowed():
    with pytest.raises(QueryRefused) as refused:
        allowed("SELECT date_trnc('month', DATE '2024-01-05')")
    assert "`date_trunc`" in refused.value.hint


def test_every_name_that_the_engine_reads_as_a_call_without_brackets_is_known():
    """A new engine version can bring new ones; dates and times are no secret."""
    with duckdb.connect() as connection:
        words = connection.execute(
            "SELECT lower(function_name) FROM duckdb_functions() UNION SELECT keyword_name FROM duckdb_keywords()"
        ).fetchall()
        called = {word for (word,) in words if word.isidentifier() and gives_a_value(connection, f'"{word}"')}
    assert called - {"current_date", "current_time", "current_timestamp"} <= SESSION_WORDS


def gives_a_value(connection, expression):
    try:
        connection.execute(f"SELECT {expression}")
    except duckdb.Error:
        return False
    return True


def test_a_syntax_word_is_no_function_of_the_engine_that_was_denied():
    listed = duckdb.sql("SELECT DISTINCT lower(function_name) FROM duckdb_functions()").fetchall()
    assert {name for (name,) in listed} & SYNTAX <= allowed_functions("duckdb") | {"unnest"} | WINDOW


def test_the_list_of_functions_is_the_engines_own_less_what_was_denied():
    listed = duckdb.sql(
        "SELECT DISTINCT lower(function_name) FROM duckdb_functions() "
        "WHERE internal AND function_type IN ('scalar', 'aggregate', 'macro')"
    )
    assert sorted(allowed_functions("duckdb")) == reviewed((name for (name,) in listed.fetchall()), "duckdb")


NAMES = st.sampled_from(["secret", "kinds", "x", "hr.pay", "shop.orders"])


@given(names=st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=4), last=NAMES, recursive=st.booleans())
def test_whatever_shadows_whatever_only_granted_tables_are_left(names, last, recursive):
    clauses = ", ".join(f"{name.rpartition('.')[2]} AS (SELECT * FROM {source})" for name, source in names)
    sql = f"WITH {'RECURSIVE ' if recursive else ''}{clauses} SELECT * FROM {last}"
    try:
        query = allowed(sql)
    except QueryRefused:
        return
    full = {
        tuple(part.name for part in node.parts)
        for node in real_tables(parse_query(query.sql, dialect="duckdb"), "duckdb")
    }
    assert full <= {("shop", "orders"), ("main", "kinds")}
