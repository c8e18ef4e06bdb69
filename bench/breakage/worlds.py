"""The small warehouses that `bench.breakage` breaks, written for every engine: tables as Arrow, views as plain SQL.

Where they come from is in `data_sets` and `bqetl`; what is done to a world is in `kinds`.
"""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa


@dataclass(frozen=True)
class Stored:
    """A table: the engine's type of each column, in DuckDB's words, and its rows (None: it is empty)."""

    types: Mapping[str, str]
    rows: pa.Table | None = None


@dataclass(frozen=True)
class View:
    """A view over one table or view: its columns, each under the name that it has below."""

    below: str
    columns: Mapping[str, str]

    def sql(self) -> str:
        listed = ", ".join(f'"{inner}" AS "{name}"' for name, inner in self.columns.items())
        return f"SELECT {listed} FROM {quoted(self.below)}"


@dataclass(frozen=True)
class Written:
    """A pair as a curator wrote it. `raw` is the same SQL with its parameters' values in their places."""

    question: str
    sql: str
    raw: str
    parameters: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """By name: `dataset.column` that the values come from, and the value that `raw` has."""

    @property
    def blank(self) -> str:
        """The SQL as an engine takes parameters; "" where it has none."""
        sql = self.sql
        for number, name in enumerate(self.parameters, start=1):
            sql = sql.replace(f":{name}", f"${number}")
        return sql if self.parameters else ""

    @property
    def sources(self) -> tuple[str, ...]:
        """Queries that an engine takes while the columns that the values come from are there."""
        parts = (source.rpartition(".") for source, _ in self.parameters.values())
        return tuple(f'SELECT s."{column}" FROM {quoted(table)} AS s' for table, _, column in parts)

    def filled(self, sql: str) -> str:
        """A SQL of this pair with its parameters' values in their places."""
        for name, (_, value) in self.parameters.items():
            sql = sql.replace(f":{name}", literal(value))
        return sql


@dataclass(frozen=True)
class World:
    """A warehouse and the pairs of its one cluster. Views are in the order in which they can be made."""

    name: str
    tables: Mapping[str, Stored]
    views: Mapping[str, View]
    pairs: Mapping[str, Written]

    def listed(self) -> tuple[str, ...]:
        """The tables and views that the cluster lists: what the pairs read, and not what lies below a view."""
        below = {view.below for view in self.views.values()}
        return tuple(name for name in (*self.tables, *self.views) if name not in below)

    def columns_of(self, name: str) -> Mapping[str, str]:
        """Columns and types of a table or view."""
        view = self.views.get(name)
        if view is None:
            return self.tables[name].types
        inner = self.columns_of(view.below)
        return {column: inner[below] for column, below in view.columns.items()}

    def below(self, name: str) -> frozenset[str]:
        """The table or view itself, and everything that it reads."""
        view = self.views.get(name)
        return frozenset({name}) | (self.below(view.below) if view else frozenset())


def quoted(dotted: str) -> str:
    return ".".join(f'"{part}"' for part in dotted.split("."))


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def resampled(world: World) -> World:
    """The same tables with other rows: a repair that is right for the one must be right for the other."""
    rng = random.Random(f"rows of {world.name}, drawn again")
    return replace(world, tables={name: _drawn_again(table, rng) for name, table in world.tables.items()})


def _drawn_again(table: Stored, rng: random.Random) -> Stored:
    if table.rows is None or table.rows.num_rows == 0:
        return table
    arrays = [_values_again(table.rows.column(name), rng) for name in table.types]
    return replace(table, rows=pa.table(arrays, names=list(table.types)))


def _values_again(column: "pa.ChunkedArray[Any]", rng: random.Random) -> Any:
    """Other values at other places, from the same domain; a key stays a key."""
    values = column.to_pylist()
    if len(set(values)) == len(values):
        rng.shuffle(values)
        return pa.array(values, column.type)
    drawn = [rng.choice(values) for _ in values]
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        drawn = [None if value is None else value + rng.choice((0, 0, 0, 0, 1, 2, 5)) for value in drawn]
    elif pa.types.is_string(column.type) and len(set(values)) == 1:
        drawn = [f"{value} {rng.randint(1, 9)}" for value in drawn]
    return pa.array(drawn, column.type)


def seed_of(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:8], "big")
