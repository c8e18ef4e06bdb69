"""May this pair teach? The answer, with its evidence. Judging is in the pipelines: `validation` and `drift`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Valid:
    """The engine binds the pair's SQL; `columns` are the names of its result."""

    columns: tuple[str, ...]
    kind: Literal["valid"] = "valid"


@dataclass(frozen=True, slots=True)
class Drift:
    """One finding about the data that a pair rests on: the SQL still runs, and no longer says what it said.

    `said` is a sentence for the curator. `was` (when the pair was vetted), `found` (now) and `threshold` are the
    evidence in words; `column` is None where the finding is about the dataset or the result as a whole. `value` is the
    constant that the finding is about, and `probably` what it is written as now; "" where there is none, or none that
    may be told.
    """

    detector: str
    said: str
    dataset: str
    column: str | None = None
    was: str = ""
    found: str = ""
    threshold: str = ""
    value: str = ""
    probably: str = ""


@dataclass(frozen=True, slots=True)
class Drifted:
    """The pair binds and now misleads, for at least one reason; `columns` are the names of its result."""

    columns: tuple[str, ...]
    drifts: tuple[Drift, ...]
    kind: Literal["drifted"] = "drifted"


@dataclass(frozen=True, slots=True)
class Broken:
    """The pair no longer binds. `line` and `column` (from 1) are the place in the pair's SQL, None where unknown.

    `missing_table` or `missing_column` (`dataset.column` where the dataset is known) is what could not be found;
    `probably` is its likely new name, and `confidence` (0 to 1, None where only names were compared) how sure that is.
    """

    reason: str
    missing_table: str | None = None
    missing_column: str | None = None
    probably: str | None = None
    line: int | None = None
    column: int | None = None
    confidence: float | None = None
    kind: Literal["broken"] = "broken"


Verdict = Valid | Drifted | Broken
