"""Engines for `bench.breakage`: a world is built once, every change is done to a copy, and the engine says what runs.

What the engine says is raw: the pair's SQL as it is, no guard and no door. Beside it stands the product's own warehouse
on the same copy, and a second copy with other rows.
"""

import csv
import io
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import duckdb
import psycopg
import pyarrow as pa

from bench.breakage_changes import Change
from bench.breakage_worlds import Stored, World, quoted, resampled
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.warehouse import Warehouse, open_warehouse

MOST_RESULT_ROWS = 20_000
READER = "breakage_reader"
"""The role as which the product reads: it may do nothing else."""


@dataclass(frozen=True, slots=True)
class Ran:
    """Names of the columns, and the rows as sorted texts."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """`binds`: the engine would plan it, and gives up on the data when it runs."""

    reason: str
    binds: bool


Outcome = Ran | Failed


class Unchangeable(Exception):
    """The engine does not let this world undergo the change."""


class Rows(Protocol):
    """One state of the data, asked as it is."""

    def ask(self, sql: str) -> Outcome: ...


@dataclass(frozen=True)
class Side:
    """One state of a world: the product's door to it, the engine itself, and the engine with other rows."""

    warehouse: Warehouse
    rows: Rows
    others: Rows


class Lab(Protocol):
    dialect: str

    def before(self) -> AbstractContextManager[Side]: ...

    def after(self, change: Change) -> AbstractContextManager[Side]:
        """Raises Unchangeable."""
        ...


