"""The step log of one turn, for the process that works on it: nothing is lost, nothing is written twice.

Every write asks first whether the turn is still this process's: by owner and epoch, which every claim raises. So a
process that was taken for dead writes nothing any more. Who works on which turn is in `leases`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from vedder_core.answer import OUTCOME
from vedder_core.conversation import Payload, Step, StepKind, TurnCancelled, TurnLost
from vedder_core.state import cluster_turns, tables
from vedder_core.state.database import State
from vedder_core.state.rows import OUTCOME_KEY
from vedder_core.state.tables import Now

LEASE = 6.0
"""Seconds for which a turn is its owner's without a sign of life."""


@dataclass
class TurnLog:
    """The journal of a turn that this process has claimed. `ended` says that nothing more can be written."""

    state: State
    turn: str
    number: int
    question: str
    caller: str
    conversation: str
    owner: str
    epoch: int
    steps: dict[str, Step] = field(default_factory=dict)
    ended: bool = False

    def taken(self, key: str) -> Step | None:
        """The step of this key, by whichever process it was taken."""
        return self.steps.get(key)

    def write(self, kind: StepKind, key: str, payload: Payload) -> Step:
        """Write the next step, for good once this returns; the outcome ends the turn in the same transaction.

        Raises TurnLost where another process has the turn, TurnCancelled, or StateError, where nothing is certain:
        then this process should let go of the turn, and whoever claims it next sees what was written.
        """
        if (kind == OUTCOME_KEY) != (key == OUTCOME_KEY):
            raise ValueError(f"The key of a step {kind!r} cannot be {key!r}.")
        outcome = OUTCOME.validate_python(payload) if kind == OUTCOME_KEY else None
        seq = len(self.steps) + 1
        with self.state.writing() as connection:
            self._hold(connection, _changes(kind, payload))
            written = tables.step.insert().values(
                turn=self.turn, seq=seq, kind=kind, key=key, at=Now(), payload=dict(payload)
            )
            at = connection.execute(written.returning(tables.step.c.at)).scalar_one()
            if outcome is not None:
                cluster_turns.record(connection, self.turn, outcome)
        self.ended = outcome is not None
        self.steps[key] = step = Step(seq, kind, key, payload, at)
        return step

    def fail(self, problem: str) -> None:
        """End the turn without an outcome. Raises as `write` does."""
        with self.state.writing() as connection:
            self._hold(connection, {"problem": problem, **_ended("failed")})
        self.ended = True

    def _hold(self, connection: Connection, changes: Mapping[str, object]) -> None:
        """The fence: change the turn where it is still this log's, or raise."""
        turn = tables.turn
        mine = (turn.c.id == self.turn) & (turn.c.owner == self.owner) & (turn.c.epoch == self.epoch)
        if connection.execute(update(turn).where(mine, turn.c.state == "running").values(**changes)).rowcount == 1:
            return
        state = connection.execute(select(turn.c.state).where(turn.c.id == self.turn)).scalar()
        if state == "cancelled":
            raise TurnCancelled("This question was cancelled.", hint="Ask it again if you want its answer after all.")
        raise TurnLost("Another process works on this question now.", hint="Its answer comes from there.")


def _changes(kind: StepKind, payload: Payload) -> dict[str, object]:
    """What a step changes of its turn."""
    if kind == OUTCOME_KEY:
        return {"understood": payload["understood"], **_ended("done")}
    renewed: dict[str, object] = {"lease_until": Now(LEASE)}
    return renewed | ({"understood": payload["question"]} if kind == "understood" else {})


def _ended(state: str) -> dict[str, object]:
    return {"state": state, "ended_at": Now(), "owner": None, "lease_until": None}
