"""Engines for `bench.drift`: a world is built once, and each event is done to a copy, on DuckDB or on PostgreSQL.

An event is always done in DuckDB; for PostgreSQL the tables that it changed are then loaded into a copy of the
database. There, a table with a column of times is cut into a part for each month, and a part that an event empties is
detached, as those who load partitioned tables do it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import duckdb
import psycopg

from bench.drift_events import Event, named, quoted
from bench.drift_worlds import World
from bench.postgres_copies import Connection, Databases
from vedder_core.warehouse.duckdb import open_duckdb
from vedder_core.warehouse.warehouse import Warehouse, open_warehouse

PATIENCE_SECONDS = 30
ENGINE_TYPES = {
    "DOUBLE": "double precision",
    "FLOAT": "real",
    "VARCHAR": "text",
    "BLOB": "bytea",
    "HUGEINT": "numeric",
    "TINYINT": "smallint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
}

Rows = list[str]


class Unchangeable(Exception):
    """The engine does not let this world be built, or undergo the event."""


@dataclass(frozen=True)
class Side:
    """One state of a world: the product's door to it, and what the engine itself gives for a SQL."""

    warehouse: Warehouse
    rows: Callable[[str], Rows]


class Lab(Protocol):
    @property
    def world(self) -> World:
        """With those of its pairs that run here."""
        ...

    def before(self) -> AbstractContextManager[Side]: ...

    def after(self, event: Event) -> AbstractContextManager[Side]:
        """Raises Unchangeable."""
        ...

    def close(self) -> None: ...


def rows_of(found: list[tuple[object, ...]]) -> Rows:
    """Rows as texts in one order."""
    return sorted(repr(tuple(map(_plain, row))) for row in found)


def _plain(value: object) -> object:
    return float(f"{float(value):.9g}") if isinstance(value, float | Decimal) else value


class DuckLab:
    """A world in its own file."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world, self._folder = world, folder

    @contextmanager
    def before(self) -> Iterator[Side]:
        with self._side(self.world.file) as side:
            yield side

    @contextmanager
    def after(self, event: Event) -> Iterator[Side]:
        with changed(self.world, event, self._folder) as file, self._side(file) as side:
            yield side

    def close(self) -> None:
        """Nothing stays open."""

    @contextmanager
    def _side(self, file: Path) -> Iterator[Side]:
        def rows(sql: str) -> Rows:
            with closing(duckdb.connect(str(file))) as engine:
                try:
                    return rows_of(engine.execute(sql).fetchall())
                except duckdb.Error as error:
                    return [f"error {type(error).__name__}"]

        with closing(open_duckdb(f"duckdb:///{file}?workers=0")) as warehouse:
            yield Side(warehouse, rows)


@contextmanager
def changed(world: World, event: Event, folder: Path) -> Iterator[Path]:
    """A copy of a world's file to which the event was done."""
    file = folder / f"event_{uuid4().hex}.duckdb"
    shutil.copy(world.file, file)
    try:
        with closing(duckdb.connect(str(file))) as engine:
            for statement in event.statements:
                engine.execute(statement)
        yield file
    except duckdb.Error as error:
        raise Unchangeable(str(error)) from error
    finally:
        file.unlink()


