"""What the owners of a cluster see of the questions that it was used for: SQL, shape and feedback, never a row.

It is written down when a turn ends, so that a listing of thousands never touches a result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from vedder_core.answer import Answer, GaveUp, Outcome, TrustMark
from vedder_core.state import tables
from vedder_core.state.feedback import Feedback, feedback_of

OutcomeKind = Literal["answer", "not_covered", "clarify", "gave_up"]


@dataclass(frozen=True, slots=True)
class ClusterTurn:
    """A question that a cluster was used for. `rows` is how many there were; `sqls` is as written, not as it ran."""

    turn: str
    caller: str
    asked_at: datetime
    question: str
    understood: str | None
    kind: OutcomeKind
    trust: TrustMark | None
    sqls: tuple[str, ...]
    columns: tuple[str, ...]
    rows: int
    truncated: bool
    feedback: tuple[Feedback, ...]


def of_cluster(connection: Connection, cluster: str, *, limit: int, before: str | None) -> tuple[ClusterTurn, ...]:
    """Ended questions that used this cluster, or came near it; the newest first, those before one of them."""
    used, turn, shape = tables.turn_cluster, tables.turn, tables.outcome
    query = (
        select(turn.c.caller, turn.c.asked_at, turn.c.question, turn.c.understood, shape)
        .select_from(used.join(turn, turn.c.id == used.c.turn).join(shape, shape.c.turn == used.c.turn))
        .where(used.c.cluster == cluster)
        .order_by(used.c.turn.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(used.c.turn < before)
    rows = connection.execute(query).all()
    said = _feedback(connection, [row.turn for row in rows])
    return tuple(
        ClusterTurn(
            turn=row.turn,
            caller=row.caller,
            asked_at=row.asked_at,
            question=row.question,
            understood=row.understood,
            kind=row.kind,
            trust=row.trust,
            sqls=tuple(row.sqls),
            columns=tuple(row.columns),
            rows=row.rows,
            truncated=row.truncated,
            feedback=tuple(said.get(row.turn, ())),
        )
        for row in rows
    )


def record(connection: Connection, turn: str, outcome: Outcome) -> None:
    """Write down what owners see of an outcome, and for whose owners it is."""
    answered = outcome if isinstance(outcome, Answer) else None
    shape = tables.outcome.insert().values(
        turn=turn,
        kind=outcome.kind,
        trust=answered and answered.trust,
        sqls=_sqls(outcome),
        columns=list(answered.columns) if answered else [],
        rows=len(answered.rows) if answered else 0,
        truncated=bool(answered and answered.truncated),
    )
    connection.execute(shape)
    clusters = dict.fromkeys(cluster.name for cluster in outcome.clusters)
    if clusters:
        connection.execute(tables.turn_cluster.insert(), [{"cluster": name, "turn": turn} for name in clusters])


def _sqls(outcome: Outcome) -> list[str]:
    if isinstance(outcome, Answer):
        return [outcome.sql, *(query.asked for query in outcome.further)]
    return [query.asked for query in outcome.tried] if isinstance(outcome, GaveUp) else []


def _feedback(connection: Connection, turns: Sequence[str]) -> dict[str, list[Feedback]]:
    said: dict[str, list[Feedback]] = {}
    query = select(tables.feedback).where(tables.feedback.c.turn.in_(turns)).order_by(tables.feedback.c.id)
    for row in connection.execute(query):
        said.setdefault(row.turn, []).append(feedback_of(row))
    return said
