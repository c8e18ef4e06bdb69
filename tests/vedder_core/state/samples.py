"""Outcomes as the agent writes them down, and what a test does to time: it changes what the database holds."""

from datetime import UTC, datetime

import orjson
from sqlalchemy import update

from vedder_api.cells import as_json
from vedder_core.answer import Answer, AnsweringCluster, GaveUp, NearCluster, NotCovered, Outcome, RanQuery, Receipt
from vedder_core.cluster import Owner
from vedder_core.conversation import Payload
from vedder_core.state.database import State
from vedder_core.state.tables import Now, turn
from vedder_core.state.turn_log import TurnLog

OWNER = Owner(team="ops", contact="#ops")
SECRET = "canary-4711"


def answer(question: str = "how many?", *, cluster: str = "flights", rows: int = 2) -> Answer:
    ran = RanQuery("q2", "SELECT 2", 'SELECT 2 AS "2"', (), ("2",), ((SECRET,),), truncated=False, milliseconds=1.0)
    return Answer(
        question=question,
        understood=f"{question} (all of them)",
        text=f"It is {SECRET}.",
        trust="grounded",
        trust_reason="new SQL",
        clusters=(AnsweringCluster(cluster, cluster.title(), OWNER),),
        vetted_by=None,
        vetted_on=None,
        sql="SELECT n, name FROM t",
        columns=("n", "name"),
        rows=tuple((number, SECRET) for number in range(rows)),
        truncated=True,
        further=(ran,),
        sources=(),
        notices=(),
        receipt=Receipt(3, "minilm", "a", "b", {}, datetime(2013, 1, 1, tzinfo=UTC), {"query": 1.5}),
    )


def not_covered(question: str = "how many?", *, near: tuple[str, ...] = ("flights", "airports")) -> NotCovered:
    clusters = tuple(NearCluster(name, name.title(), OWNER, 0.5) for name in near)
    return NotCovered(question, question, "nothing near", clusters, (), context_version=3)


def gave_up(question: str = "how many?") -> GaveUp:
    tried = answer().further
    clusters = (NearCluster("flights", "Flights", OWNER, 0.5),)
    return GaveUp(question, question, "too long", "time", tried, clusters, context_version=3)


def payload(outcome: Outcome) -> Payload:
    written: Payload = orjson.loads(as_json(outcome))
    return written


def end(log: TurnLog, outcome: Outcome) -> None:
    log.write("outcome", "outcome", payload(outcome))


def lease_runs_out(state: State, turn_id: str) -> None:
    with state.writing() as connection:
        connection.execute(update(turn).where(turn.c.id == turn_id).values(lease_until=Now(-0.001)))


def asked_long_ago(state: State, turn_id: str, *, seconds: float) -> None:
    with state.writing() as connection:
        connection.execute(update(turn).where(turn.c.id == turn_id).values(asked_at=Now(-seconds)))
