"""`/v1/answers`: what people think of an answer, and whether it would be the same today. Its id is that of its turn."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from vedder_api.caller import CALLER
from vedder_api.deps import KEYED, RunningParts, idempotency_key
from vedder_api.replay import Replay
from vedder_api.routes.shapes import ASK_PROBLEMS, STATE_PROBLEMS, Id, Opinion, answered, documented
from vedder_core.state.feedback import Feedback

router = APIRouter(prefix="/v1/answers", tags=["answers"])


@router.post(
    "/{id}/feedback",
    summary="Say what you think of an answer",
    response_class=Response,
    openapi_extra=KEYED,
    responses=documented(
        Feedback, "The feedback as it is kept.", HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, *STATE_PROBLEMS
    ),
)
def feedback(id: Id, body: Opinion, request: Request, parts: RunningParts) -> Response:  # noqa: A002
    """The owners of the clusters that it used read it. Who changes their mind says so once more."""
    key = idempotency_key(request)
    given = parts.feedbacks().give(id, caller=CALLER, verdict=body.verdict, comment=body.comment, key=key)
    return answered(given)


@router.post(
    "/{id}/replay",
    summary="Run an answer again",
    response_class=Response,
    responses=documented(Replay, "What is the same and what is not.", *ASK_PROBLEMS),
)
def replay(id: Id, parts: RunningParts) -> Response:  # noqa: A002
    """Runs its queries again, against the version of the context that it was made with, and says what differs now."""
    return answered(parts.replay(parts.conversations().turn(id, caller=CALLER)))