def outcome_of(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Ran:
    return Ran(tuple(columns), tuple(sorted("\x1f".join(map(_text, row)) for row in rows)))


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    return repr(value)


class _DuckRows:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def ask(self, sql: str) -> Outcome:
        try:
            found = self._connection.execute(sql)
            rows = found.fetchmany(MOST_RESULT_ROWS)
            return outcome_of([column[0] for column in found.description or ()], rows)
        except (duckdb.Error, RuntimeError) as error:
            return Failed(str(error), self._binds(sql))

    def _binds(self, sql: str) -> bool:
        try:
            self._connection.execute(f"EXPLAIN {sql}")
        except (duckdb.Error, RuntimeError):
            return False
        return True


class DuckLab:
    """A world in DuckDB files of one folder; the warehouse finds each changed file in the place of the last one."""

    dialect = "duckdb"

    def __init__(self, world: World, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in (("base", world), ("other", resampled(world))):
            with closing(duckdb.connect(str(folder / f"{name}.duckdb"))) as connection:
                _fill_duckdb(connection, rows)
        self._warehouse = DuckDBWarehouse(folder / "warehouse.duckdb", workers=0)

    @contextmanager
    def before(self) -> Iterator[Side]:
        with self._side(()) as side:
            yield side

    @contextmanager
    def after(self, change: Change) -> Iterator[Side]:
        with self._side(change.statements) as side:
            yield side

    def close(self) -> None:
        self._warehouse.close()

    @contextmanager
    def _side(self, statements: Sequence[str]) -> Iterator[Side]:
        with ExitStack() as stack:
            rows, file = self._copy("base", statements, stack)
            others, _ = self._copy("other", statements, stack)
            fresh = self._folder / "fresh.duckdb"
            shutil.copyfile(file, fresh)
            fresh.replace(self._folder / "warehouse.duckdb")
            yield Side(self._warehouse, _DuckRows(rows), _DuckRows(others))

    def _copy(self, name: str, statements: Sequence[str], stack: ExitStack) -> tuple[duckdb.DuckDBPyConnection, Path]:
        file = self._folder / f"{name}-{uuid4().hex}.duckdb"
        shutil.copyfile(self._folder / f"{name}.duckdb", file)
        stack.callback(file.unlink)
        connection = stack.enter_context(closing(duckdb.connect(str(file), config={"threads": 1})))
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise Unchangeable(str(error)) from error
        return connection, file


def _fill_duckdb(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    schemas = {name.rpartition(".")[0] for name in world.tables}
    for schema in sorted(schemas):
        connection.execute(f"CREATE SCHEMA {quoted(schema)}")
    for name, table in world.tables.items():
        connection.execute(_ddl(name, table))
        if table.rows is not None and table.rows.num_rows:
            connection.register("copied", table.rows)
            connection.execute(f"INSERT INTO {quoted(name)} SELECT * FROM copied")
            connection.unregister("copied")
    for name, view in world.views.items():
        connection.execute(f"CREATE VIEW {quoted(name)} AS {view.sql()}")


def _ddl(name: str, table: Stored) -> str:
    columns = ", ".join(f'"{column}" {kind}' for column, kind in table.types.items())
    return f"CREATE TABLE {quoted(name)} ({columns})"


class _PostgresRows:
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def ask(self, sql: str) -> Outcome:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql.encode())  # bytes: a `%` in it is no placeholder
                rows = cursor.fetchmany(MOST_RESULT_ROWS)
                return outcome_of([column.name for column in cursor.description or ()], rows)
        except psycopg.Error as error:
            return Failed(str(error), self._binds(sql))

    def _binds(self, sql: str) -> bool:
        try:
            self._connection.execute(f"EXPLAIN {sql}".encode())
        except psycopg.Error:
            return False
        return True


class PostgresLab:
    """A world in a database of its own, which is the template of a new database for each change."""

    dialect = "postgres"

    def __init__(self, world: World, server: str) -> None:
        self._server = server
        self._admin = psycopg.connect(_plain(server), autocommit=True)
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self._admin.execute(f"CREATE ROLE {READER} LOGIN")
        self._made: list[str] = []
        self._names = {name: self._new(rows) for name, rows in (("base", world), ("other", resampled(world)))}

    @contextmanager
    def before(self) -> Iterator[Side]:
        with self._side(()) as side:
            yield side

    @contextmanager
    def after(self, change: Change) -> Iterator[Side]:
        with self._side(change.statements) as side:
            yield side

    def close(self) -> None:
        for name in self._made:
            self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._admin.close()

    def _new(self, world: World) -> str:
        name = f"world_{uuid4().hex[:12]}"
        self._admin.execute(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        with psycopg.connect(self._url(name), autocommit=True) as connection:
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}")
            connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {READER}")
            _fill_postgres(connection, world)
        return name

    @contextmanager
    def _side(self, statements: Sequence[str]) -> Iterator[Side]:
        with ExitStack() as stack:
            rows, url = self._copy("base", statements, stack)
            others, _ = self._copy("other", statements, stack)
            warehouse = stack.enter_context(open_warehouse(url))
            yield Side(warehouse, _PostgresRows(rows), _PostgresRows(others))

    def _copy(self, kind: str, statements: Sequence[str], stack: ExitStack) -> tuple["psycopg.Connection[Any]", str]:
        name = f"copy_{uuid4().hex[:12]}"
        self._admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._names[kind]}"')
        stack.callback(self._admin.execute, f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
        self._admin.execute(f'REVOKE CREATE, TEMP ON DATABASE "{name}" FROM PUBLIC'.encode())
        connection = stack.enter_context(closing(psycopg.connect(self._url(name), autocommit=True)))
        try:
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute("ANALYZE")
        except psycopg.Error as error:
            raise Unchangeable(str(error)) from error
        return connection, self._url(name, user=READER)

    def _url(self, name: str, *, user: str = "") -> str:
        parts = urlsplit(_plain(self._server))
        host = parts.netloc.rpartition("@")[2]
        netloc = f"{user}@{host}" if user else parts.netloc
        return urlunsplit(parts._replace(netloc=netloc, path=f"/{name}"))


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _fill_postgres(connection: "psycopg.Connection[Any]", world: World) -> None:
    for schema in sorted({name.rpartition(".")[0] for name in world.tables}):
        connection.execute(f"CREATE SCHEMA {quoted(schema)}".encode())
    for name, table in world.tables.items():
        connection.execute(_ddl(name, table).encode())
        if table.rows is not None and table.rows.num_rows:
            with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(name)} FROM STDIN CSV".encode()) as copy:
                copy.write(_csv(table.rows))
    for name, view in world.views.items():
        connection.execute(f"CREATE VIEW {quoted(name)} AS {view.sql()}".encode())


def _csv(rows: pa.Table) -> str:
    """NULL is nothing, and an empty text is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NOTNULL if hasattr(csv, "QUOTE_NOTNULL") else csv.QUOTE_MINIMAL)
    columns: Mapping[str, list[object]] = rows.to_pydict()
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["" if value is None else str(value).replace("\x00", "") or "''" for value in row])
    return text.getvalue()
