"""The step log of one turn, for the process that works on it: nothing is lost, nothing is written twice.

Every write asks first whether the turn is still this process's: by owner and epoch, which every claim raises. So a
process that was taken for dead writes nothing any more. Who works on which turn is in `leases`.
"""

from dataclasses import dataclass, field
from threading import Event

from sqlalchemy import Connection, Update, and_, bindparam, func, select, update

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
    """The journal of a turn that this process has claimed. `ended` says that nothing more can be written; `stop` is set
    by whoever finds out that the turn was cancelled.
    """

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
    stop: Event = field(default_factory=Event)

    def taken(self, key: str) -> Step | None:
        """The step of this key, by whichever process it was taken."""
        return self.steps.get(key)

    def write(self, kind: StepKind, key: str, payload: Payload) -> Step:
        """Write the next step, for good once this returns; the outcome ends the turn in the same transaction.

        Raises TurnLost where another process has the turn, TurnCancelled, or StateError, where nothing is certain:
        then this process should let go of the turn, and whoever claims it next sees what was written.
        """
        if key in self.steps or (kind == OUTCOME_KEY) != (key == OUTCOME_KEY):
            raise ValueError(f"A step {kind!r} cannot have the key {key!r} (again).")
        outcome = OUTCOME.validate_python(payload) if kind == OUTCOME_KEY else None
        step = {"turn": self.turn, "seq": len(self.steps) + 1, "kind": kind, "key": key, "payload": payload}
        with self.state.writing() as connection:
            if outcome is not None:
                self._hold(connection, _END, end="done", meant=outcome.understood, problem=None)
                cluster_turns.record(connection, self.turn, outcome)
            elif kind == "understood":
                self._hold(connection, _UNDERSTAND, meant=payload["question"])
            else:
                self._hold(connection, _RENEW)
            at = connection.execute(_WRITE, step).scalar_one()
        self.ended = outcome is not None
        self.steps[key] = written = Step(len(self.steps) + 1, kind, key, payload, at)
        return written

    def fail(self, problem: str) -> None:
        """End the turn without an outcome. Raises as `write` does."""
        with self.state.writing() as connection:
            self._hold(connection, _END, end="failed", meant=None, problem=problem)
        self.ended = True

    def _hold(self, connection: Connection, change: Update, **values: object) -> None:
        """The fence: change the turn where it is still this log's, or raise."""
        of = {"of_turn": self.turn, "of_owner": self.owner, "of_epoch": self.epoch}
        if connection.execute(change, of | values).rowcount == 1:
            return
        state = connection.execute(select(_turn.c.state).where(_turn.c.id == self.turn)).scalar()
        if state == "cancelled":
            raise TurnCancelled("This question was cancelled.", hint="Ask it again if you want its answer after all.")
        raise TurnLost("Another process works on this question now.", hint="Its answer comes from there.")


_turn = tables.turn
_MINE = and_(
    _turn.c.id == bindparam("of_turn"),
    _turn.c.owner == bindparam("of_owner"),
    _turn.c.epoch == bindparam("of_epoch"),
    _turn.c.state == "running",
)
_RENEW = update(_turn).where(_MINE).values(lease_until=Now(LEASE))
_UNDERSTAND = _RENEW.values(understood=bindparam("meant"))
_END = (
    update(_turn)
    .where(_MINE)
    .values(
        state=bindparam("end"),
        understood=func.coalesce(bindparam("meant"), _turn.c.understood),
        problem=bindparam("problem"),
        ended_at=Now(),
        owner=None,
        lease_until=None,
    )
)
_WRITE = tables.step.insert().values(at=Now()).returning(tables.step.c.at)
"""Made once: a turn writes a dozen steps, and to build these costs more than to run them."""
