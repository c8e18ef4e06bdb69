"""What a damage is: from a cluster and a share to statements that change the copy of the warehouse, and to files.

A larger share holds what a smaller one does, so that the same cluster can be followed as it gets worse. Each kind is
one class in a file beside this one; `all` lists them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import yaml

from vedder_api.backtest.subject import Subject
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.duckdb_copy import quoted


@dataclass(frozen=True)
class Change:
    """Statements for the copy of the warehouse, and texts of files below the clusters' folder (None: removed)."""

    statements: tuple[str, ...] = ()
    files: Mapping[str, str | None] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.statements or self.files)


class Damage(Protocol):
    """One way to change a cluster. `harmful` is false where the vetted SQL stays right, whatever rows it gives then."""

    name: str
    harmful: bool

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:
        """What to do for this share; nothing where the cluster has nothing of the kind."""
        ...


def table_of(dataset: str) -> str:
    """A dataset's table in the copy, quoted."""
    return quoted(*dataset.split(".")[-2:])


def named(column: BaseColumn) -> tuple[str, str]:
    """A column's table and its own name, both quoted."""
    return table_of(column.dataset), quoted(column.column)


def text(value: str) -> str:
    """A text as SQL."""
    return "'" + value.replace("'", "''") + "'"


def file_of(subject: Subject, slug: str) -> str:
    """Where the pair's file lies, below the clusters' folder."""
    return f"{subject.cluster}/pairs/{slug}.sql"


@dataclass(frozen=True)
class PairText:
    """The text of a pair's file as a curator edits it: its header up to `*/`, and what follows."""

    header: str
    sql: str

    @classmethod
    def read(cls, subject: Subject, slug: str, clusters: Path) -> "PairText":
        whole = (clusters / file_of(subject, slug)).read_text(encoding="utf-8")
        end = whole.index("*/") + 2
        return cls(whole[:end], whole[end:])

    def keys(self) -> dict[str, object]:
        """The header's keys with their values."""
        return dict(yaml.safe_load(self.header.strip().removeprefix("/*").removesuffix("*/")))

    def having(self, keys: Mapping[str, object]) -> "PairText":
        """The same with these keys in the header."""
        written = yaml.safe_dump({**self.keys(), **keys}, sort_keys=False, allow_unicode=True, width=1000)
        return PairText(f"/*\n{written.replace('*/', '* /')}*/", self.sql)

    def __str__(self) -> str:
        return self.header + self.sql


def texts_of(subject: Subject, slugs: Iterable[str], clusters: Path) -> dict[str, PairText]:
    """The files of some pairs, by slug."""
    return {slug: PairText.read(subject, slug, clusters) for slug in slugs}
