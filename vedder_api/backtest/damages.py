"""Known, graded damage to a cluster, and changes that are none: the question is whether its health tells them apart.

A damage is one class: from a cluster and a share to statements that change the copy of the warehouse, and to files. A
larger share holds what a smaller one does, so that the same cluster can be followed as it gets worse.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from vedder_api.backtest.subject import Subject
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.duckdb_copy import quoted

NULLED = 60
"""Of a hundred rows: a burst that nobody would take for the usual."""


@dataclass(frozen=True)
class Change:
    """Statements for the copy of the warehouse, and texts of files below the clusters' folder (None: removed)."""

    statements: tuple[str, ...] = ()
    files: Mapping[str, str | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.statements or self.files)


class Damage(Protocol):
    """One way to change a cluster. `harmful` is false where every answer stays right."""

    name: str
    harmful: bool

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        """What to do for this share; nothing where the cluster has nothing of the kind."""
        ...


def _table(dataset: str) -> str:
    return quoted(*dataset.split(".")[-2:])


class ColumnsRenamed:
    """Columns get other names, so many that a share of the pairs reads one of them."""

    name, harmful = "columns renamed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name)
        return Change(
            tuple(
                f"ALTER TABLE {_table(c.dataset)} RENAME COLUMN {quoted(c.column)} TO {quoted(f'{c.column}_new')}"
                for c in chosen
            )
        )


class TablesDropped:
    """Tables are gone: a share of the cluster's."""

    name, harmful = "tables dropped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        gone = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"DROP TABLE {_table(name)}" for name in gone))


class TablesEmptied:
    """A load that wrote no rows: a share of the cluster's tables."""

    name, harmful = "tables emptied", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        emptied = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"DELETE FROM {_table(name)}" for name in emptied))  # noqa: S608 (quoted)


class ValuesRespelled:
    """A text that a pair compares with is written in another way, for a share of the pairs."""

    name, harmful = "values respelled", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        named = tuple(slug for slug in subject.pairs if subject.literals(slug))
        victims = subject.victims(self.name, share, of=named)
        chosen = dict.fromkeys(literal for slug in victims for literal in subject.literals(slug)[:1])
        return Change(
            tuple(
                f"UPDATE {_table(one.column.dataset)} SET {quoted(one.column.column)} = {_text(f'{one.value} (new)')} "  # noqa: S608
                f"WHERE {quoted(one.column.column)} = {_text(one.value)}"
                for one in chosen
            )
        )


class KeysDoubled:
    """Every row twice: a share of the tables that pairs join on a key."""

    name, harmful = "keys doubled", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        doubled = subject.victims(self.name, share, of=subject.joined())
        return Change(tuple(f"INSERT INTO {_table(name)} SELECT * FROM {_table(name)}" for name in doubled))  # noqa: S608


class NullsSpread:
    """Most values of some columns become NULL, so many that a share of the pairs reads one of them."""

    name, harmful = "nulls spread", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name)
        return Change(
            tuple(
                f"UPDATE {_table(c.dataset)} SET {quoted(c.column)} = NULL WHERE hash(rowid) % 100 < {NULLED}"  # noqa: S608
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
        return Change(tuple(statement for column in chosen for statement in _scaled(column)))


def _scaled(column: BaseColumn) -> Iterator[str]:
    table, name = _table(column.dataset), quoted(column.column)
    yield f"ALTER TABLE {table} ALTER COLUMN {name} TYPE DOUBLE"
    yield f"UPDATE {table} SET {name} = {name} * 100"  # noqa: S608 (quoted)


class PairsRemoved:
    """A share of the pairs is taken away."""

    name, harmful = "pairs removed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        return Change(files={_file(subject, slug): None for slug in subject.victims(self.name, share)})


class PairsSwapped:
    """Questions get the SQL of other questions, for a share of the pairs: what nobody vetted so."""

    name, harmful = "pairs swapped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        fixed = tuple(slug for slug, pair in subject.pairs.items() if not pair.pair.parameters)
        victims = subject.victims(self.name, share, of=fixed)
        if len(victims) < 2:
            victims = subject.victims(self.name, 1, of=fixed)[:2]
        if len(victims) < 2:
            return Change()
        texts = {slug: (clusters / _file(subject, slug)).read_text() for slug in victims}
        sqls = [_split(texts[slug])[1] for slug in victims]
        swapped = zip(victims, [*sqls[1:], sqls[0]], strict=True)
        return Change(files={_file(subject, slug): _split(texts[slug])[0] + sql for slug, sql in swapped})


class TablesReloaded:
    """Every table is written again in another order. Nothing is another answer."""

    name, harmful = "tables reloaded", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(
            tuple(f"CREATE OR REPLACE TABLE {t} AS SELECT * FROM {t} ORDER BY hash(rowid)" for t in map(_table, tables))  # noqa: S608
        )


class ColumnsAdded:
    """Tables get a column that no pair knows."""

    name, harmful = "columns added", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"ALTER TABLE {_table(name)} ADD COLUMN loaded_in_batch INTEGER" for name in tables))


class FilesReformatted:
    """Pairs get a comment and other white space; they mean what they meant."""

    name, harmful = "files reformatted", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        victims = subject.victims(self.name, share)
        texts = {slug: (clusters / _file(subject, slug)).read_text() for slug in victims}
        return Change(files={_file(subject, slug): f"{text.rstrip()}\n-- seen\n" for slug, text in texts.items()})


class OthersChanged:
    """Nothing happens to this cluster."""

    name, harmful = "nothing", False

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        return Change()


def _file(subject: Subject, slug: str) -> str:
    return f"{subject.cluster}/pairs/{slug}.sql"


def _split(text: str) -> tuple[str, str]:
    """A pair's file up to the end of its header, and its SQL."""
    end = text.index("*/") + 2
    return text[:end], text[end:]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


DAMAGES: tuple[Damage, ...] = (
    ColumnsRenamed(),
    TablesDropped(),
    TablesEmptied(),
    ValuesRespelled(),
    KeysDoubled(),
    NullsSpread(),
    UnitsChanged(),
    PairsRemoved(),
    PairsSwapped(),
    TablesReloaded(),
    ColumnsAdded(),
    FilesReformatted(),
    OthersChanged(),
)
"""All of them, harmful ones first."""
