"""A cluster's health: readings of signals, the score made of them, its band, and what would raise it.

The signals are in the pipelines. Deliberately not here: any question as somebody asked it; an action names a turn, and
whoever may read that turn finds it there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator

Band = Literal["healthy", "degraded", "critical"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that an owner can do. `gain` is by how much the score is higher once it alone is done; None where it
    was not worked out. `turn` is the question that the action is best seen in, if there is one. `names` are columns
    (`dataset.column`) that the text may name, `tells` those of which it may tell values: for whoever shows it later.
    """

    text: str
    gain: float | None = None
    turn: str | None = None
    names: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


def _as_it_was(written: object) -> object:
    """Histories of before actions had gains hold them as texts."""
    return {"text": written} if isinstance(written, str) else written


@dataclass(frozen=True, slots=True)
class Reading:
    """One signal's reading: `value` in 0..1, or None for *not measured* (which never counts as 1).

    `evidence` are sentences a curator can check; each of `actions`, carried out, raises the value.
    """

    signal: str
    value: float | None
    weight: float
    evidence: tuple[str, ...] = ()
    actions: tuple[Annotated[Action, BeforeValidator(_as_it_was)], ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """A cluster's readings at one moment. `score` in 0..1, None when nothing could be measured."""

    cluster: str
    score: float | None
    band: Band | None
    readings: tuple[Reading, ...]
    measured_at: datetime
    context_version: int | None = None

    def actions(self) -> tuple[Action, ...]:
        """All of them, those that raise the score most first; where that is not known, last."""
        listed = (action for reading in self.readings for action in reading.actions)
        return tuple(sorted(listed, key=lambda action: -1.0 if action.gain is None else action.gain, reverse=True))
