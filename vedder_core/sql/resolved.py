"""A query whose columns are led back to the dataset's columns that they are, through aliases, WITH clauses, subqueries.

What follows from a query's shape (comparisons, periods, joins) is in the files beside this one. Nothing here judges
what a query may read: that is the guard's part, which trusts none of this.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from vedder_core.schema import Table
from vedder_core.sql.guard import ParameterValue
from vedder_core.sql.names import dotted_name, name_key
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.references import qualified


@dataclass(frozen=True, slots=True, order=True)
class BaseColumn:
    """A column of a dataset, both as the catalog spells them."""

    dataset: str
    column: str


class Resolved:
    """A qualified tree with its scopes, inner ones first. It is shared between threads: look, and change nothing."""

    def __init__(self, tree: exp.Expr, tables: Iterable[Table], dialect: str) -> None:
        self.tree = tree
        self._dialect = dialect
        self._tables = {name_key(table.name, dialect): table for table in tables}
        self.scopes: tuple[Scope, ...] = tuple(traverse_scope(tree))
        for scope in self.scopes:
            _ = (scope.selected_sources, scope.columns)  # collected once, before any other thread looks

    def table_of(self, source: object) -> Table | None:
        """The table that a scope's source is; None for a subquery, a table function or an unknown table."""
        if not isinstance(source, exp.Table):
            return None
        return self._tables.get(name_key(dotted_name(source), self._dialect))

    def base(self, column: exp.Column, scope: Scope) -> BaseColumn | None:
        """The dataset's column that a column is, unchanged; None where it is computed or where that is not clear."""
        source = _source_of(column, scope)
        table = self.table_of(source)
        if table is not None:
            found = table.column(column.name)
            return BaseColumn(table.name, found.name) if found else None
        inner = projection(source, column.name) if isinstance(source, Scope) else None
        if isinstance(inner, exp.Column) and isinstance(source, Scope):
            return self.base(inner, source)
        return None

    def type_of(self, column: BaseColumn) -> str:
        """The engine's type of a column, in capitals."""
        found = self._tables[name_key(column.dataset, self._dialect)].column(column.column)
        return found.type.upper() if found else ""

    def columns(self) -> frozenset[BaseColumn]:
        """Every column of a dataset that the query reads."""
        read = (self.base(column, scope) for scope in self.scopes for column in scope.columns)
        return frozenset(column for column in read if column is not None)

    def selects(self) -> Iterator[tuple[Scope, exp.Select]]:
        """Every SELECT with its scope, inner ones first."""
        for scope in self.scopes:
            if isinstance(scope.expression, exp.Select):
                yield scope, scope.expression


def resolved(
    sql: str, tables: Iterable[Table], *, dialect: str, parameters: Mapping[str, ParameterValue] | None = None
) -> Resolved | None:
    """The query with its columns led back, and with its parameters' values in their places.

    None where the text does not parse or the parser's own resolution gives up: then nothing is known of its shape.
    """
    known = tuple(sorted(tables, key=lambda table: table.name))
    return _resolved(sql, known, dialect, tuple(sorted((parameters or {}).items())))


@lru_cache(maxsize=128)  # the notices, the trust mark and the sources of one answer look at the same query
def _resolved(
    sql: str, tables: tuple[Table, ...], dialect: str, parameters: tuple[tuple[str, ParameterValue], ...]
) -> Resolved | None:
    try:
        tree = parse_query(sql, dialect=dialect)
        return Resolved(qualified(_filled(tree, dict(parameters)), list(tables), dialect), tables, dialect)
    except (SqlglotError, SqlProblem):
        return None


def _filled(tree: exp.Query, values: Mapping[str, ParameterValue]) -> exp.Query:
    for blank in list(tree.find_all(exp.Placeholder)):
        if blank.name in values:
            value = values[blank.name]
            blank.replace(exp.convert(value if isinstance(value, bool | int | float | None) else str(value)))
    return tree


def _source_of(column: exp.Column, scope: Scope) -> object:
    """What a column's table name means where it stands; a correlated subquery sees its outer queries' sources."""
    at: Scope | None = scope
    while at is not None:
        if any(name == column.table for name, _ in at.references):
            return at.sources.get(column.table)
        at = at.parent
    return None


def projection(scope: Scope, name: str) -> exp.Expr | None:
    """What stands behind a name of a SELECT's result; None for other queries and unknown names."""
    select = scope.expression
    if not isinstance(select, exp.Select):
        return None
    renamed = dict(zip(scope.outer_columns, select.selects, strict=False))
    found = renamed.get(name) or next((one for one in select.selects if one.alias_or_name == name), None)
    return found.unalias() if found is not None else None
