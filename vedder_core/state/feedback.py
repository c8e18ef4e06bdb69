"""What people say about the answers they got. It is only ever added to: who changes his mind says so once more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import IntegrityError

from vedder_core.errors import KeyReused, UnknownTurn
from vedder_core.state import tables
from vedder_core.state.database import State
from vedder_core.state.ids import new_id
from vedder_core.state.tables import Now, storable

FeedbackVerdict = Literal["good", "bad"]

LONGEST_COMMENT = 2_000


@dataclass(frozen=True, slots=True)
class Feedback:
    """One opinion about one answer."""

    id: str
    turn: str
    caller: str
    verdict: FeedbackVerdict
    comment: str
    at: datetime


@dataclass(frozen=True)
class Feedbacks:
    """The feedback of a state database. Every method raises StateError where the database fails."""

    state: State

    def give(
        self, turn_id: str, *, caller: str, verdict: FeedbackVerdict, comment: str = "", key: str | None = None
    ) -> Feedback:
        """Say what the caller thinks of the answer to a question of theirs.

        The same key of the same caller is the same feedback. Raises UnknownTurn, and KeyReused where the key came with
        something else before.
        """
        try:
            with self.state.writing() as connection:
                return _given(connection, key, turn=turn_id, caller=caller, verdict=verdict, comment=comment)
        except IntegrityError:  # another process was faster with this key: now it is there to be seen
            with self.state.writing() as connection:
                return _given(connection, key, turn=turn_id, caller=caller, verdict=verdict, comment=comment)

    def of_turn(self, turn_id: str) -> tuple[Feedback, ...]:
        """All feedback on a turn, oldest first."""
        said = tables.feedback
        with self.state.reading() as connection:
            rows = connection.execute(select(said).where(said.c.turn == turn_id).order_by(said.c.id)).all()
        return tuple(map(feedback_of, rows))


def feedback_of(row: Row[*tuple[Any, ...]]) -> Feedback:
    """A row of the table as a feedback."""
    return Feedback(row.id, row.turn, row.caller, row.verdict, row.comment, row.at)


def _given(
    connection: Connection, key: str | None, *, turn: str, caller: str, verdict: FeedbackVerdict, comment: str
) -> Feedback:
    said = tables.feedback
    if key is not None:
        row = connection.execute(select(said).where(said.c.caller == caller, said.c.key == key)).one_or_none()
        if row is not None:
            return _same(feedback_of(row), (turn, verdict, storable(comment)))
    asked = select(tables.turn.c.id).where(tables.turn.c.id == turn, tables.turn.c.caller == caller)
    if connection.execute(asked).one_or_none() is None:
        raise UnknownTurn(f"There is no question {turn!r} of yours.", hint="Your conversations list your questions.")
    values = {"id": new_id(), "turn": turn, "caller": caller, "key": key, "verdict": verdict, "comment": comment}
    return feedback_of(connection.execute(said.insert().values(**values, at=Now()).returning(said)).one())


def _same(before: Feedback, given: tuple[str, FeedbackVerdict, str]) -> Feedback:
    if (before.turn, before.verdict, before.comment) == given:
        return before
    raise KeyReused("This idempotency key was used for other feedback before.", hint="Use a new key each time.")
