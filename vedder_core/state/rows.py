"""Rows of the state database as turns and steps."""

from typing import Any

from sqlalchemy import Row, Select, select

from vedder_core.answer import OUTCOME
from vedder_core.conversation import Step, Turn
from vedder_core.state import tables

OUTCOME_KEY = "outcome"
"""The key of the step that ends a turn; its payload is the whole outcome."""


def turns() -> Select[*tuple[Any, ...]]:
    """Turns in the order of their conversation, with the payload of the whole outcome where there is one."""
    turn, step = tables.turn, tables.step
    ended_by = (step.c.turn == turn.c.id) & (step.c.key == OUTCOME_KEY)
    return (
        select(turn, step.c.payload.label("outcome"))
        .select_from(turn.outerjoin(step, ended_by))
        .order_by(turn.c.number)
    )


def turn_of(row: Row[*tuple[Any, ...]]) -> Turn:
    """A row of `turns` as a turn."""
    return Turn(
        id=row.id,
        conversation=row.conversation,
        number=row.number,
        caller=row.caller,
        question=row.question,
        state=row.state,
        asked_at=row.asked_at,
        understood=row.understood,
        outcome=None if row.outcome is None else OUTCOME.validate_python(row.outcome),
        problem=row.problem,
        ended_at=row.ended_at,
    )


def step_of(row: Row[*tuple[Any, ...]]) -> Step:
    """A row of the steps as a step."""
    return Step(row.seq, row.kind, row.key, row.payload, row.at)
