"""A world in a PostgreSQL database of its own, which is the template of a new database for each change."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
import pyarrow as pa

from bench.breakage.labs import Cursor, Rows, Side, Unchangeable, fill
from bench.breakage.worlds import World, quoted, resampled
from vedder_core.warehouse.warehouse import open_warehouse

READER = "breakage_reader"
"""The role as which the product reads: it may do nothing else."""

Connection = psycopg.Connection[Any]


class PostgresLab:
    """Copies are databases, gone when they have been looked at."""

    def __init__(self, world: World, server: str) -> None:
        self._server = server
        self._admin = psycopg.connect(_plain(server), autocommit=True)
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self._admin.execute(f"CREATE ROLE {READER} LOGIN")
        self._made: list[str] = []
        self._names = {name: self._new(rows) for name, rows in (("base", world), ("other", resampled(world)))}

    @contextmanager
    def side(self, statements: Sequence[str]) -> Iterator[Side]:
        with ExitStack() as stack:
            rows, url = self._copy("base", statements, stack)
            others, _ = self._copy("other", statements, stack)
            warehouse = stack.enter_context(open_warehouse(url))
            yield Side(warehouse, _rows(rows), _rows(others))

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
            _fill(connection, world)
        return name

    def _copy(self, kind: str, statements: Sequence[str], stack: ExitStack) -> tuple[Connection, str]:
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


def _rows(connection: Connection) -> Rows:
    def execute(sql: str) -> Cursor:
        return connection.execute(sql.encode())  # bytes: a `%` in it is no placeholder

    return Rows(execute, (psycopg.Error,))


def _fill(connection: Connection, world: World) -> None:
    def copy(name: str, rows: pa.Table) -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {quoted(name)} FROM STDIN CSV".encode()) as copying:
            copying.write(_csv(rows))

    fill(world, lambda statement: connection.execute(statement.encode()), copy)


def _csv(rows: pa.Table) -> str:
    """NULL is nothing, and an empty text is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_NOTNULL if hasattr(csv, "QUOTE_NOTNULL") else csv.QUOTE_MINIMAL)
    columns: Mapping[str, list[object]] = rows.to_pydict()
    for row in zip(*columns.values(), strict=True):
        writer.writerow(["" if value is None else str(value).replace("\x00", "") or "''" for value in row])
    return text.getvalue()
