"""Outcomes for the tests of what surfaces show, with only what a test is about to be said."""

from dataclasses import replace
from datetime import UTC, date, datetime

from vedder_core.answer import (
    Answer,
    AnsweringCluster,
    Cell,
    Clarify,
    GaveUp,
    NearCluster,
    NotCovered,
    Notice,
    RanQuery,
    Receipt,
    Row,
    Shown,
    Source,
    Spent,
)
from vedder_core.cluster import Owner

OWNER = Owner(team="flight_ops", contact="#flight-ops")
NEAR = (NearCluster("flights", "Flights", OWNER, 0.8),)
SPENT = Spent("some-model", "abc", 3, 4120, 310, False, 0.0123, {"instructions": 700, "pairs": 1600})
NOTICE = Notice("freshness", "nyc.flights was loaded two days late.", "nyc.flights")


def ran(id_: str, *rows: Row, truncated: bool = False) -> RanQuery:
    sql = f"SELECT {id_} FROM nyc.flights"
    return RanQuery(id_, sql, f"{sql} LIMIT 1", ("nyc.flights",), ("n",), rows, truncated, 2.5)


def answer(text: str = "68 (flights).", *cells: Cell, spent: Spent | None = SPENT) -> Answer:
    """A grounded answer by a chat model, of one column."""
    receipt = Receipt(7, "hashed", "SELECT 1", "SELECT 1", {}, datetime(2026, 1, 6, tzinfo=UTC), {"query": 3.0})
    return Answer(
        question="and in July?",
        understood="How many flights left JFK in July?",
        text=text,
        trust="grounded",
        trust_reason="New SQL over datasets of this cluster.",
        clusters=(AnsweringCluster("flights", "Flights", OWNER),),
        vetted_by=None,
        vetted_on=None,
        sql="SELECT count(*) AS n FROM nyc.flights",
        columns=("n",),
        rows=tuple((cell,) for cell in cells),
        truncated=False,
        further=(),
        sources=(Source("flights/doc/x/0", "doc", "Delays", "flights", "h", "In minutes."),),
        notices=(),
        receipt=replace(receipt, shown=(Shown("flights/doc/x/0", "h"),) if spent else (), spent=spent),
    )


def verified(text: str = "68 (flights).") -> Answer:
    return replace(
        answer(text, 68, spent=None), trust="verified", vetted_by="Ana Ruiz", vetted_on=date(2026, 1, 5), question=""
    )


def not_covered() -> NotCovered:
    return NotCovered("Passengers?", "Passengers?", "Nobody teaches passengers.", NEAR, (), 7, SPENT)


def clarify() -> Clarify:
    return Clarify("Delays?", "Delays?", "Which delay?", ("of departure", "of arrival"), NEAR, 7, SPENT)


def gave_up() -> GaveUp:
    return GaveUp("Why?", "Why?", "The chat model was asked 12 times.", "steps", (ran("q1", (5,)),), NEAR, 7, SPENT)
