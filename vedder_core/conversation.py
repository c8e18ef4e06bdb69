"""Conversations as they are kept: conversation, turn, step. A turn is one question; its steps are written one by one.

A step is written before the next one is taken, so that whoever goes on after a crash finds what was done. How they are
stored is in `vedder_core.state`; the steps' meaning is in `vedder_api.agent`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Literal, Protocol

from pydantic import JsonValue

from vedder_core.answer import Outcome
from vedder_core.errors import VedderError

TurnState = Literal["queued", "running", "done", "interrupted", "cancelled", "failed"]
"""interrupted: its process died and it is too old to go on; failed: by an error that `problem` tells."""

ENDED: frozenset[TurnState] = frozenset({"done", "interrupted", "cancelled", "failed"})

StepKind = Literal["asked", "understood", "model_request", "model_reply", "tool_result", "outcome"]

Payload = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a turn. `seq` counts from 1 without gaps; `key` is unique in its turn and says what was done."""

    seq: int
    kind: StepKind
    key: str
    payload: Payload
    at: datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and what became of it. `number` counts the turns of a conversation from 1.

    `understood` is the question as it reads without the conversation around it; `outcome` stands once it is done.
    """

    id: str
    conversation: str
    number: int
    caller: str
    question: str
    state: TurnState
    asked_at: datetime
    understood: str | None = None
    outcome: Outcome | None = None
    problem: str | None = None
    ended_at: datetime | None = None


class TurnLost(VedderError):
    """Another process has taken this turn over, so this one must write no more of it."""


class TurnCancelled(VedderError):
    """Whoever asked does not want the answer any more."""


class Journal(Protocol):
    """The steps of one turn, to write and to look back at. The step `outcome` ends the turn with it.

    `stop` is set soon after nobody wants the turn any more: whatever runs for it may end then.
    """

    turn: str
    stop: Event

    def taken(self, key: str) -> Step | None:
        """The step of this key, if it was taken: perhaps by a process that has died since."""
        ...

    def write(self, kind: StepKind, key: str, payload: Payload) -> Step:
        """Write the next step for good. Raises TurnLost or TurnCancelled, and then has written nothing."""
        ...


def once(journal: Journal, kind: StepKind, key: str, make: Callable[[], Payload]) -> Step:
    """The step of this key: as it was taken, or made and written now."""
    return journal.taken(key) or journal.write(kind, key, make())


@dataclass
class MemoryJournal:
    """A journal that ends with its process: for evaluations and trials, which are no conversations."""

    turn: str = "t"
    steps: dict[str, Step] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)

    def taken(self, key: str) -> Step | None:
        return self.steps.get(key)

    def write(self, kind: StepKind, key: str, payload: Payload) -> Step:
        step = Step(len(self.steps) + 1, kind, key, payload, datetime.now(UTC))
        self.steps[key] = step
        return step
