"""What PostgreSQL is not let do: no role that can write, no way round the deadline, nothing of the data in an error."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.vedder_core.warehouse.postgres_worlds import Database, database
from vedder_core.errors import QueryFailed, QueryRefused, QueryTimeout, SettingsError, WarehouseError
from vedder_core.schema import Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.postgres_opening import connect, read_url
from vedder_core.warehouse.postgres_plan import check_scans
from vedder_core.warehouse.postgres_session import Bindable, Session, TooManyBytes, Until
from vedder_core.warehouse.warehouse import DIALECTS, ENGINES, Limits, open_warehouse, without_password

BUILD = (
    "CREATE SCHEMA shop",
    "CREATE SCHEMA hr",
    "CREATE TABLE shop.orders AS SELECT n AS id, n % 3 AS kind FROM generate_series(1, 1000) r (n)",
    "CREATE TABLE hr.pay AS SELECT n AS salary, 'CANARY' AS ssn FROM generate_series(1, 100) r (n)",
    "CREATE VIEW shop.above AS SELECT o.id, p.salary FROM shop.orders o JOIN hr.pay p ON p.salary = o.id",
    "CREATE VIEW shop.higher AS SELECT * FROM shop.above",
)


MEMBER = """
    CREATE ROLE w_{role} NOLOGIN; GRANT INSERT ON shop.orders TO w_{role}; GRANT w_{role} TO {role};
    ALTER ROLE {role} NOINHERIT"""


@pytest.fixture
def own(postgres_server: str) -> Iterator[Database]:
    with database(postgres_server) as made:
        made.change(*BUILD)
        yield made


@pytest.fixture
def session(own: Database) -> Iterator[Session]:
    opened = Session(read_url(own.url()))
    yield opened
    opened.close()


def within(seconds: float, stop: threading.Event | None = None) -> Until:
    return Until(seconds, time.monotonic(), stop)


def ask(session: Session, sql: str, seconds: float = 10.0) -> list[str]:
    with session.transaction(until := within(seconds)):
        chunks = session.ask(Bindable(sql), until)
        return [(chunk.get_value(row, 0) or b"").decode() for chunk in chunks for row in range(chunk.ntuples)]


# The role


@pytest.mark.parametrize(
    ("grants", "what"),
    [
        ("ALTER ROLE {role} SUPERUSER", "is a superuser"),
        ("ALTER ROLE {role} CREATEDB", "may create roles or databases"),
        ("GRANT pg_write_all_data TO {role}", "only a server's keeper"),
        ("GRANT INSERT ON shop.orders TO {role}", "may write to a table"),
        ("GRANT UPDATE (kind) ON shop.orders TO {role}", "may write to a table"),
        ("GRANT TRUNCATE ON hr.pay TO PUBLIC", "may write to a table"),
        ("CREATE SEQUENCE shop.s; GRANT USAGE ON SEQUENCE shop.s TO {role}", "or a sequence"),
        ("ALTER TABLE shop.orders OWNER TO {role}", "owns tables"),
        ("GRANT CREATE ON SCHEMA shop TO {role}", "may create tables in a schema"),
        ("GRANT TEMP ON DATABASE {database} TO {role}", "may create temporary tables"),
        ("GRANT CREATE ON DATABASE {database} TO {role}", "may create schemas"),
        (MEMBER, "may write to a table"),
    ],
)  # fmt: skip
def test_a_role_that_can_do_more_than_read_is_refused_with_the_sql_for_a_right_one(
    own: Database, grants: str, what: str
) -> None:
    name = urlsplit(own.owner_url).path[1:]
    own.bare(grants.format(role=own.reader, database=name))
    try:
        with open_warehouse(own.url()) as warehouse, pytest.raises(WarehouseError, match=what) as refused:
            warehouse.catalog()
    finally:
        own.bare(f"ALTER ROLE {own.reader} NOSUPERUSER NOCREATEDB")
        if "w_" in grants:
            own.bare(f"DROP OWNED BY w_{own.reader}", f"DROP ROLE w_{own.reader}")
    assert "CREATE ROLE" in refused.value.hint
    assert "GRANT SELECT" in refused.value.hint
    assert own.reader in refused.value.message


# The URL and its password


def test_a_password_is_in_no_error_no_log_and_nothing_that_is_shown(
    own: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    url = own.url(user="nobody_at_all", password="hunter2%2F%40")
    with open_warehouse(url) as warehouse, pytest.raises(WarehouseError) as refused:
        warehouse.catalog()
    told = f"{refused.value} {refused.value.__cause__} {caplog.text} {without_password(url)} {read_url(url)!r}"
    assert "hunter2" not in told
    assert "nobody_at_all@" in without_password(url)
    assert read_url(url).password == "hunter2/@"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:hunter2@host:port#/db", "cannot be read"),
        ("postgresql://me:hunter2@host", "names no database"),
        ("postgresql://me:hunter2@host/db?scemas=a", "unknown option `scemas`"),
        ("postgresql://me:hunter2@host/db?connections=0", "no number of connections"),
    ],
)
def test_a_url_that_cannot_be_used_is_told_without_its_password(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as wrong:
        open_warehouse(url)
    assert "hunter2" not in f"{wrong.value} {wrong.value.__cause__}"


def test_a_schema_that_is_not_there_is_named_with_the_nearest(own: Database) -> None:
    with open_warehouse(own.url(options="&schemas=shp")) as warehouse, pytest.raises(WarehouseError) as wrong:
        warehouse.catalog()
    assert "`shop`" in wrong.value.hint
    with open_warehouse(own.url(options="&schemas=hr")) as warehouse:
        assert set(warehouse.catalog().tables) == {"hr.pay"}


def test_every_engine_has_a_dialect() -> None:
    assert set(DIALECTS) == set(ENGINES)


# What a query may do to its session


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO shop.orders VALUES (1, 1)",
        "CREATE TEMP TABLE t AS SELECT 1",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT 1; SELECT 2",
        "COMMIT; DROP SCHEMA shop CASCADE",
    ],
)
def test_a_session_takes_one_statement_and_writes_nothing(own: Database, session: Session, sql: str) -> None:
    with pytest.raises(psycopg.Error):
        ask(session, sql)
    assert ask(session, "SELECT count(*) FROM shop.orders") == ["1000"]


def test_what_a_query_sets_and_locks_is_gone_behind_it(session: Session) -> None:
    ask(session, "SELECT set_config('search_path', 'hr', false), set_config('statement_timeout', '7', false)")
    ask(session, "SELECT pg_advisory_lock(42)")
    assert ask(session, "SELECT current_setting('search_path')") == ['""']
    assert ask(session, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == ["0"]
    assert ask(session, "SELECT current_setting('transaction_read_only')") == ["on"]
    assert session.connection.execute("SHOW statement_timeout").fetchall() == [("0",)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_sleep(60)",
        "SELECT set_config('statement_timeout', '0', true), pg_sleep(60)",
        "SELECT set_config('statement_timeout', '0', false), pg_sleep(60) FROM shop.orders",
        "SELECT sum(a.id * b.id % 7 + c.id % 3) FROM shop.orders a, shop.orders b, shop.orders c",
    ],
)
def test_the_deadline_is_kept_from_outside_and_the_session_stays(session: Session, sql: str) -> None:
    began = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.3 seconds"):
        ask(session, sql, 0.3)
    assert time.monotonic() - began < 0.3 + 2.0
    assert session.usable
    assert ask(session, "SELECT 1") == ["1"]


def test_a_shorter_time_limit_of_the_role_holds(own: Database) -> None:
    own.bare(f"ALTER ROLE {own.reader} SET statement_timeout = '100ms'")
    with closing(Session(read_url(own.url()))) as session, pytest.raises(psycopg.errors.QueryCanceled):
        ask(session, "SELECT pg_sleep(60)", 30.0)


def test_a_server_process_that_does_not_answer_is_left_in_time_and_ended(own: Database, session: Session) -> None:
    ask(session, "SELECT 1")
    pid = session.connection.info.backend_pid
    try:
        os.kill(pid, signal.SIGSTOP)
    except (PermissionError, ProcessLookupError):
        pytest.skip("the server's processes are not ours to stop")
    began = time.monotonic()
    with pytest.raises((QueryTimeout, QueryFailed)):
        ask(session, "SELECT 1", 0.2)
    assert time.monotonic() - began < 0.2 + 4.0
    assert not session.usable
    os.kill(pid, signal.SIGCONT)
    with psycopg.connect(own.owner_url, autocommit=True) as owner:
        deadline = time.monotonic() + 10
        while owner.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone() is not None:
            assert time.monotonic() < deadline


def test_a_query_that_sends_too_many_bytes_is_broken_off(session: Session) -> None:
    until = within(20.0)
    rows = Bindable("SELECT repeat('x', 3000) FROM generate_series(1, 100000)")
    with session.transaction(until), pytest.raises(TooManyBytes):
        list(session.ask(rows, until, most_bytes=2_000_000))
    assert not session.usable or ask(session, "SELECT 1") == ["1"]


def test_one_giant_value_is_in_no_answer(own: Database) -> None:
    with open_warehouse(own.url()) as warehouse:
        asked = guard("SELECT 1 AS x", Granted(warehouse.catalog().tables), dialect="postgres")
        answer = warehouse.run(replace(asked, sql="SELECT repeat('x', 300000000) AS x"), Limits(bytes=1_000_000))
        assert (answer.truncated, answer.table.num_rows) == (True, 0)
        assert warehouse.run(asked, Limits()).table.to_pylist() == [{"x": 1}]


def test_connections_are_used_again_and_no_more_than_asked_for(own: Database) -> None:
    with open_warehouse(own.url()) as warehouse:
        threads = [threading.Thread(target=warehouse.catalog) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with psycopg.connect(own.owner_url) as owner:
            counted = owner.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", [own.reader]).fetchone()
    assert counted is not None
    assert 1 <= counted[0] <= 4


def test_a_connection_that_the_server_ended_is_replaced(own: Database) -> None:
    with open_warehouse(own.url()) as warehouse:
        assert warehouse.catalog().find("shop.orders")
        own.bare(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{own.reader}'")
        with pytest.raises(WarehouseError, match="connection"):
            warehouse.catalog()
        assert warehouse.catalog().find("shop.orders")


# The plan


def check(session: Session, sql: str, *datasets: str) -> None:
    with session.transaction(until := within(10.0)):
        check_scans(session, Bindable(sql), frozenset(datasets), until)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM hr.pay",
        "SELECT max(salary) FROM hr.pay",
        "SELECT id, (SELECT max(ssn) FROM hr.pay) FROM shop.orders",
        "WITH a AS MATERIALIZED (SELECT * FROM hr.pay) SELECT count(*) FROM a, a AS b",
        "SELECT * FROM shop.above",
        "SELECT relname FROM pg_class",
        "SELECT * FROM pg_stat_get_activity(NULL)",
        "SELECT * FROM pg_ls_dir('.')",
    ],
)
def test_a_plan_that_reads_more_than_the_datasets_is_refused_without_a_name(session: Session, sql: str) -> None:
    with pytest.raises((QueryRefused, psycopg.errors.InsufficientPrivilege)) as refused:
        check(session, sql, "shop.orders")
    if isinstance(refused.value, QueryRefused):
        assert not any(name in str(refused.value) for name in ("hr", "pay", "salary", "pg_"))


@pytest.mark.parametrize(
    ("sql", "datasets"),
    [
        ("SELECT count(*) FROM shop.orders", ["shop.orders"]),
        ("SELECT o.id FROM shop.orders o, generate_series(1, 3) g", ["shop.orders"]),
        ("SELECT salary FROM shop.higher", ["shop.higher"]),
        ("SELECT salary FROM shop.above a JOIN shop.orders o ON o.id = a.id", ["shop.above", "shop.orders"]),
        ("SELECT 1 AS one", []),
    ],
)
def test_a_plan_within_the_datasets_and_below_their_views_passes(
    session: Session, sql: str, datasets: list[str]
) -> None:
    check(session, sql, *datasets)


def test_the_plan_is_checked_whenever_a_query_runs(own: Database) -> None:
    with open_warehouse(own.url()) as warehouse:
        asked = guard("SELECT id FROM shop.orders", Granted(warehouse.catalog().tables), dialect=warehouse.dialect)
        assert warehouse.run(asked, Limits()).table.num_rows == 1000
        with pytest.raises(QueryRefused, match="more than the datasets"):
            warehouse.run(replace(asked, sql="SELECT salary AS id FROM hr.pay"), Limits())


def test_a_granted_view_is_read_with_its_owners_rights(own: Database) -> None:
    own.bare(f"REVOKE ALL ON SCHEMA hr FROM {own.reader}", f"REVOKE ALL ON hr.pay FROM {own.reader}")
    with open_warehouse(own.url()) as warehouse:
        tables = warehouse.catalog().tables
        assert set(tables) == {"shop.orders", "shop.above", "shop.higher"}
        before = warehouse.data_versions(tables.values())
        own.bare("UPDATE hr.pay SET salary = salary + 1 WHERE salary = 5")
        after = warehouse.data_versions(tables.values())
    assert {name for name in after if after[name] != before[name]} == {"shop.above", "shop.higher"}


def test_a_name_without_a_schema_means_nothing_of_the_database(own: Database, session: Session) -> None:
    own.bare("CREATE FUNCTION public.lower(integer) RETURNS text LANGUAGE sql AS 'SELECT max(ssn) FROM hr.pay'")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        ask(session, "SELECT lower(1)")
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(session, "SELECT * FROM orders")


def test_a_place_that_cannot_be_reached_is_told_in_our_words() -> None:
    with pytest.raises(WarehouseError, match=r"127\.0\.0\.1:1/db cannot be opened"):
        connect(read_url("postgresql://me:hunter2@127.0.0.1:1/db"))


def test_a_table_that_is_gone_has_no_partitions_but_an_error(own: Database) -> None:
    with open_warehouse(own.url()) as warehouse, pytest.raises(WarehouseError) as gone:
        warehouse.partitions(Table("shop.order", ()))
    assert "shop.orders" in gone.value.hint
