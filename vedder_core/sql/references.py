"""What a query touches: tables and columns. What lies below those is found in `below`.

The engine's binder judges whether a query holds; this only explains which table and column it rests on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.schema import MappingSchema

from vedder_core.schema import Catalog, Table
from vedder_core.sql.names import LOWERING, dotted_name, fold_names, name_key, table_meant
from vedder_core.sql.parse import parse_query
from vedder_core.sql.scope import real_tables
from vedder_core.sql.text_limits import OversizeSql


@dataclass(frozen=True, slots=True)
class References:
    """`tables` are dotted names, in the catalog's spelling where it has them; `columns` are (table, column)."""

    tables: frozenset[str]
    columns: frozenset[tuple[str, str]]


def references(sql: str | exp.Query, *, dialect: str, catalog: Catalog | None = None) -> References:
    """The tables and columns that a query names. Without a catalog no columns are found.

    Raises SqlProblem when `sql` is a text that does not parse, or is nested too deeply to be followed.
    """
    query = parse_query(sql, dialect=dialect) if isinstance(sql, str) else _folded(sql, dialect)
    names, tables = tables_named(query, dialect=dialect, catalog=catalog)
    return References(names, columns_named(query, tables, dialect=dialect))


def tables_named(
    query: exp.Query, *, dialect: str, catalog: Catalog | None = None
) -> tuple[frozenset[str], Sequence[Table]]:
    """The dotted names of the tables that a tree of `parse_query` names, and those of them that the catalog has."""
    try:
        nodes = real_tables(query, dialect)
    except RecursionError as error:
        raise OversizeSql("The SQL is nested too deeply.", hint="Split it into WITH clauses.") from error
    meant = [(node, table_meant(node, catalog, dialect) if catalog is not None else None) for node in nodes]
    found = {table.name: table for _, table in meant if table is not None}
    return frozenset(table.name if table is not None else dotted_name(node) for node, table in meant), [*found.values()]


def _folded(query: exp.Query, dialect: str) -> exp.Query:
    return fold_names(query.copy(), dialect) if dialect in LOWERING else query


def columns_named(query: exp.Query, tables: Sequence[Table], *, dialect: str) -> frozenset[tuple[str, str]]:
    """The columns of these tables, (table, column), that a tree of `parse_query` names."""
    if not tables:
        return frozenset()
    by_name = {name_key(table.name, dialect): table for table in tables}
    try:
        tree = qualified(query, tables, dialect)
        pairs = {pair for scope in traverse_scope(tree) for pair in _named_in(scope.columns, scope.sources)}
    except SqlglotError:
        return _by_name_alone(query, tables)
    named = set()
    for table_name, column_name in pairs:
        table = by_name.get(name_key(table_name, dialect))
        column = table.column(column_name) if table else None
        if table and column:
            named.add((table.name, column.name))
    return frozenset(named)


def qualified(query: exp.Query, tables: Sequence[Table], dialect: str) -> exp.Expr:
    """A copy in which every column says which table it is of. Raises SqlglotError where that is not clear."""
    schema: dict[str, object] = {}
    for table in tables:
        level = schema
        *above, last = table.name.split(".")
        for part in above:
            level = level.setdefault(part, {})  # type: ignore[assignment]
        level[last] = {column.name: column.type for column in table.columns}
    read = _dialect(dialect)
    known = MappingSchema(schema, dialect=read, normalize=dialect not in LOWERING)  # these are no names in SQL
    return qualify(query.copy(), schema=known, dialect=read, validate_qualify_columns=False, quote_identifiers=False)


@lru_cache(maxsize=8)  # else the parser looks its name up anew for every name of a query
def _dialect(name: str) -> Dialect:
    return Dialect.get_or_raise(name)


def _named_in(columns: Iterable[exp.Column], sources: Mapping[str, object]) -> Iterable[tuple[str, str]]:
    for column in columns:
        source = sources.get(column.table)
        if isinstance(source, exp.Table):
            yield dotted_name(source), column.name


def _by_name_alone(query: exp.Query, tables: Sequence[Table]) -> frozenset[tuple[str, str]]:
    """Every column whose name the query writes: more than it touches, never less."""
    names = {column.name for column in query.find_all(exp.Column)}
    return frozenset((t.name, c.name) for t in tables for name in names if (c := t.column(name)) is not None)
