"""A cluster's health: readings of signals, the score made of them, its band. The signals are in the pipelines."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Band = Literal["healthy", "degraded", "critical"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal's reading: `value` in 0..1, or None for *not measured* (which never counts as 1).

    `evidence` are sentences a curator can check; each of `actions`, carried out, raises the value.
    """

    signal: str
    value: float | None
    weight: float
    evidence: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """A cluster's readings at one moment. `score` in 0..1, None when nothing could be measured."""

    cluster: str
    score: float | None
    band: Band | None
    readings: tuple[Reading, ...]
    measured_at: datetime
    context_version: int | None = None

    def actions(self) -> tuple[str, ...]:
        return tuple(action for reading in self.readings for action in reading.actions)
