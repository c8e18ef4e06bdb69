"""Opening the state database, bringing it up to date, and what its failing is told as."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from tests.vedder_core.state.processes import at_once
from vedder_core.errors import StateError
from vedder_core.state import database
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.migrating import _LOCK, newest
from vedder_core.state.tables import metadata


def at_every_connect(state: State, pragma: str) -> None:
    """Also for the connections that are open: they are replaced."""
    event.listen(state.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA {pragma}"))
    state.engine.dispose()


def sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'vedder.db'}"


def test_processes_that_start_at_once_make_the_tables_once(state_url):
    at_once([("who was first?", f"key {number}") for number in range(4)], state_url)
    with State.open(state_url) as state:
        assert len(Conversations(state).conversations(caller="ann")) == 4
        with state.reading() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [newest()]


WAITING = {
    "sqlite": ("PRAGMA journal_mode = WAL", "PRAGMA busy_timeout = {}", "BEGIN IMMEDIATE"),
    "postgresql": ("SET lock_timeout = {}", f"SELECT pg_advisory_lock({_LOCK})"),
}


@contextmanager
def making_the_tables(url, *, patience=30.0):
    """As another program does; it waits so many seconds for one that is at it already."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in WAITING[engine.dialect.name]:
            connection.exec_driver_sql(statement.format(round(patience * 1000)))
        yield


def test_a_program_that_starts_waits_longer_for_the_tables_than_a_writer_waits_for_its_turn(state_url):
    if state_url.startswith("sqlite"):
        Path(make_url(state_url).database).parent.mkdir()
    with ThreadPoolExecutor() as starting:
        with making_the_tables(state_url):
            started = starting.submit(State.open, state_url)
            with pytest.raises(OperationalError), making_the_tables(state_url, patience=database.BUSY_SECONDS + 2):
                pytest.fail("two programs make the tables at once")
            assert not started.done()
        with started.result(timeout=60) as state:
            assert Conversations(state).ask("may I?", caller="ann").number == 1


def test_the_migrations_end_at_the_tables_that_the_code_uses(state):
    with state.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_migration_is_the_one_that_is_looked_for():
    steps = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert steps.get_heads() == [newest()]


def test_a_database_of_a_newer_vedder_is_left_alone(state, state_url):
    with state.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateError, match="does not know") as told:
        State.open(state_url)
    assert "newer Vedder" in told.value.hint


def test_a_sqlite_database_keeps_what_it_was_given_through_a_power_loss(tmp_path):
    with State.open(sqlite(tmp_path)) as state, state.reading() as connection:
        found = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_the_folder_of_a_new_database_is_nobody_elses(tmp_path):
    State.open(sqlite(tmp_path / "new")).close()
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_full_disk_is_told_reads_go_on_and_so_do_writes_once_there_is_room(tmp_path):
    with State.open(sqlite(tmp_path)) as state:
        conversations = Conversations(state)
        before = conversations.ask("is there room?", caller="ann")
        at_every_connect(state, "max_page_count = 40")
        with pytest.raises(StateError, match="disk is full") as told:
            [conversations.ask("x" * 3000, caller="bob") for _ in range(1000)]
        kept = len(conversations.conversations(caller="bob", limit=1000))
        assert conversations.turn(before.id) == before
        at_every_connect(state, "max_page_count = 100000")
        conversations.ask("and now?", caller="bob")
        assert len(conversations.conversations(caller="bob", limit=1000)) == kept + 1
        with state.reading() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert "Free some space" in told.value.hint


def test_a_locked_database_is_told_and_reads_go_on(tmp_path):
    with State.open(sqlite(tmp_path)) as state:
        at_every_connect(state, "busy_timeout = 20")
        conversations = Conversations(state)
        before = conversations.ask("who holds the lock?", caller="ann")
        other = sqlite3.connect(tmp_path / "vedder.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match="locked"):
            conversations.ask("may I?", caller="ann")
        assert conversations.turn(before.id) == before
        other.close()
        assert conversations.ask("may I now?", caller="ann").number == 1


def test_a_postgres_that_dropped_its_connections_is_gone_on_with(postgres_server):
    from bench import postgres

    with postgres.database(postgres_server) as url, State.open(url) as state, State.open(url) as other:
        conversations = Conversations(state)
        before = conversations.ask("are you there?", caller="ann")
        with other.writing() as connection:
            mine = "datname = current_database() AND pid <> pg_backend_pid()"
            ended = connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
            assert ended.scalars().all() == [True]
        assert conversations.turn(before.id) == before


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("vedder.db", "not a URL"),
        ("sqlite://", "cannot be sqlite://"),
        ("mysql://ann:s3cret@host/vedder", "cannot be mysql://ann:"),
        ("postgresql://ann:s3cret@/vedder?host=/nowhere", "does not answer"),
        ("sqlite:////proc/vedder/vedder.db", "cannot be made"),
    ],
)
def test_what_cannot_be_a_state_database_is_told_without_its_password(url, says):
    with pytest.raises(StateError) as told:
        State.open(url)
    assert says in told.value.message
    assert told.value.hint
    assert "s3cret" not in str(told.value)


def test_a_file_that_is_no_database_is_not_written_over(tmp_path):
    (tmp_path / "vedder.db").write_text("my notes, which are longer than the first words of a database " * 99)
    with pytest.raises(StateError, match="is no SQLite database"):
        State.open(sqlite(tmp_path))
    assert (tmp_path / "vedder.db").read_text().startswith("my notes")
