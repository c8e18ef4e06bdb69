"""May this pair teach? The answer, with its evidence. Judging is in `vedder_pipelines.validation`."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Valid:
    """The engine binds the pair's SQL; `columns` are the names of its result."""

    columns: tuple[str, ...]
    kind: Literal["valid"] = "valid"


@dataclass(frozen=True, slots=True)
class Broken:
    """The pair no longer binds. `line` and `column` (from 1) are the place in the pair's SQL, None where unknown.

    `missing_table` or `missing_column` (`dataset.column` where the dataset is known) is what could not be found;
    `probably` is its likely new name.
    """

    reason: str
    missing_table: str | None = None
    missing_column: str | None = None
    probably: str | None = None
    line: int | None = None
    column: int | None = None
    kind: Literal["broken"] = "broken"


Verdict = Valid | Broken
