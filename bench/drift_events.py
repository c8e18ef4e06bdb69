"""An event of `bench.drift`: SQL on one schema, in DuckDB's words, and what it is aimed at.

Drift with a known target is in `drift_planted`, what must stay silent in `drift_benign`.
"""

import random
from dataclasses import dataclass

from bench.drift_targets import Engine, Targets
from bench.drift_worlds import World

NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True)
class Event:
    """`statements` change the data. `kind` is a kind of drift, or `benign`; `table` and `column` are where it is.

    `aimed` are the pairs that rely on what is changed, in the role that the kind is about.
    """

    kind: str
    name: str
    statements: tuple[str, ...]
    table: str = ""
    column: str = ""
    aimed: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    deprecated_by: str = ""


@dataclass(frozen=True)
class Room:
    """What a maker of events has: a world, what its pairs use, its open file, and chance."""

    world: World
    targets: Targets
    engine: Engine
    rng: random.Random

    def is_a_name(self, table: str, column: str) -> bool:
        """A key, or a year, has no unit."""
        joined = bool(self.targets.slugs(table, column, "joined"))
        ending = column.casefold().endswith(("id", "key", "code", "number", "year", "no", "num"))
        return joined or ending or column in self.world.keys.get(table, ())


def quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return f'"{schema}"."{name}"'


def named(column: str) -> str:
    return f'"{column}"'


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def one_number(engine: Engine, sql: str) -> int:
    return int(engine.execute(sql).fetchall()[0][0])
