"""Which databases can answer a question? Those over which its gold SQL binds, names compared by their words.

The judge is DuckDB's binder over empty tables. Case, underscores and endings of a name do not count. A table may stand
for one whose name says less, `customer_orders` for `orders`, and a column of the same kind (number, text, time, truth)
for one of that table, `main_industry` for `industry`; never the other way round. A table's own name in its column's
says nothing: `id` of a genre is its `genre_id`. So the truth comes from the SQL and the catalogs alone; what people
mean by a name, and whether the values are there, is not asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice, product

import duckdb
from sqlglot import exp, parse_one

from vedder_core.context.lance import words_of

MOST_TRIED = 24
"""Ways to put tables of one database for those of a SQL."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KINDS = {
    "number": ("INT", "DEC", "NUM", "DOUBLE", "FLOAT", "REAL", "HUGE"),
    "time": ("DATE", "TIME"),
    "truth": ("BOOL",),
}


@dataclass(frozen=True, slots=True)
class Column:
    words: frozenset[str]
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or what a SQL wants of one: its words, and its columns by their plain names."""

    words: frozenset[str]
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandIn:
    """A table in the place of another, and its columns in the place of those that it does not have."""

    table: str
    columns: Mapping[str, str]


Way = Mapping[str, StandIn]
"""What stands for each table of a SQL."""


class Answerable:
    """The catalog of a warehouse, a database a schema."""

    def __init__(self, warehouse: duckdb.DuckDBPyConnection) -> None:
        self._binder = duckdb.connect()
        self._schemas: defaultdict[str, dict[str, Table]] = defaultdict(dict)
        listed = warehouse.sql(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        )
        types: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        for schema, table, column, type_ in listed.fetchall():
            own = self._schemas[schema].setdefault(_plain(table), Table(_words(table)))
            own.columns.setdefault(_plain(column), Column(_words(column), _kind(type_)))
            types[schema, _plain(table)].setdefault(_plain(column), type_)
        for (schema, table), columns in types.items():
            described = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
            self._binder.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            self._binder.execute(f'CREATE TABLE "{schema}"."{table}" ({described})')

    def by(self, sql: str) -> Mapping[str, Way]:
        """The schemas that can answer what a SQL of DuckDB asks, wherever it was written for, and how; by whole names
        where that is possible."""
        tree, wanted = self._read(sql)
        found = ((name, self._binds(tree, wanted, name)) for name in self._schemas)
        return {name: way for name, way in found if way is not None}

    def _read(self, sql: str) -> tuple[exp.Expr, Mapping[str, Table]]:
        """A SQL with all names in plain letters, without schemas and with its columns at their tables, and what it
        wants of these."""
        tree, tables = parse_one(sql, read="duckdb"), {}
        for table in tree.find_all(exp.Table):
            tables[_plain(table.name)] = self._schemas.get(table.db, {}).get(
                _plain(table.name), Table(_words(table.name))
            )
        _plainly(tree)
        wanted = {name: Table(known.words) for name, known in tables.items()}
        for column in list(tree.find_all(exp.Column)):
            for name in _tables_of(column, tables):
                wanted[name].columns[column.name] = tables[name].columns[column.name]
        return tree, wanted

    def _binds(self, tree: exp.Expr, wanted: Mapping[str, Table], schema: str) -> Way | None:
        likely = [self._likely(one, schema) for one in wanted.values()]
        if not all(likely):
            return None
        whole = [[one for one in ones if not one.columns] for ones in likely]
        self._binder.execute(f"SET search_path = '{schema}'")
        tried = chain(islice(product(*whole), MOST_TRIED), islice(product(*likely), MOST_TRIED))
        ways = (dict(zip(wanted, way, strict=True)) for way in tried)
        return next((way for way in ways if self._explains(_renamed(tree, way))), None)

    def _likely(self, wanted: Table, schema: str) -> list[StandIn]:
        """The tables of a schema that may stand for one, the likest first."""
        found = []
        for name, table in self._schemas[schema].items():
            if wanted.words <= table.words and (columns := _columns(wanted, table)) is not None:
                found.append((len(columns), len(table.words), StandIn(name, columns)))
        return [stand_in for _, _, stand_in in sorted(found, key=lambda one: one[:2])]

    def _explains(self, tree: exp.Expr) -> bool:
        try:
            self._binder.execute("EXPLAIN " + tree.sql(dialect="duckdb"))
        except duckdb.Error:
            return False
        return True


def _columns(wanted: Table, table: Table) -> Mapping[str, str] | None:
    """The columns that stand for those which a table does not have, each for one; None where one has none."""
    found: dict[str, str] = {}
    for name, column in wanted.columns.items():
        if name not in table.columns:
            taken = {*wanted.columns, *found.values()}
            alike = [
                one for one in table.columns if one not in taken and _says(table.columns[one], column, wanted.words)
            ]
            if not alike:
                return None
            found[name] = min(alike, key=lambda one: _more(column, table, one))
    return found


def _says(one: Column, other: Column, own: frozenset[str]) -> bool:
    """Whether a column says what another says, or more; the other's table's own name in it says nothing."""
    told = other.words - own
    return one.kind == other.kind and (other.words <= one.words or (bool(told) and told == one.words - own))


def _more(wanted: Column, table: Table, name: str) -> tuple[int, int, str]:
    """How much more a column says: words that its table's name does not have count first."""
    more = table.columns[name].words - wanted.words
    return len(more - table.words), len(more), name


