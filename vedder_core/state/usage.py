"""What was asked of a cluster and how it went, for the pipelines: questions and opinions, never a row of a result.

Deliberately not here: what any of it means for a cluster's health.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from vedder_core.answer import TrustMark
from vedder_core.state import tables
from vedder_core.state.cluster_turns import OutcomeKind
from vedder_core.state.database import State
from vedder_core.state.feedback import FeedbackVerdict


@dataclass(frozen=True, slots=True)
class AskedTurn:
    """An ended question that used a cluster, or came near it.

    `question` is as it reads without the conversation around it; `sql` is that of the answer as written, empty where
    there is none; `opinions` are the last one of each person.
    """

    turn: str
    caller: str
    asked_at: datetime
    question: str
    kind: OutcomeKind
    trust: TrustMark | None
    sql: str
    opinions: tuple[FeedbackVerdict, ...]


@dataclass(frozen=True)
class Usage:
    """The questions of a state database. Only read; raises StateError where the database fails."""

    state: State

    def of_cluster(self, cluster: str, *, since: datetime, limit: int) -> tuple[AskedTurn, ...]:
        """The newest questions that used this cluster or came near it, the newest first."""
        used, turn, shape = tables.turn_cluster, tables.turn, tables.outcome
        query = (
            select(turn.c.id, turn.c.caller, turn.c.asked_at, turn.c.question, turn.c.understood, shape)
            .select_from(used.join(turn, turn.c.id == used.c.turn).join(shape, shape.c.turn == used.c.turn))
            .where(used.c.cluster == cluster, turn.c.asked_at >= since)
            .order_by(used.c.turn.desc())
            .limit(limit)
        )
        with self.state.reading() as connection:
            rows = connection.execute(query).all()
            said = _opinions(connection, [row.id for row in rows])
        return tuple(
            AskedTurn(
                turn=row.id,
                caller=row.caller,
                asked_at=row.asked_at,
                question=row.understood or row.question,
                kind=row.kind,
                trust=row.trust,
                sql=row.sqls[0] if row.kind == "answer" and row.sqls else "",
                opinions=tuple(said.get(row.id, {}).values()),
            )
            for row in rows
        )


AT_ONCE = 500
"""Ids in one query: a database takes so many parameters and no more."""


def _opinions(connection: Connection, turns: Sequence[str]) -> dict[str, dict[str, FeedbackVerdict]]:
    """By turn, the last opinion of each caller."""
    said: dict[str, dict[str, FeedbackVerdict]] = {}
    for start in range(0, len(turns), AT_ONCE):
        some = turns[start : start + AT_ONCE]
        query = select(tables.feedback).where(tables.feedback.c.turn.in_(some)).order_by(tables.feedback.c.id)
        for row in connection.execute(query):
            said.setdefault(row.turn, {})[row.caller] = row.verdict
    return said
