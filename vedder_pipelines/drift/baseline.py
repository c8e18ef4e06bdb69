"""What was true of a pair's data when a person vouched for it: the facts that later looks are compared with.

A baseline is taken at the first run after the pair's text or `vetted_on` changed, and stays. How facts are measured is
in `measures`, how the pair is run in `running`. Of columns whose values may not be told there are only counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from vedder_core.profile import CommonValue, Partitions

Filled = str | int | float | bool
"""What fills a blank, as it is stored: a date is its ISO text."""

Place = str
"""`dataset.column`, both as the warehouse spells them."""


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """A pair's result, without its values.

    `digest` is equal for equal rows in any order, None where the rows were cut off or hold what may not be told.
    `hollow`: there are no rows, or nothing in them but 0 and NULL. `parameters` filled the pair's blanks, `versions`
    are the marks of the data of the tables that it ran on, by name.
    """

    columns: tuple[str, ...]
    rows: int
    truncated: bool
    digest: str | None
    hollow: bool
    parameters: Mapping[str, Filled] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A numeric column's values: the quantiles of `measures.QUANTILES`, and how many are there and are below zero."""

    values: int
    negative: int
    quantiles: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column that a pair relies on. `varied`: it holds more than one value, None where that was not asked;
    `quantity` is None where it is no number, or may not be told; `periods` are its rows by day, month or year (`unit`),
    where it holds times; `newest` are the NULLs and the rows of the newest period of its dataset.
    """

    type: str
    rows: int
    nulls: int
    varied: bool | None = None
    quantity: Quantity | None = None
    unit: str = ""
    periods: Mapping[str, int] = field(default_factory=dict)
    newest: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """A dataset's rows by the columns that cut it: by day, month or year (`unit`) of the one that holds times, or else
    by their values, `month=3`.
    """

    columns: tuple[str, ...]
    unit: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset that a pair reads; `deprecated` is who says so and what else to use, "" where nobody does. `parts` are
    None where nothing cuts it, or may not be told.
    """

    rows: int
    partitions: Partitions | None = None
    deprecated: str = ""
    parts: Parts | None = None


@dataclass(frozen=True)
class Facts:
    """What was measured for one pair, at its baseline or now; what could not be measured is left out.

    `datasets` by name, `columns` by place; `held` counts the rows that meet each of the pair's conditions with a
    constant, and `keys` the rows that columns of a dataset do not tell apart (0: they are unique), by `name_of_key`.
    `common` are common values of columns in which something vanished: looked up now, never stored. `result` is None
    where the pair was not run, or failed; `failed` then says how. `support` counts the rows behind its result,
    and `met` those before any was left out: what its joins bring together.
    """

    datasets: Mapping[str, DatasetFacts] = field(default_factory=dict)
    columns: Mapping[Place, ColumnFacts] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    keys: Mapping[str, int] = field(default_factory=dict)
    common: Mapping[Place, tuple[CommonValue, ...]] = field(default_factory=dict)
    result: ResultFacts | None = None
    failed: str = ""
    support: int | None = None
    met: int | None = None


@dataclass(frozen=True)
class Baseline:
    """The facts of a pair with this text, vetted on this day."""

    pair_hash: str
    vetted_on: date
    taken_at: datetime
    facts: Facts

    @property
    def result(self) -> ResultFacts | None:
        """What the pair gave when it was vouched for."""
        return self.facts.result


def key_named(name: str) -> tuple[str, frozenset[str]] | None:
    """The dataset and the columns of such a name."""
    dataset, opened, columns = name.partition("(")
    return (dataset, frozenset(columns.removesuffix(")").split(", "))) if opened else None


def name_of_key(dataset: str, columns: frozenset[str]) -> str:
    """The name of some columns of a dataset among the facts."""
    return f"{dataset}({', '.join(sorted(columns))})"