def _plainly(tree: exp.Expr) -> None:
    for table in list(tree.find_all(exp.Table)):
        alias = exp.TableAlias(this=exp.to_identifier(_plain(table.alias_or_name)))
        table.replace(exp.Table(this=exp.to_identifier(_plain(table.name)), alias=alias))
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        if not isinstance(column.this, exp.Star):
            column.set("this", exp.to_identifier(_plain(column.name)))
        if column.table:
            column.set("table", exp.to_identifier(_plain(column.table)))
    for named in tree.find_all(exp.Alias):
        named.set("alias", exp.to_identifier(_plain(named.alias)))


def _tables_of(column: exp.Column, tables: Mapping[str, Table]) -> Iterator[str]:
    """The tables of a SQL that a column is of. One that does not say so does then, where it is of one of its SELECT."""
    select = column.parent_select
    if not column.table and select is not None:
        clauses = [select.args.get("from_"), *(select.args.get("joins") or ())]
        beside = [one.this for one in clauses if one is not None and isinstance(one.this, exp.Table)]
        own = [table for table in beside if column.name in tables[table.name].columns]
        if len(own) == 1:
            column.set("table", exp.to_identifier(own[0].alias_or_name))
    for table in column.root().find_all(exp.Table):
        if table.alias_or_name == column.table and column.name in tables[table.name].columns:
            yield table.name


def _renamed(tree: exp.Expr, names: Mapping[str, StandIn]) -> exp.Expr:
    renamed = tree.copy()
    for table in list(renamed.find_all(exp.Table)):
        stand_in = names[table.name]
        source = exp.to_identifier(stand_in.table)
        if stand_in.columns:
            also = (exp.alias_(exp.column(column), name) for name, column in stand_in.columns.items())
            table.replace(exp.select("*", *also).from_(exp.Table(this=source)).subquery(table.alias))
        else:
            table.set("this", source)
    return renamed


def by_whole_names(way: Way) -> bool:
    """Whether no column stands for another."""
    return not any(stand_in.columns for stand_in in way.values())


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(words_of(_HUMP.sub(" ", name).replace("_", " ")))


@cache
def _plain(name: str) -> str:
    return "".join(words_of(_HUMP.sub(" ", name).replace("_", " "))) or name.casefold()


@cache
def _kind(type_: str) -> str:
    return next((kind for kind, marks in _KINDS.items() if any(mark in type_ for mark in marks)), "text")
