"""`/v1/turns`: a question that is asked now and answered later, its steps as they are taken, its end."""

import logging
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from vedder_api.caller import CALLER
from vedder_api.cells import as_json
from vedder_api.deps import KEYED, KeptConversations, RunningParts, idempotency_key, place_to_wait
from vedder_api.parts import Parts
from vedder_api.routes.shapes import ASK_PROBLEMS, STATE_PROBLEMS, Id, Question, answered, documented, streamed
from vedder_api.turn_pages import TurnPage, step_page, turn_page
from vedder_api.waiting_room import PATIENCE
from vedder_core.conversation import ENDED, Turn
from vedder_core.errors import StateError

HEARTBEAT = 10
"""After so many silent spans of patience a comment is sent, which also finds out whether somebody still listens."""

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/turns", tags=["turns"])


@router.post(
    "",
    summary="Ask a question without waiting",
    status_code=HTTPStatus.ACCEPTED,
    response_class=Response,
    openapi_extra=KEYED,
    responses=documented(TurnPage, "The turn; `Location` is where it is.", *ASK_PROBLEMS, good=HTTPStatus.ACCEPTED),
)
def ask(body: Question, request: Request, parts: RunningParts) -> Response:
    """Stores the question, so that it is answered also when this client leaves or this process ends."""
    parts.check_answering()
    turn = parts.running().ask(
        body.question, caller=CALLER, conversation=body.conversation, key=idempotency_key(request)
    )
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
    try:
        yield from _told(turn.id, _seen(turn.id, last), parts)
    except StateError as error:  # the line breaks, and the client comes back for the rest
        log.warning("StateError: %s", error.message)


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


def _told(id_: str, after: int, parts: Parts) -> Iterator[ServerSentEvent]:
    """The events after a step; without `end` where this process ends before the turn."""
    turns, silent = parts.running(), 0
    while not parts.waiting_room.is_closed:
        turn = turns.conversations.turn(id_)  # before its last steps are read, so that none is missing in the end
        silent += 1
        for step in turns.follow(id_, after=after, timeout=PATIENCE):
            after, silent = step.seq, 0
            page = as_json(step_page(step)).decode()
            yield ServerSentEvent(id=f"{id_}:{after}", event=step.kind, raw_data=page)
        if turn.state in ENDED:
            ended = as_json({"state": turn.state, "problem": turn.problem}).decode()
            yield ServerSentEvent(event="end", raw_data=ended)
            return
        if silent == HEARTBEAT:
            silent = 0
            yield ServerSentEvent(comment="still at work")


def _seen(turn: str, last: str | None) -> int:
    """The number of the last step that the client has seen; an id that is none of this turn's means none."""
    of, _, number = (last or "").rpartition(":")
    return int(number) if of == turn and re.fullmatch("[0-9]{1,9}", number) else 0
