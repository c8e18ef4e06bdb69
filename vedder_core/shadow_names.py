"""A shadow without an engine: names are looked up in the listing, and nothing else is judged.

Deliberately not here: types, functions, grouping. What it finds missing is missing; what it accepts, an engine may
still refuse.
"""

from collections.abc import Iterator, Sequence

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope

from vedder_core.closing import Closing
from vedder_core.schema import Catalog, Column, Routine, Table
from vedder_core.shadow import Judge
from vedder_core.sql.guard import GuardedQuery
from vedder_core.sql.names import dotted_name
from vedder_core.sql.references import qualified
from vedder_core.warehouse.warehouse import Bound, Unbound


def shadow_of_names(
    tables: Sequence[Table], dialect: str, types: Sequence[str], scratch: str | None, routines: Sequence[Routine]
) -> "NamesShadow":
    """What `shadow.open_shadow` makes where there is no engine to ask."""
    del types, scratch, routines
    return NamesShadow(tables, dialect)


class NamesShadow(Closing):
    """The columns of views that nobody listed are found by their SQL, as far as names alone tell them."""

    judge: Judge = "names"

    def __init__(self, tables: Sequence[Table], dialect: str) -> None:
        self._dialect = dialect
        self._tables = {table.name: table for table in tables if table.columns}
        self.untyped: frozenset[str] = frozenset()
        self.failed: dict[str, Unbound] = {}
        waiting = [table for table in tables if not table.columns]
        while waiting:
            known = len(self._tables)
            for table in waiting:
                self._view(table)
            waiting = [table for table in waiting if table.name not in self._tables]
            if len(self._tables) == known:
                break

    def catalog(self) -> Catalog:
        return Catalog(self._dialect, self._dialect, self._tables)

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        missing = self._missing(parse_one(query.sql, read=self._dialect))
        return missing if missing is not None else Bound(())

    def close(self) -> None:
        """There is nothing to close."""

    def _view(self, table: Table) -> None:
        """The view's columns; what it lacks is told in `failed` until a later round finds it."""
        try:
            created = parse_one(table.definition or "", read=self._dialect)
        except SqlglotError:
            self.failed[table.name] = Unbound("Its SQL cannot be read without its engine.")
            return
        query = created.expression if isinstance(created, exp.Create) else created
        if not isinstance(query, exp.Query):
            self.failed[table.name] = Unbound("None of its columns is known.")
            return
        missing = self._missing(query)
        if missing is not None:
            self.failed[table.name] = missing
            return
        named = [node.name for node in created.this.expressions] if isinstance(created.this, exp.Schema) else []
        found = self._qualified(query).named_selects
        names = [*named, *found[len(named) :]]
        if not names or "*" in names or "" in names:
            self.failed[table.name] = Unbound("Its columns cannot be told without its engine.")
            return
        self._tables[table.name] = Table(table.name, tuple(Column(name, "") for name in names), kind="view")
        self.failed.pop(table.name, None)

    def _qualified(self, query: exp.Query) -> exp.Query:
        read = {dotted_name(node).casefold() for node in query.find_all(exp.Table)}
        tree = qualified(
            query, [table for name, table in self._tables.items() if name.casefold() in read], self._dialect
        )
        return tree if isinstance(tree, exp.Query) else query

    def _missing(self, query: exp.Query | exp.Expr) -> Unbound | None:
        """The first table or column that is not there."""
        clauses = {cte.alias.casefold() for cte in query.find_all(exp.CTE)}
        for node in query.find_all(exp.Table):
            name = dotted_name(node)
            known = name.casefold() in clauses or not isinstance(node.this, exp.Identifier)
            if not known and self.catalog().find(name) is None:
                return Unbound(f"There is no table `{name}`.", missing=name, missing_kind="table")
        try:
            tree = self._qualified(query) if isinstance(query, exp.Query) else query
            missing = next(self._unresolved(tree), None)
        except SqlglotError as error:
            return Unbound(f"Its names cannot be resolved: {str(error).splitlines()[0]}")
        if missing is None:
            return None
        start = missing.this.meta.get("start")
        offset = start if isinstance(start, int) else None
        return Unbound(
            f"There is no column `{missing.name}`.", missing=missing.name, missing_kind="column", offset=offset
        )

    def _unresolved(self, tree: exp.Expr) -> Iterator[exp.Column]:
        for scope in traverse_scope(tree):
            for column in scope.columns:
                source = scope.sources.get(column.table)
                table = self.catalog().find(dotted_name(source)) if isinstance(source, exp.Table) else None
                if not column.table or (table is not None and table.column(column.name) is None):
                    yield column
