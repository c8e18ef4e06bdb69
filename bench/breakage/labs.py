"""Engines for `bench.breakage`: a world is built once, every change is done to a copy, and the engine says what runs.

What the engine says is raw: the pair's SQL as it is, no guard and no door. Beside it stands the product's own warehouse
on the same copy, and a second copy with other rows. Each engine's lab is a file of its own.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

import pyarrow as pa

from bench.breakage.worlds import World, quoted
from vedder_core.warehouse.warehouse import Warehouse

MOST_RESULT_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class Ran:
    """Names of the columns, and the rows as sorted texts."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failed:
    """`binds`: the engine would plan it, perhaps with other values, and gives up on the data when it runs."""

    reason: str
    binds: bool


Outcome = Ran | Failed


class Unchangeable(Exception):
    """The engine does not let this world undergo the change."""


class Cursor(Protocol):
    """What drivers have in common; the first field of a column's description is its name."""

    @property
    def description(self) -> Sequence[Sequence[object]] | None: ...

    def fetchmany(self, size: int, /) -> Sequence[Sequence[object]]: ...


@dataclass(frozen=True)
class Rows:
    """One state of the data, asked as it is. `failures` is what the driver raises."""

    execute: Callable[[str], Cursor]
    failures: tuple[type[Exception], ...]

    def ask(self, sql: str, blank: str = "", sources: Sequence[str] = ()) -> Outcome:
        """What a SQL gives. `blank` is the same with `$1` where a value stands: a value alone breaks no pair. It is
        broken where a column is gone that its values come from, which `sources` read: DuckDB would take the name of
        the table for it, and fail on every row.
        """
        try:
            cursor = self.execute(sql)
            rows = cursor.fetchmany(MOST_RESULT_ROWS)
        except self.failures as error:
            binds = self._does(f"EXPLAIN {sql}") or (bool(blank) and self._does(f"PREPARE b{uuid4().hex} AS {blank}"))
            return Failed(str(error), binds and all(self._does(f"EXPLAIN {source}") for source in sources))
        columns = tuple(str(column[0]) for column in cursor.description or ())
        return Ran(columns, tuple(sorted("\x1f".join(map(_text, row)) for row in rows)))

    def _does(self, statement: str) -> bool:
        try:
            self.execute(statement)
        except self.failures:
            return False
        return True


def _text(value: object) -> str:
    return f"{value:.9g}" if isinstance(value, float) else repr(value)


@dataclass(frozen=True)
class Side:
    """One state of a world: the product's door to it, the engine itself, and the engine with other rows."""

    warehouse: Warehouse
    rows: Rows
    others: Rows


class Lab(Protocol):
    def side(self, statements: Sequence[str]) -> AbstractContextManager[Side]:
        """A copy of the world as it is after these statements. Raises Unchangeable."""
        ...

    def close(self) -> None: ...


def fill(world: World, execute: Callable[[str], object], copy: Callable[[str, pa.Table], None]) -> None:
    """Make a world's tables and views in an empty database; `copy` brings rows into a table."""
    for schema in sorted({name.rpartition(".")[0] for name in world.tables}):
        execute(f"CREATE SCHEMA {quoted(schema)}")
    for name, table in world.tables.items():
        columns = ", ".join(f'"{column}" {kind}' for column, kind in table.types.items())
        execute(f"CREATE TABLE {quoted(name)} ({columns})")
        if table.rows is not None and table.rows.num_rows:
            copy(name, table.rows)
    for name, view in world.views.items():
        execute(f"CREATE VIEW {quoted(name)} AS {view.sql()}")
