"""Promises of the guard for PostgreSQL: what it lets through, a real server runs with the same result, and it shows
nothing that is not granted, though the role may read everything."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from bench import postgres
from bench.postgres_guard import plain
from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.allowed_functions import NEWER_IN_POSTGRES, allowed_functions, reviewed
from vedder_core.sql.functions import SYNTAX_IN_POSTGRES
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.session_words import SESSION_WORDS_IN_POSTGRES, SYSTEM_COLUMNS

HERE = Path(__file__).parent
COLUMNS = ("id integer", "amount numeric", "ordered date", "at timestamp", "status text", "tags text[]", "info jsonb")
ORDERS = Table("shop.orders", tuple(Column(*column.split()) for column in (*COLUMNS, "email text")))
UPPER = Table("shop.Orders", (Column("id", "integer"), Column("Big", "integer"), Column("user", "text")))
KINDS = Table("shop.kinds", (Column("id", "integer"), Column("name", "text")))
GRANTED = Granted({t.name: t for t in (ORDERS, UPPER, KINDS)}, {"shop.orders": frozenset({"EMAIL"})})
DDL = f"""
CREATE SCHEMA shop; CREATE TABLE shop.orders ({", ".join(COLUMNS)}, email text);
INSERT INTO shop.orders VALUES
    (1, 10.5, '2024-01-31', '2024-01-31 10:30', 'paid', '{{a,b}}', '{{"k": {{"x": 1}}, "l": [1, 2]}}', 'CANARY'),
    (2, 20, '2024-02-01', '2024-02-01 23:59:59.5', 'open', '{{}}', '{{"k": null}}', 'CANARY'),
    (3, NULL, '2023-12-25', '2023-12-25', 'It''s \\ paid', NULL, NULL, 'CANARY');
CREATE TABLE shop."Orders" (id integer, "Big" integer, "user" text); INSERT INTO shop."Orders" VALUES (1, 7, 'u');
CREATE TABLE shop.kinds (id integer, name text); INSERT INTO shop.kinds VALUES (1, 'one'), (2, 'two');
CREATE SCHEMA hr; CREATE TABLE hr.pay (id integer, pay text); INSERT INTO hr.pay VALUES (1, 'CANARY');
CREATE TABLE public.secret (x text); INSERT INTO public.secret VALUES ('CANARY');
CREATE FUNCTION public.leak(shop.kinds) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(pay) FROM hr.pay';
CREATE FUNCTION public.lower(shop.kinds) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(pay) FROM hr.pay';
"""


def statements(file):
    lines = [line for line in (HERE / file).read_text().splitlines() if not line.startswith("--")]
    return [statement for statement in "\n".join([*lines, ""]).split(";\n") if statement]


@pytest.fixture(scope="module")
def connection(postgres_server):
    with (
        postgres.database(postgres_server) as url,
        psycopg.connect(plain(url), autocommit=True, cursor_factory=psycopg.ClientCursor) as made,
    ):
        made.execute(DDL)
        made.execute("SET search_path = ''")
        yield made


def guarded(sql, **parameters):
    return guard(sql, GRANTED, dialect="postgres", parameters=parameters)


def rows(connection, query):
    return connection.execute(query.sql, dict(query.parameters) or None).fetchall()


@pytest.mark.parametrize("sql", statements("postgres_honest.sql"))
def test_honest_queries_keep_their_result(connection, sql):
    assert sorted(map(repr, rows(connection, guarded(sql)))) == sorted(map(repr, connection.execute(sql)))


def test_hidden_columns_do_not_exist(connection):
    for sql in (
        "SELECT * FROM shop.orders",
        "SELECT o FROM shop.orders o",
        "SELECT o::text, (o).*, row_to_json(o), to_jsonb(o), json_agg(o) OVER () FROM shop.orders AS o",
        "SELECT orders FROM shop.orders",
        "SELECT * FROM shop.orders NATURAL JOIN shop.kinds",
        "SELECT * FROM shop.orders JOIN shop.kinds USING (id)",
        "SELECT x.* FROM (SELECT * FROM shop.orders) x",
        "TABLE shop.orders",
        "SELECT count(o), max(o::text), string_agg(o::text, ',') FROM shop.orders o",
        "SELECT * FROM shop.orders AS t(a, b, c, d, e, f, g)",
        "SELECT * FROM shop.orders TABLESAMPLE BERNOULLI (100)",
        "SELECT * FROM SHOP.ORDERS",
        'SELECT * FROM "shop"."orders"',
    ):
        assert "CANARY" not in str(rows(connection, guarded(sql))), sql
    for sql in ("email", '"email"', "EMAIL", "o.email", "(o).email", "shop.orders.email"):
        with pytest.raises((errors.UndefinedColumn, errors.UndefinedTable)):
            rows(connection, guarded(f"SELECT {sql} FROM shop.orders o"))


DEEP = (
    *("SELECT " + "~" * 3_000 + "1", "SELECT " + "@" * 3_000 + "1", "SELECT " + "(" * 45 + "1" + ")" * 45),
    *("SELECT 1" + "::int" * 500, "SELECT " + "NOT " * 3_000 + "true"),
)


@pytest.mark.parametrize("sql", [*statements("postgres_refused.sql"), *DEEP])
def test_everything_else_is_refused_with_a_hint(sql):
    with pytest.raises(QueryRefused) as refused:
        guarded(sql)
    assert refused.value.hint
    assert "hr.pay" not in refused.value.hint


def test_a_function_that_somebody_made_for_a_row_is_out_of_reach(connection):
    """The session's search path is empty, as the engine sets it."""
    for sql in (
        "SELECT k.leak FROM shop.kinds k",
        "SELECT (k).leak FROM shop.kinds k",
        "SELECT k.lower FROM shop.kinds k",
    ):
        with pytest.raises(psycopg.Error):
            rows(connection, guarded(sql))
    with pytest.raises(psycopg.Error):
        rows(connection, guarded("SELECT lower(k) FROM shop.kinds k"))


