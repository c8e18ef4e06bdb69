"""An empty shadow of a warehouse in a scratch PostgreSQL database, inside a transaction that is always rolled back.

The role needs to create schemas there, so the scratch must not be the warehouse itself. Nothing is ever run in it but
the making of tables and views; queries are parsed and analysed, which is where PostgreSQL finds what is missing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import psycopg
from psycopg import pq, sql

from vedder_core.closing import Closing
from vedder_core.errors import WarehouseError
from vedder_core.schema import Catalog, Column, Routine, Table
from vedder_core.shadow import Judge
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.postgres_errors import unbound
from vedder_core.warehouse.postgres_opening import connect, read_url
from vedder_core.warehouse.postgres_parameters import spelt
from vedder_core.warehouse.postgres_session import Bindable
from vedder_core.warehouse.postgres_values import columns_of
from vedder_core.warehouse.warehouse import Bound, Unbound

SETTINGS = "SET LOCAL statement_timeout = 30000; SET LOCAL lock_timeout = 5000; SET LOCAL TimeZone = 'UTC'"
COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), NOT a.attnotnull
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname || '.' || c.relname = ANY(%s)
    ORDER BY 1, 2, a.attnum"""


def shadow_in_scratch(
    tables: Sequence[Table], dialect: str, types: Sequence[str], scratch: str | None, routines: Sequence[Routine]
) -> "PostgresShadow":
    """What `shadow.open_shadow` makes in a scratch database."""
    del dialect, routines
    return PostgresShadow(tables, types, (scratch or "").replace("postgresql+psycopg://", "postgresql://", 1))


class PostgresShadow(Closing):
    """Tables first, then views in an order in which they bind."""

    judge: Judge = "postgresql"

    def __init__(self, tables: Sequence[Table], types: Sequence[str], url: str) -> None:
        place = read_url(url)
        try:
            self._connection = connect(place)
            self._connection.execute("BEGIN")
            self._connection.execute(SETTINGS)
        except (WarehouseError, psycopg.Error):
            raise WarehouseError(
                f"The scratch database at {place.told} cannot be used.",
                hint="Check that the server runs, and the address, user and password of --scratch.",
            ) from None
        self.failed: dict[str, Unbound] = {}
        self._made: set[str] = set()
        try:
            self._make(tables, types)
        except BaseException:
            self.close()
            raise

    def catalog(self) -> Catalog:
        found: dict[str, list[Column]] = {}
        for schema, table, column, kind, nullable in self._connection.execute(COLUMNS, [sorted(self._made)]):
            found.setdefault(f"{schema}.{table}", []).append(Column(column, kind, nullable=nullable))
        return Catalog("postgresql", "postgres", {name: Table(name, tuple(kept)) for name, kept in found.items()})

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        written = spelt(query)
        try:
            return Bound(self._described(written.query))
        except psycopg.errors.IndeterminateDatatype:
            pass
        except psycopg.Error as error:
            return self._unbound(query, written.place, error)
        try:
            return Bound(self._described(written.with_texts()))
        except psycopg.Error as error:
            return self._unbound(query, written.place, error)

    def close(self) -> None:
        """Leave nothing behind: what was made is never committed."""
        self._connection.close()

    def _make(self, tables: Sequence[Table], types: Sequence[str]) -> None:
        for schema in sorted({table.name.rpartition(".")[0] for table in tables}):
            failed = self._tried(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
            if failed is not None:
                raise WarehouseError(
                    "The role may not create schemas in the scratch database.",
                    hint="Grant it CREATE on that database, or give another one.",
                ) from None
        for statement in types:
            self._tried(statement)
        views = [table for table in tables if table.kind == "view" and table.definition is not None]
        untyped: list[str] = []
        for table in tables:
            if table not in views:
                untyped += self._table(table)
        self.untyped = frozenset(untyped)
        while views:
            errors = {view.name: error for view in views if (error := self._view(view)) is not None}
            if len(errors) == len(views):
                self.failed.update({name: unbound("", None, error) for name, error in errors.items()})
                return
            views = [view for view in views if view.name in errors]

    def _table(self, table: Table) -> list[str]:
        """Make a table; returned are the columns whose type is not known, which are made as texts."""
        if not table.columns:
            self.failed[table.name] = Unbound("None of its columns is known.")
            return []
        odd: list[Column] = []
        if self._tried(_create(table, odd)) is not None:
            odd = [c for c in table.columns if not c.type or self._tried(f"SELECT NULL::{c.type}") is not None]
            failed = self._tried(_create(table, odd))
            if isinstance(failed, psycopg.errors.DuplicateTable):
                raise WarehouseError(
                    f"The scratch database holds a `{table.name}` of its own.", hint="Give an empty database."
                ) from None
            if failed is not None:
                self.failed[table.name] = unbound("", None, failed)
                return []
        self._made.add(table.name)
        return [f"{table.name}.{column.name}" for column in odd]

    def _view(self, view: Table) -> psycopg.Error | None:
        failed = self._tried(view.definition or "")
        if failed is None:
            self._made.add(view.name)
        return failed

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """What fails inside is undone, and the transaction goes on."""
        with self._connection.transaction():
            yield

    def _tried(self, statement: str | sql.Composed) -> psycopg.Error | None:
        """One statement: the server refuses a second one, since it is sent with parameters."""
        try:
            with self._kept():
                text = statement if isinstance(statement, str) else statement.as_string(self._connection)
                self._asked(text.encode(), ())
        except psycopg.Error as error:
            return error
        return None

    def _asked(self, text: bytes, types: Sequence[int]) -> None:
        result = self._connection.pgconn.exec_params(text, [], list(types) or None)
        if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise psycopg.errors.error_from_result(result, encoding="utf-8")

    def _described(self, query: Bindable) -> tuple[str, ...]:
        with self._kept():
            connection = self._connection.pgconn
            for result in (
                connection.prepare(b"", query.sql.encode(), list(query.types) or None),
                connection.describe_prepared(b""),
            ):
                if result.status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
                    raise psycopg.errors.error_from_result(result, encoding="utf-8")
            return tuple(column.name for column in columns_of(result))

    def _unbound(self, query: GuardedQuery, place: Callable[[int], int], error: psycopg.Error) -> Unbound:
        position = error.diag.statement_position
        at = place(int(position) - 1) if position else None
        return unbound(query.sql, at, error)


def _create(table: Table, odd: Sequence[Column]) -> sql.Composed:
    schema, _, name = table.name.rpartition(".")
    columns = [
        sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL("text" if c in odd else c.type or "unknown_type"))
        for c in table.columns
    ]
    if table.key:
        columns.append(sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, table.key))))
    return sql.SQL("CREATE TABLE {} ({})").format(sql.Identifier(schema, name), sql.SQL(", ").join(columns))
