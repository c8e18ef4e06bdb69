"""Conversations as callers see them: asking, looking back, cancelling.

A question is for good once `ask` returns. Whose question it is, is checked here and nowhere below. Deliberately not
here: who works on a turn (`turn_log`), and what owners of clusters see (`cluster_turns`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from vedder_core.conversation import ENDED, Step, Turn
from vedder_core.errors import ConversationBusy, KeyReused, UnknownConversation, UnknownTurn
from vedder_core.state import tables
from vedder_core.state.cluster_turns import ClusterTurn, of_cluster
from vedder_core.state.database import State
from vedder_core.state.ids import new_id
from vedder_core.state.rows import step_of, turn_of, turns
from vedder_core.state.tables import Now, storable

TITLE = 120
"""Characters of the first question that name a conversation."""

_TRIES = 5
"""How often asking meets another asker of the same conversation or key before it gives in."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Questions that follow one another. `turns` is empty in a listing."""

    id: str
    caller: str
    title: str
    started_at: datetime
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Conversations:
    """All conversations of a state database. Every method raises StateError where the database fails."""

    state: State

    def ask(self, question: str, *, caller: str, conversation: str | None = None, key: str | None = None) -> Turn:
        """A queued turn that no crash loses, at the end of the conversation or of a new one.

        The same key of the same caller is the same turn, however often and in however many processes it comes. Raises
        KeyReused where it came with another question, UnknownConversation, and ConversationBusy where the question
        before is still being worked on.
        """
        question, caller = storable(question), storable(caller)
        for _ in range(_TRIES):
            try:
                with self.state.writing() as connection:
                    before = _of_key(connection, caller, key)
                    if before is not None:
                        return _same(before, question, conversation)
                    return _add(connection, question, caller=caller, conversation=conversation, key=key)
            except IntegrityError:  # another process was faster: the next try sees what it did
                continue
        raise _busy()

    def conversation(self, id: str, *, caller: str) -> Conversation:  # noqa: A002
        """A conversation with all its turns. Raises UnknownConversation."""
        with self.state.reading() as connection:
            query = select(tables.conversation).where(
                tables.conversation.c.id == id, tables.conversation.c.caller == caller
            )
            row = connection.execute(query).one_or_none()
            if row is None:
                raise _unknown_conversation()
            its = connection.execute(turns().where(tables.turn.c.conversation == id)).all()
        return Conversation(row.id, row.caller, row.title, row.started_at, tuple(map(turn_of, its)))

    def conversations(self, *, caller: str, limit: int = 50, before: str | None = None) -> tuple[Conversation, ...]:
        """The caller's conversations, newest first, those before one of them, without their turns."""
        mine = tables.conversation
        query = select(mine).where(mine.c.caller == caller).order_by(mine.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(mine.c.id < before)
        with self.state.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Conversation(row.id, row.caller, row.title, row.started_at) for row in rows)

    def turn(self, id: str, *, caller: str | None = None) -> Turn:  # noqa: A002
        """A turn, of this caller where one is named. Raises UnknownTurn."""
        with self.state.reading() as connection:
            return _turn(connection, id, caller)

    def earlier(self, turn: Turn) -> tuple[Turn, ...]:
        """The turns of its conversation before it, oldest first."""
        before = turns().where(tables.turn.c.conversation == turn.conversation, tables.turn.c.number < turn.number)
        with self.state.reading() as connection:
            return tuple(map(turn_of, connection.execute(before).all()))

    def steps(self, turn_id: str, *, after: int = 0) -> tuple[Step, ...]:
        """The steps of a turn that follow the one numbered `after`."""
        taken = tables.step
        query = select(taken).where(taken.c.turn == turn_id, taken.c.seq > after).order_by(taken.c.seq)
        with self.state.reading() as connection:
            return tuple(map(step_of, connection.execute(query).all()))

    def of_cluster(self, cluster: str, *, limit: int = 50, before: str | None = None) -> tuple[ClusterTurn, ...]:
        """What owners see of the questions that used this cluster or came near it, the newest first."""
        with self.state.reading() as connection:
            return of_cluster(connection, cluster, limit=limit, before=before)

    def cancel(self, turn_id: str, *, caller: str) -> Turn:
        """End a turn of this caller at once, whoever works on it; an ended one stays as it is. Raises UnknownTurn."""
        with self.state.writing() as connection:
            connection.execute(
                update(tables.turn)
                .where(tables.turn.c.id == turn_id, tables.turn.c.caller == caller, tables.turn.c.state.not_in(ENDED))
                .values(state="cancelled", ended_at=Now(), owner=None, lease_until=None)
            )
            return _turn(connection, turn_id, caller)


def _add(connection: Connection, question: str, *, caller: str, conversation: str | None, key: str | None) -> Turn:
    number = 1
    if conversation is None:
        conversation = new_id()
        begun = {"id": conversation, "caller": caller, "title": _title(question), "started_at": Now()}
        connection.execute(tables.conversation.insert().values(begun))
    else:
        number = 1 + _last_number(connection, conversation, caller)
    queued = tables.turn.insert().values(
        id=new_id(),
        conversation=conversation,
        number=number,
        caller=caller,
        key=key,
        question=question,
        asked_at=Now(),
        state="queued",
        epoch=0,
    )
    row = connection.execute(queued.returning(tables.turn.c.id, tables.turn.c.asked_at)).one()
    return Turn(row.id, conversation, number, caller, question, "queued", row.asked_at)


def _last_number(connection: Connection, conversation: str, caller: str) -> int:
    turn = tables.turn
    query = (
        select(turn.c.number, turn.c.state)
        .where(turn.c.conversation == conversation, turn.c.caller == caller)
        .order_by(turn.c.number.desc())
        .limit(1)
    )
    last = connection.execute(query).one_or_none()
    if last is None:
        raise _unknown_conversation()
    if last.state not in ENDED:
        raise _busy()
    number: int = last.number
    return number


def _of_key(connection: Connection, caller: str, key: str | None) -> Turn | None:
    if key is None:
        return None
    row = connection.execute(turns().where(tables.turn.c.caller == caller, tables.turn.c.key == key)).one_or_none()
    return None if row is None else turn_of(row)


def _same(before: Turn, question: str, conversation: str | None) -> Turn:
    """The turn that this key stands for. A turn that began its conversation was asked without naming one."""
    named = None if before.number == 1 else before.conversation
    if (before.question, named) == (question, conversation):
        return before
    raise KeyReused(
        "This idempotency key was used for another question before.", hint="Use a new key for each question."
    )


def _turn(connection: Connection, turn_id: str, caller: str | None) -> Turn:
    query = turns().where(tables.turn.c.id == turn_id)
    row = connection.execute(query if caller is None else query.where(tables.turn.c.caller == caller)).one_or_none()
    if row is None:
        raise UnknownTurn(f"There is no question {turn_id!r} of yours.", hint="Your conversations list your questions.")
    return turn_of(row)


def _title(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= TITLE else f"{line[: TITLE - 1].rstrip()}…"


def _busy() -> ConversationBusy:
    return ConversationBusy(
        "The question before this one is still being worked on.", hint="Wait for its answer, or cancel it."
    )


def _unknown_conversation() -> UnknownConversation:
    return UnknownConversation(
        "There is no such conversation of yours.",
        hint="Your list of conversations has their ids; a question without one begins a new one.",
    )
