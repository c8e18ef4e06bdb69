"""A change of a world's schema in plain SQL for every engine, and the dice by which tables and columns are drawn.

A change says what truly became of what (`columns`, `tables`) and which tables it changed; that is what proposals are
judged by. Whether a pair survives it is the engine's to say. The kinds of change are in `kinds`.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import tokenize

from bench.breakage.names import renamed
from bench.breakage.worlds import World, seed_of

SHARE_DIRECT = 0.75
"""Of the changed tables: those that pairs read themselves, and not through a view."""


@dataclass(frozen=True)
class Change:
    """`columns` and `tables` map old dotted names to new ones, `copies` those that stayed to where they are once more;
    `touched` are the tables whose listing is another.
    """

    kind: str
    statements: tuple[str, ...]
    touched: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)

    def column_now(self, dotted: str) -> str:
        """What a column is called after the change."""
        if dotted in self.columns:
            return self.columns[dotted]
        table, _, column = dotted.rpartition(".")
        return f"{self.tables.get(table, table)}.{column}"


@dataclass(frozen=True)
class Subject:
    """A world and the dice. Columns that pairs name are drawn more often."""

    world: World
    dialect: str
    rng: random.Random
    named: frozenset[str]

    def table(self) -> str | None:
        """A table that pairs read, or one below a view that they read."""
        names = [name for name in self.world.tables if self._is_read(name)]
        direct = [name for name in names if name in self.world.listed()]
        pool = direct if direct and self.rng.random() < SHARE_DIRECT else names
        return self.rng.choice(sorted(pool)) if pool else None

    def _is_read(self, name: str) -> bool:
        above = {name} | {view for view in self.world.views if name in self.world.below(view)}
        return bool({one.rpartition(".")[2].casefold() for one in above} & self.named)

    def column(self, table: str) -> str | None:
        columns = list(self.world.columns_of(table))
        named = [column for column in columns if column.casefold() in self.named]
        pool = named if named and self.rng.random() < 0.85 else columns
        return self.rng.choice(pool) if pool else None

    def table_and_column(self) -> tuple[str, str] | None:
        table = self.table()
        column = self.column(table) if table else None
        return None if table is None or column is None else (table, column)

    def new_column(self, table: str, column: str) -> str:
        owner = table.rpartition(".")[2]
        return renamed(column, self.rng, owner=owner, taken=self.world.columns_of(table))

    def views_above(self, table: str) -> frozenset[str]:
        """What goes with a table or a column that is dropped: in PostgreSQL the views above it."""
        if self.dialect != "postgres":
            return frozenset()
        return frozenset(view for view in self.world.views if table in self.world.below(view))


def subject_of(world: World, dialect: str, *, seed: int) -> Subject:
    words: set[str] = set()
    for pair in world.pairs.values():
        words |= {token.text.casefold() for token in tokenize(pair.raw, read=dialect)}
    return Subject(world, dialect, random.Random(seed_of(world.name, dialect, seed)), frozenset(words))
