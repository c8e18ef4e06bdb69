"""Which databases can answer a question? Those over which its gold SQL binds, names compared by their words.

The judge is DuckDB's binder over empty tables. Case, underscores and endings of a name do not count, and a table may
stand for one whose name says less: `customer_orders` for `orders`, never the other way round. So the truth comes from
the SQL and the catalogs alone; what people mean by a name, and whether the values are there, is not asked.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import islice, product

import duckdb
from sqlglot import exp, parse_one

from vedder_core.context.lance import words_of

MOST_TRIED = 24
"""Ways to put tables of one database for those of a SQL."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Answerable:
    """The catalog of a warehouse, a database a schema."""

    def __init__(self, warehouse: duckdb.DuckDBPyConnection) -> None:
        self._binder = duckdb.connect()
        self._tables: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        columns: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
        listed = warehouse.sql(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
        )
        for schema, table, column, type_ in listed.fetchall():
            self._tables[schema][_plain(table)] = _words(table)
            columns[schema, _plain(table)].setdefault(_plain(column), type_)
        self._columns: defaultdict[str, set[str]] = defaultdict(set)
        for (schema, table), own in columns.items():
            self._columns[schema] |= set(own)
            described = ", ".join(f'"{name}" {type_}' for name, type_ in own.items())
            self._binder.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            self._binder.execute(f'CREATE TABLE "{schema}"."{table}" ({described})')

    def by(self, sql: str) -> frozenset[str]:
        """The schemas that can answer what a SQL of DuckDB asks, wherever it was written for."""
        tree, tables = _plainly(sql)
        made_up = {_plain(alias.alias) for alias in tree.find_all(exp.Alias)}
        used = {found.name for found in tree.find_all(exp.Column) if not isinstance(found.this, exp.Star)} - made_up
        return frozenset(
            name for name in self._tables if used <= self._columns[name] and self._binds(tree, tables, name)
        )

    def _binds(self, tree: exp.Expr, tables: Mapping[str, frozenset[str]], schema: str) -> bool:
        self._binder.execute(f"SET search_path = '{schema}'")
        return any(self._explains(_renamed(tree, names)) for names in self._stand_ins(tables, schema))

    def _stand_ins(self, tables: Mapping[str, frozenset[str]], schema: str) -> Iterator[Mapping[str, str]]:
        """Which table of a schema may stand for which of a SQL, the likest first."""
        own = sorted(self._tables[schema].items(), key=lambda one: len(one[1]))
        ways = product(*([name for name, words in own if wanted <= words] for wanted in tables.values()))
        return (dict(zip(tables, way, strict=True)) for way in islice(ways, MOST_TRIED))

    def _explains(self, tree: exp.Expr) -> bool:
        try:
            self._binder.execute("EXPLAIN " + tree.sql(dialect="duckdb"))
        except duckdb.Error:
            return False
        return True


def _plainly(sql: str) -> tuple[exp.Expr, Mapping[str, frozenset[str]]]:
    """A SQL with all names in plain letters and without schemas, and the words of its tables' names."""
    tree, tables = parse_one(sql, read="duckdb"), {}
    for table in tree.find_all(exp.Table):
        name = _plain(table.name)
        tables[name] = _words(table.name)
        alias = exp.TableAlias(this=exp.to_identifier(_plain(table.alias_or_name)))
        table.replace(exp.Table(this=exp.to_identifier(name), alias=alias))
    for column in tree.find_all(exp.Column):
        column.set("db", None)
        if not isinstance(column.this, exp.Star):
            column.set("this", exp.to_identifier(_plain(column.name)))
        if column.table:
            column.set("table", exp.to_identifier(_plain(column.table)))
    for named in tree.find_all(exp.Alias):
        named.set("alias", exp.to_identifier(_plain(named.alias)))
    return tree, tables


def _renamed(tree: exp.Expr, names: Mapping[str, str]) -> exp.Expr:
    renamed = tree.copy()
    for table in renamed.find_all(exp.Table):
        table.set("this", exp.to_identifier(names[table.name]))
    return renamed


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(words_of(_HUMP.sub(" ", name).replace("_", " ")))


@cache
def _plain(name: str) -> str:
    return "".join(words_of(_HUMP.sub(" ", name).replace("_", " "))) or name.casefold()