def test_parameters_are_bound_and_a_percent_sign_is_only_itself(connection):
    query = guarded("SELECT id FROM shop.orders WHERE status LIKE '%a%' AND id % 2 = :Odd", Odd=1, unused=2)
    assert query.parameters == {"Odd": 1}
    assert "LIKE '%a%'" in query.sql
    assert "%(Odd)s" in query.sql


def test_the_list_of_functions_is_the_servers_own_less_what_was_denied(connection):
    """A newer server's new functions are refused until they are reviewed: put them into the list, or into `DENIED`."""
    named = {name for (name,) in connection.execute((HERE / "postgres_functions.sql").read_text()).fetchall()}
    listed, wanted = allowed_functions("postgres"), {*reviewed(named, "postgres"), *NEWER_IN_POSTGRES}
    assert sorted(wanted - listed) == [], "functions of this server that nobody has reviewed"
    if connection.info.server_version // 10_000 == 15:
        assert sorted(listed - wanted) == []


def test_a_syntax_word_is_no_function_of_the_server_that_was_denied(connection):
    named = {name for (name,) in connection.execute("SELECT proname FROM pg_catalog.pg_proc").fetchall()}
    types = {"bit", "bpchar", "char", "float", "numeric", "time", "timestamp", "timestamptz", "timetz", "varchar"}
    ways_to_sample = {"system", "bernoulli"}
    assert named & SYNTAX_IN_POSTGRES <= allowed_functions("postgres") | types | ways_to_sample


def test_every_word_that_the_server_reads_as_a_value_is_known(connection):
    words = [word for (word,) in connection.execute("SELECT word FROM pg_catalog.pg_get_keywords()").fetchall()]
    values = {word for word in words if gives_a_value(connection, word)}
    assert values - {"null", "true", "false", "all"} <= SESSION_WORDS_IN_POSTGRES | {
        "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp",
    }  # fmt: skip


def gives_a_value(connection, word):
    try:
        connection.execute(f"SELECT {word}")
    except psycopg.Error:
        return False
    return True


def test_every_system_column_of_the_server_is_known(connection):
    found = connection.execute("SELECT DISTINCT attname FROM pg_catalog.pg_attribute WHERE attnum < 0").fetchall()
    assert {name for (name,) in found} == SYSTEM_COLUMNS


def test_every_allowed_function_is_written_as_one_that_the_server_knows(connection):
    """What binds as it is written must bind as the guard writes it, and give the same type.

    `date_part` becomes EXTRACT, which gives a numeric; the parser knows `json_object` as the standard's alone.
    """
    calls = connection.execute(
        "SELECT proname, ARRAY(SELECT pg_catalog.format_type(kind, NULL) FROM unnest(proargtypes) AS kind) "
        "FROM pg_catalog.pg_proc WHERE pronamespace = 'pg_catalog'::pg_catalog.regnamespace AND prokind = 'f' "
        "AND proname = ANY (%s)",
        [sorted(allowed_functions("postgres"))],
    ).fetchall()
    changed = []
    for name, kinds in calls:
        sql = f"SELECT {name}({', '.join(f'NULL::{kind}' for kind in kinds)})"
        expected = type_of(connection, sql)
        try:
            found = expected and type_of(connection, guarded(sql).sql)
        except QueryRefused:
            continue  # a type that is not allowed
        if expected != found and name not in ("date_part", "json_object"):
            changed.append((sql, found))
    assert changed == []


def type_of(connection, sql):
    try:
        return connection.execute(sql).description[0].type_code
    except psycopg.Error:
        return None
