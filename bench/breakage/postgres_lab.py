"""A world in a PostgreSQL database of its own, which is the template of a new database for each change."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import psycopg
import pyarrow as pa

from bench.breakage.labs import Cursor, Rows, Side, Unchangeable, fill
from bench.breakage.worlds import World, quoted, resampled
from bench.postgres_copies import Connection, Databases
from vedder_core.warehouse.warehouse import open_warehouse


class PostgresLab:
    """Two databases, with the world's rows and with others."""

    def __init__(self, world: World, server: str) -> None:
        self._databases = Databases(server)
        self._world, self._other = self._filled(world), self._filled(resampled(world))

    @contextmanager
    def side(self, statements: Sequence[str]) -> Iterator[Side]:
        with (
            self._changed(self._world, statements) as (rows, url),
            self._changed(self._other, statements) as (others, _),
            open_warehouse(url) as warehouse,
        ):
            yield Side(warehouse, _rows(rows), _rows(others))

    def close(self) -> None:
        self._databases.close()

    def _filled(self, world: World) -> str:
        name = self._databases.new()
        with self._databases.connected(name) as connection:
            _fill(connection, world)
        return name

    @contextmanager
    def _changed(self, name: str, statements: Sequence[str]) -> Iterator[tuple[Connection, str]]:
        with self._databases.copy(name) as (connection, url):
            try:
                for statement in statements:
                    connection.execute(statement.encode())
                connection.execute("ANALYZE")
            except psycopg.Error as error:
                raise Unchangeable(str(error)) from error
            yield connection, url


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
