"""Damage to the data and the schema: what a warehouse does to a cluster overnight."""

from collections.abc import Iterator
from pathlib import Path

from vedder_api.backtest.damages.damage import Change, named, table_of, text
from vedder_api.backtest.subject import Subject
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.duckdb_copy import quoted

NULLED = 60
"""Of a hundred rows: a burst that nobody would take for the usual."""


class ColumnsRenamed:
    """Columns get other names, so many that a share of the pairs reads one of them."""

    name, harmful = "columns renamed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name)
        return Change(
            tuple(
                f"ALTER TABLE {table_of(c.dataset)} RENAME COLUMN {quoted(c.column)} TO {quoted(f'{c.column}_new')}"
                for c in chosen
            )
        )


class TablesDropped:
    """Tables are gone: a share of the cluster's."""

    name, harmful = "tables dropped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        gone = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"DROP TABLE {table_of(name)}" for name in gone))


class TablesEmptied:
    """A load that wrote no rows: a share of the cluster's tables."""

    name, harmful = "tables emptied", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        emptied = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"DELETE FROM {table_of(name)}" for name in emptied))  # noqa: S608 (quoted)


class ValuesRespelled:
    """A text that a pair compares with is written in another way, for a share of the pairs."""

    name, harmful = "values respelled", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        having = tuple(slug for slug in subject.pairs if subject.literals(slug))
        victims = subject.victims(self.name, share, of=having)
        chosen = dict.fromkeys(literal for slug in victims for literal in subject.literals(slug)[:1])
        return Change(
            tuple(
                f"UPDATE {table} SET {column} = {text(f'{one.value} (new)')} WHERE {column} = {text(one.value)}"  # noqa: S608
                for one in chosen
                for table, column in (named(one.column),)
            )
        )


class KeysDoubled:
    """Every row twice: a share of the tables that pairs join on a key."""

    name, harmful = "keys doubled", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        doubled = subject.victims(self.name, share, of=subject.joined())
        return Change(tuple(f"INSERT INTO {table_of(name)} SELECT * FROM {table_of(name)}" for name in doubled))  # noqa: S608


class NullsSpread:
    """Most values of some columns become NULL, so many that a share of the pairs reads one of them."""

    name, harmful = "nulls spread", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name)
        return Change(
            tuple(
                f"UPDATE {table_of(c.dataset)} SET {quoted(c.column)} = NULL WHERE hash(rowid) % 100 < {NULLED}"  # noqa: S608
                for c in chosen
            )
        )


class UnitsChanged:
    """A number that a pair adds up or averages is told in hundredths, for a share of the pairs."""

    name, harmful = "units changed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        adding = tuple(slug for slug in subject.pairs if subject.summed(slug))
        victims = subject.victims(self.name, share, of=adding)
        chosen = dict.fromkeys(subject.summed(slug)[0] for slug in victims)
        return Change(tuple(statement for column in chosen for statement in scaled(column, 100)))


def scaled(column: BaseColumn, by: float) -> Iterator[str]:
    """Every value of a column times a number."""
    table, name = named(column)
    yield f"ALTER TABLE {table} ALTER COLUMN {name} TYPE DOUBLE"
    yield f"UPDATE {table} SET {name} = {name} * {by}"  # noqa: S608 (quoted)