class PostgresLab:
    """A world in a database of its own, which is the template of a new database for each event."""

    def __init__(self, world: World, folder: Path, server: str) -> None:
        self._folder, self._databases = folder, Databases(server, seconds=PATIENCE_SECONDS)
        self._parts: dict[str, list[str]] = {}
        self.world = world
        self._base = self._databases.new()
        try:
            with (
                self._databases.connected(self._base) as connection,
                closing(duckdb.connect(str(world.file))) as source,
            ):
                self._build(connection, source)
                self.world = self._running(connection)
        except (psycopg.Error, duckdb.Error) as error:
            self.close()
            raise Unchangeable(str(error)) from error

    def close(self) -> None:
        self._databases.close()

    @contextmanager
    def before(self) -> Iterator[Side]:
        with self._databases.copy(self._base) as (connection, url), self._side(connection, url) as side:
            yield side

    @contextmanager
    def after(self, event: Event) -> Iterator[Side]:
        with changed(self.world, event, self._folder) as file, self._databases.copy(self._base) as (connection, url):
            try:
                with closing(duckdb.connect(str(file))) as source:
                    for table in [event.table] if event.table else [one.name for one in self.world.cluster.datasets]:
                        self._reload(connection, source, table)
                for statement in event.statements:
                    if statement.startswith("COMMENT ON"):
                        connection.execute(statement.encode())
                connection.execute("ANALYZE")
            except psycopg.Error as error:
                raise Unchangeable(str(error)) from error
            with self._side(connection, url) as side:
                yield side

    @contextmanager
    def _side(self, connection: Connection, url: str) -> Iterator[Side]:
        def rows(sql: str) -> Rows:
            try:
                return rows_of(connection.execute(sql.encode()).fetchall())
            except psycopg.Error as error:
                return [f"error {type(error).__name__}"]

        with closing(open_warehouse(url)) as warehouse:
            yield Side(warehouse, rows)

    def _build(self, connection: Connection, source: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f'CREATE SCHEMA "{self.world.name}"'.encode())
        for dataset in self.world.cluster.datasets:
            columns = ", ".join(f"{named(name)} {kind}" for name, kind in _types(source, dataset.name).items())
            column = self.world.cut.get(dataset.name)
            cut = f" PARTITION BY RANGE ({named(column)})" if column else ""
            connection.execute(f"CREATE TABLE {quoted(dataset.name)} ({columns}){cut}".encode())
            if column:
                self._cut(connection, source, dataset.name, column)
            _load(connection, source, dataset.name, self._folder)
        connection.execute("ANALYZE")

    def _cut(self, connection: Connection, source: duckdb.DuckDBPyConnection, table: str, column: str) -> None:
        t, month = quoted(table), f"date_trunc('month', {named(column)})::DATE"
        months = source.execute(f"SELECT DISTINCT {month}, ({month} + INTERVAL 1 MONTH)::DATE FROM {t}").fetchall()
        for first, after in sorted(months):
            part = quoted(f"{table}_{first:%Y_%m}")
            connection.execute(
                f"CREATE TABLE {part} PARTITION OF {t} FOR VALUES FROM ('{first}') TO ('{after}')".encode()
            )
            self._parts.setdefault(table, []).append(part)
        connection.execute(f"CREATE TABLE {quoted(f'{table}_rest')} PARTITION OF {t} DEFAULT".encode())

    def _running(self, connection: Connection) -> World:
        run = []
        for pair in self.world.cluster.pairs:
            with suppress(psycopg.Error):
                connection.execute(pair.sql.encode()).fetchall()
                run.append(pair)
        return replace(self.world, cluster=self.world.cluster.model_copy(update={"pairs": tuple(run)}))

    def _reload(self, connection: Connection, source: duckdb.DuckDBPyConnection, table: str) -> None:
        """What a table holds after an event; parts that held rows and hold none are detached."""
        t = quoted(table)
        connection.execute(f"TRUNCATE {t}".encode())
        with closing(duckdb.connect(str(self.world.file), read_only=True)) as former:
            was = _types(former, table)
        for name, kind in _types(source, table).items():
            if was.get(name) != kind:
                change = f"ALTER {named(name)} TYPE {kind} USING {named(name)}::text::{kind}"
                connection.execute(f"ALTER TABLE {t} {change}".encode())
        _load(connection, source, table, self._folder)
        for part in self._parts.get(table, []):
            if connection.execute(f"SELECT 1 FROM {part} LIMIT 1".encode()).fetchone() is None:
                connection.execute(f"ALTER TABLE {t} DETACH PARTITION {part}".encode())


def _types(source: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    """The columns of a table with PostgreSQL's names of their types."""
    described = source.execute(f"DESCRIBE {quoted(table)}").fetchall()
    return {str(name): ENGINE_TYPES.get(str(kind), str(kind).lower()) for name, kind, *_ in described}


def _load(connection: Connection, source: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """NULL is nothing, and an empty text is quoted: both engines write and read it so."""
    file = folder / f"rows_{uuid4().hex}.csv"
    source.execute(f"COPY (SELECT * FROM {quoted(table)}) TO '{file}' (FORMAT csv, HEADER false)")
    try:
        with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table)} FROM STDIN CSV".encode()) as copy:
            copy.write(file.read_bytes())
    finally:
        file.unlink()
