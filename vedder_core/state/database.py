"""The state database: SQLite for one machine, PostgreSQL for many, opened at the newest shape of its tables.

What fails below is raised as StateError, with a hint. Deliberately not here: what is kept, and by which rules.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from vedder_core.closing import Closing
from vedder_core.errors import StateError
from vedder_core.state.migrating import is_current, migrate
from vedder_core.state.trouble import trouble

BUSY_SECONDS = 4.0
"""How long a writer waits for another one: shorter than a lease, or a busy moment would cost a turn."""

MIGRATING_SECONDS = 60.0
"""How long a program that starts waits for another one that is making the tables."""

_POSTGRES = "postgresql+psycopg"


class State(Closing):
    """An open state database. Safe to use from many threads; not to be carried over a fork."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writer = engine.execution_options(writes=True)
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._one_writer: AbstractContextManager[object] = threading.Lock() if self.is_sqlite else nullcontext()
        """SQLite has one writer at a time; threads that wait here do so in better order than at its lock."""

    @classmethod
    def open(cls, url: str) -> Self:
        """The database of this URL, made where there is none, its tables brought up to date. Raises StateError."""
        place = _place(url)
        engine = _sqlite(place) if place.drivername == "sqlite" else _postgres(place)
        state = cls(engine)
        try:
            if state.is_sqlite:
                _log_ahead(engine)
            with state.reading() as connection:
                current = is_current(connection)
            if not current:
                with cls(_sqlite(place, MIGRATING_SECONDS) if state.is_sqlite else engine) as patient:
                    patient._migrate()
        except BaseException:
            engine.dispose()
            raise
        return state

    @classmethod
    def look(cls, url: str) -> Self | None:
        """The database of this URL to be read only, as it is: nothing is made and nothing brought up to date.

        None where there is no such file yet. Raises StateError, also where its tables are of another Vedder.
        """
        place = _place(url)
        sqlite = place.drivername == "sqlite"
        if sqlite and not Path(place.database or "").is_file():
            return None
        state = cls(_sqlite(place) if sqlite else _postgres(place).execution_options(postgresql_readonly=True))
        if sqlite:
            event.listen(state.engine, "connect", _read_only)
        try:
            with state.reading() as connection:
                current = is_current(connection)
        except BaseException:
            state.close()
            raise
        if not current:
            state.close()
            raise StateError(
                "The state database has not the tables that this Vedder knows.",
                hint="The API brings them up to date when it starts: start it, or bring all of Vedder to one version.",
            )
        return state

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads. Raises StateError."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, for good once the block ends. Raises StateError, or IntegrityError by a constraint."""
        with self._one_writer, self._told(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections that are not in use."""
        self.engine.dispose()

    def _migrate(self) -> None:
        with self.writing() as connection:
            migrate(connection, patience=MIGRATING_SECONDS)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise trouble(error, self.engine.url) from error


def _place(url: str) -> URL:
    try:
        place = make_url(url)
    except ArgumentError as error:
        raise StateError("VEDDER_STATE is not a URL.", hint="Write sqlite:///path/to/vedder.db.") from error
    if place.drivername in ("postgres", "postgresql", _POSTGRES):
        return place.set(drivername=_POSTGRES)
    if place.drivername == "sqlite" and place.database not in (None, "", ":memory:"):
        return place
    raise StateError(
        f"The state database cannot be {place.render_as_string()}.",
        hint="It is a SQLite file (sqlite:///path/to/vedder.db) or PostgreSQL (postgresql+psycopg://user@host/name).",
    )


def _sqlite(place: URL, patience: float = BUSY_SECONDS) -> Engine:
    """An engine that begins transactions itself, those that write with a lock at once: then none fails half way."""
    path = Path(place.database or "")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"The folder of the state database, {path.parent}, cannot be made: {error.strerror}.",
            hint="Let VEDDER_STATE name a place that may be written to.",
        ) from error
    engine = create_engine(
        place, pool_size=8, max_overflow=32, hide_parameters=True, connect_args={"timeout": patience}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: PoolProxiedConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]  # sqlite3's own: it begins nothing by itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _read_only(connection: PoolProxiedConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def _postgres(place: URL) -> Engine:
    try:
        return create_engine(place, pool_size=8, max_overflow=16, pool_pre_ping=True, hide_parameters=True)
    except (ImportError, NoSuchModuleError) as error:
        raise StateError(
            "The driver of PostgreSQL is not installed.", hint="pip install 'vedder[postgres]', or use SQLite."
        ) from error


def _log_ahead(engine: Engine) -> None:
    """Switch the file to write-ahead logging, for good. Of several processes that start at once, one does it."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        raw = None
        try:
            raw = engine.raw_connection()
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        except (DBAPIError, engine.dialect.loaded_dbapi.Error) as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise trouble(error, engine.url) from error
            time.sleep(0.02)  # this switch does not wait for others by itself
        else:
            return
        finally:
            if raw is not None:
                raw.close()
