"""`/v1/turns`: a question that is asked now and answered later, its steps as they are taken, its end."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from vedder_api.caller import CALLER
from vedder_api.cells import as_json
from vedder_api.deps import IdempotencyKey, KeptConversations, RunningParts, place_to_wait
from vedder_api.routes.shapes import ASK_PROBLEMS, STATE_PROBLEMS, Id, Question, answered, documented, streamed
from vedder_api.turn_pages import TurnPage, step_page, turn_page
from vedder_core.conversation import ENDED, Turn

HEARTBEAT = 10.0
"""Seconds after which a comment is sent, which also finds out whether somebody still listens."""

router = APIRouter(prefix="/v1/turns", tags=["turns"])


@router.post(
    "",
    summary="Ask a question without waiting",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    responses=documented(TurnPage, "The turn; `Location` is where it is.", *ASK_PROBLEMS, good=HTTPStatus.ACCEPTED),
)
def ask(body: Question, parts: RunningParts, key: IdempotencyKey = None) -> Response:
    """Stores the question, so that it is answered also when this client leaves or this process ends."""
    parts.check_answering()
    turn = parts.running().ask(body.question, caller=CALLER, conversation=body.conversation, key=key)
    where = {"location": f"/v1/turns/{turn.id}"}
    return answered(turn_page(turn), status=HTTPStatus.ACCEPTED, headers=where)


@router.get(
    "/{id}",
    summary="Show a turn",
    response_class=Response,
    responses=documented(TurnPage, "The turn as it stands.", HTTPStatus.NOT_FOUND, *STATE_PROBLEMS),
)
def turn(id: Id, conversations: KeptConversations) -> Response:  # noqa: A002 - the name in the path
    """A question and what became of it so far."""
    return answered(turn_page(conversations.turn(id, caller=CALLER)))


def asked_turn(id: Id, conversations: KeptConversations) -> Turn:  # noqa: A002
    """Looked up before the stream begins, since a stream that has begun can say no status any more."""
    return conversations.turn(id, caller=CALLER)


@router.get(
    "/{id}/events",
    summary="Follow a turn",
    response_class=EventSourceResponse,
    responses=streamed("Its steps as they are taken, then `end`.", HTTPStatus.NOT_FOUND, *STATE_PROBLEMS),
    dependencies=[Depends(place_to_wait)],
)
def events(
    turn: Annotated[Turn, Depends(asked_turn)],
    parts: RunningParts,
    last: Annotated[str | None, Header(alias="Last-Event-ID", description="The id of the last event seen.")] = None,
) -> Iterator[ServerSentEvent]:
    """Server-sent events: each step is one, named by its kind, with the id `<turn>:<number>`.

    A client that comes back with `Last-Event-ID`, to whichever process, gets what comes after it. `end` is no step and
    has no id: it says in which state the turn ended, and that nothing comes after it. A comment every few seconds keeps
    the line open. To leave does not cancel the turn.
    """
    turns, after = parts.running(), _seen(turn.id, last)
    while True:
        turn = turns.conversations.turn(turn.id)
        for step in turns.follow(turn.id, after=after, timeout=HEARTBEAT):
            after = step.seq
            page = as_json(step_page(step)).decode()
            yield ServerSentEvent(id=f"{turn.id}:{after}", event=step.kind, raw_data=page)
        if turn.state in ENDED:  # before its last steps were read, so that none is missing
            break
        yield ServerSentEvent(comment="still here")
    yield ServerSentEvent(event="end", raw_data=as_json({"state": turn.state, "problem": turn.problem}).decode())


@router.post(
    "/{id}/cancel",
    summary="Cancel a turn",
    response_class=Response,
    responses=documented(TurnPage, "The turn as it stands now.", HTTPStatus.NOT_FOUND, *STATE_PROBLEMS),
)
def cancel(id: Id, conversations: KeptConversations) -> Response:  # noqa: A002
    """Nobody wants the answer any more. A turn that has ended stays as it is."""
    conversations.cancel(id, caller=CALLER)
    return answered(turn_page(conversations.turn(id, caller=CALLER)))


def _seen(turn: str, last: str | None) -> int:
    """The number of the last step that the client has seen; an id that is none of this turn's means none."""
    of, _, number = (last or "").rpartition(":")
    return int(number) if of == turn and re.fullmatch("[0-9]{1,9}", number) else 0
