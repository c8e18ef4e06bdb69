"""Turns and conversations as nouns: what people may see of them, the same over HTTP and from the command line.

Of a step is told what was done, in words, with SQL and counts; what the chat model was sent, and what tools gave it to
read, stays inside. The owners of a cluster see the SQL and the shape of what others asked, never their rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import orjson
from pydantic import Field, JsonValue

from vedder_core.answer import Outcome
from vedder_core.conversation import Step, StepKind, Turn, TurnState
from vedder_core.state.cluster_turns import ClusterTurn
from vedder_core.state.conversations import Conversation


@dataclass(frozen=True, slots=True)
class TurnPage:
    """A question and what became of it. `outcome` stands when `state` is done, `problem` where it failed.

    `understood` is the question as it reads without the conversation around it.
    """

    id: str
    conversation: str
    number: int
    question: str
    understood: str | None
    state: TurnState
    outcome: Annotated[Outcome, Field(discriminator="kind")] | None
    problem: str | None
    asked_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepPage:
    """One step of a turn. `sql`, `datasets` and the number of `rows` stand where a query ran; `outcome` at the end."""

    seq: int
    kind: StepKind
    text: str
    at: datetime
    sql: str | None = None
    datasets: tuple[str, ...] = ()
    rows: int | None = None
    outcome: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A conversation in the list; its title is how its first question begins."""

    id: str
    title: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class ConversationList:
    """Conversations, the newest first."""

    conversations: tuple[ConversationLine, ...]


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """A conversation with its turns, the oldest first."""

    id: str
    title: str
    started_at: datetime
    turns: tuple[TurnPage, ...]


@dataclass(frozen=True, slots=True)
class ClusterTurnList:
    """Questions that used a cluster or came near it, the newest first: SQL, shape and feedback, and no rows."""

    cluster: str
    turns: tuple[ClusterTurn, ...]


def conversation_list(conversations: Iterable[Conversation]) -> ConversationList:
    """Conversations for the one who holds them."""
    return ConversationList(tuple(ConversationLine(c.id, c.title, c.started_at) for c in conversations))


def conversation_page(conversation: Conversation) -> ConversationPage:
    """A whole conversation for the one who holds it."""
    turns = tuple(map(turn_page, conversation.turns))
    return ConversationPage(conversation.id, conversation.title, conversation.started_at, turns)


def turn_page(turn: Turn) -> TurnPage:
    """A turn for the one who asked."""
    return TurnPage(
        id=turn.id,
        conversation=turn.conversation,
        number=turn.number,
        question=turn.question,
        understood=turn.understood,
        state=turn.state,
        outcome=turn.outcome,
        problem=turn.problem,
        asked_at=turn.asked_at,
        ended_at=turn.ended_at,
    )


def step_page(step: Step) -> StepPage:
    """A step in words."""
    match step.kind:
        case "asked":
            return StepPage(step.seq, step.kind, "The question was taken.", step.at)
        case "understood":
            return StepPage(step.seq, step.kind, _understood(step), step.at)
        case "model_request":
            return StepPage(step.seq, step.kind, "The chat model is asked.", step.at)
        case "model_reply":
            return StepPage(step.seq, step.kind, _replied(step), step.at)
        case "tool_result":
            return _used(step)
        case "outcome":
            text = f"The turn ended: {str(step.payload.get('kind', 'outcome')).replace('_', ' ')}."
            return StepPage(step.seq, step.kind, text, step.at, outcome=step.payload)


def _understood(step: Step) -> str:
    read = step.payload.get("question") or step.payload.get("understood")
    return f"Understood as: {read}" if isinstance(read, str) else "The question was understood."


def _replied(step: Step) -> str:
    calls = step.payload.get("calls")
    names = [str(call.get("name")) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return f"The chat model calls {', '.join(names)}." if names else "The chat model replied without calling a tool."


def _used(step: Step) -> StepPage:
    """A tool by its name, with what it was given; of a query its SQL, its datasets and the number of its rows."""
    told = f"{step.payload.get('tool')} {_given(step.payload.get('arguments'))}".strip()
    error = step.payload.get("error")
    if error is not None:
        return StepPage(step.seq, step.kind, f"{told}: {error}", step.at)
    result = step.payload.get("result")
    query = result.get("query") if isinstance(result, dict) else None
    if not isinstance(query, dict):
        return StepPage(step.seq, step.kind, told, step.at)
    rows, datasets = query.get("rows"), query.get("datasets")
    count = len(rows) if isinstance(rows, list) else 0
    return StepPage(
        step.seq,
        step.kind,
        f"{step.payload.get('tool')}: {count:,} row{'' if count == 1 else 's'}",
        step.at,
        sql=str(query.get("asked")),
        datasets=tuple(map(str, datasets)) if isinstance(datasets, list) else (),
        rows=count,
    )


LONGEST_GIVEN = 120  # characters of what a tool was given


def _given(arguments: JsonValue) -> str:
    """The values of a tool's arguments, as far as one line holds them; a model may have written anything."""
    try:
        given = orjson.loads(arguments) if isinstance(arguments, str) else arguments
    except orjson.JSONDecodeError:
        return ""
    values = given.values() if isinstance(given, dict) else ()
    said = ", ".join(str(value) for value in values if isinstance(value, str | int | float))
    return said if len(said) <= LONGEST_GIVEN else f"{said[:LONGEST_GIVEN]} …"
