"""What the pipeline found out about a dataset's data. Every figure says how it was found.

How the figures are measured is in `vedder_pipelines.profiling` and in each engine's file.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Mark = Literal["exact", "approximate", "sampled"]
"""exact: counted or read from reliable metadata; approximate: a sketch or planner statistics; sampled: seen in a
part of the rows, and not scaled up."""

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and how it was found."""

    value: int
    mark: Mark


LONGEST_VALUE = 80
"""Longer values are cut to so many characters; a list that holds a cut value is not complete."""


@dataclass(frozen=True, slots=True)
class CommonValue:
    """A value as text and in how many rows it was seen."""

    value: str
    rows: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. `common_values` is most frequent first; `withheld` says why there are none (hidden, sensitive, PII).

    `complete` is true when `common_values` lists every value that the column holds.
    """

    name: str
    type: str
    nulls: Figure | None = None
    distinct: Figure | None = None
    minimum: Value = None
    maximum: Value = None
    common_values: tuple[CommonValue, ...] = ()
    common_mark: Mark | None = None
    complete: bool = False
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class Partitions:
    """How the rows are cut: the columns, the kind (`hive`, `range`, ...), how many parts, the first and the last."""

    columns: tuple[str, ...]
    kind: str
    count: int
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A dataset's profile. `fingerprint` is the schema's, `data_version` the engine's cheap mark of its data,
    `curation` a digest of what decided which values may be told.
    """

    dataset: str
    engine: str
    fingerprint: str
    data_version: str
    rows: Figure
    columns: tuple[ColumnProfile, ...]
    partitions: Partitions | None = None
    bytes: int | None = None
    modified_at: datetime | None = None
    key_candidates: tuple[str, ...] = ()
    curation: str = ""
    profiled_at: datetime | None = field(default=None, compare=False)

    def column(self, name: str) -> ColumnProfile | None:
        return next((c for c in self.columns if c.name.casefold() == name.casefold()), None)
