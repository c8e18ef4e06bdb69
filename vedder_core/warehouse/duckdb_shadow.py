"""An empty shadow of a warehouse in an in-memory DuckDB, behind the same walls as a file, for asking the binder.

Statements come from listings and from people's DDL: each is one statement, and none can reach a file or the network.
"""

from collections.abc import Sequence

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_core.closing import Closing
from vedder_core.schema import Catalog, Routine, Table
from vedder_core.shadow import Judge
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_catalog import list_tables
from vedder_core.warehouse.duckdb_errors import unbound
from vedder_core.warehouse.duckdb_file import Walls, in_memory, quoted, search_path_of
from vedder_core.warehouse.duckdb_query import bind_here
from vedder_core.warehouse.warehouse import Bound, Unbound

NAME = "vedder_shadow"
BIND_SECONDS = 10.0


def shadow_in_memory(
    tables: Sequence[Table], dialect: str, types: Sequence[str], scratch: str | None, routines: Sequence[Routine]
) -> "DuckDBShadow":
    """What `shadow.open_shadow` makes for DuckDB; it needs no scratch database."""
    del dialect, scratch
    return DuckDBShadow(tables, types, routines)


class DuckDBShadow(Closing):
    """Tables first, then macros and views in an order in which they bind; a view that binds in no order is in `failed`.

    A macro that does not bind is left out: the views that call it tell so.
    """

    judge: Judge = "duckdb"

    def __init__(self, tables: Sequence[Table], types: Sequence[str] = (), routines: Sequence[Routine] = ()) -> None:
        self._connection = in_memory().__enter__()
        self._connection.execute(f"ATTACH ':memory:' AS {NAME}; USE {NAME}")
        for statement in Walls().statements():
            self._connection.execute(statement)
        self.failed: dict[str, Unbound] = {}
        untyped: set[str] = set()
        names = [*(table.name for table in tables), *(routine.name for routine in routines)]
        for schema in sorted({name.rpartition(".")[0] for name in names} - {"main"}):
            self._run(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        for statement in types:
            self._tried(statement)
        for table in tables:
            if table.definition is None or table.kind == "table":
                untyped.update(self._table(table))
        self._views([t for t in tables if t.definition is not None and t.kind == "view"], list(routines))
        self.untyped = frozenset(untyped)
        path = search_path_of(self._connection, NAME)
        self._connection.execute(f"SET search_path = '{path.replace(chr(39), chr(39) * 2)}'")

    def catalog(self) -> Catalog:
        return list_tables(self._connection, own=NAME).catalog

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        return bind_here(self._connection, Asked.of(query), BIND_SECONDS)

    def close(self) -> None:
        self._connection.close()

    def _run(self, sql: str) -> None:
        """One statement: a type or a view that holds a second one is no type or view."""
        (statement,) = self._connection.extract_statements(sql)
        self._connection.execute(statement)

    def _tried(self, sql: str) -> duckdb.Error | None:
        try:
            self._run(sql)
        except duckdb.Error as error:
            return error
        except ValueError:
            return duckdb.ParserException("There is more than one statement.")
        return None

    def _table(self, table: Table) -> list[str]:
        """Make a table; returned are the columns whose type is not known, which are made as texts."""
        name = _full(table.name)
        if not table.columns:
            self.failed[table.name] = Unbound("None of its columns is known.")
            return []
        columns = [f"{quoted(column.name)} {column.type or 'UNKNOWN_TYPE'}" for column in table.columns]
        if self._tried(f"CREATE TABLE {name} ({', '.join(columns)})") is None:
            return []
        odd = [column for column in table.columns if not column.type or self._tried(f"SELECT NULL::{column.type}")]
        columns = [f"{quoted(c.name)} {'VARCHAR' if c in odd else c.type}" for c in table.columns]
        failed = self._tried(f"CREATE TABLE {name} ({', '.join(columns)})")
        if failed is not None:
            self.failed[table.name] = unbound("", failed)
        return [f"{table.name}.{column.name}" for column in odd]

    def _views(self, views: list[Table], macros: list[Routine]) -> None:
        """Again as long as one more binds: what a view or a macro reads may come later in the list."""
        waiting = views
        while waiting:
            lacking = [macro for macro in macros if not self._macro(macro)]
            errors = {view.name: error for view in waiting if (error := self._made(view.definition or "")) is not None}
            if len(errors) == len(waiting) and len(lacking) == len(macros):
                self.failed.update({name: unbound("", error) for name, error in errors.items()})
                return
            waiting, macros = [view for view in waiting if view.name in errors], lacking

    def _macro(self, macro: Routine) -> bool:
        """Was it made? A listing does not tell a macro that gives a value from one that gives rows."""
        overloads = list(zip(macro.signatures, macro.bodies, strict=True))
        for kind in ("", "TABLE "):
            bodies = ", ".join(f"({signature}) AS {kind}{body}" for signature, body in overloads)
            if self._made(f"CREATE MACRO {_full(macro.name)}{bodies}") is None:
                return True
        return False

    def _made(self, definition: str) -> duckdb.Error | None:
        failed = self._tried(definition)
        within = _without_database(definition) if failed is not None else None
        return failed if within is None else self._tried(within)


def _full(name: str) -> str:
    return ".".join(quoted(part) for part in (NAME, *name.split(".")))


def _without_database(definition: str) -> str | None:
    """A view that spells out the file's name as it would be without; None where it does not."""
    try:
        tree = parse_one(definition, read="duckdb")
    except SqlglotError:
        return None
    spelt = [node for node in tree.find_all(exp.Table) if node.args.get("catalog")]
    for node in spelt:
        node.set("catalog", None)
    return tree.sql("duckdb") if spelt else None
