"""`POST /v1/ask`: a question in, its turn with the outcome out, in one request."""

from fastapi import APIRouter, Request, Response

from vedder_api.caller import CALLER
from vedder_api.deps import KEYED, idempotency_key, parts_of
from vedder_api.routes.shapes import ASK_PROBLEMS, Question, answered, documented
from vedder_api.turn_pages import TurnPage, turn_page
from vedder_api.waiting_room import PATIENCE, Leaving
from vedder_core.conversation import ENDED

router = APIRouter(prefix="/v1", tags=["ask"])


@router.post(
    "/ask",
    summary="Ask a question and wait",
    response_class=Response,
    openapi_extra=KEYED,
    responses=documented(TurnPage, "The turn, with its outcome where it is done.", *ASK_PROBLEMS),
)
def ask(body: Question, request: Request) -> Response:
    """Waits until the turn has ended: with an answer, or a reason why there is none. `POST /v1/turns` does not wait.

    A turn goes on when its client leaves; the same `Idempotency-Key` then finds it again. Rows are lists in the order
    of `columns`. Decimals with a fraction are text, so that nothing is rounded.
    """
    parts = parts_of(request)
    parts.check_answering()
    turns = parts.running()
    with parts.waiting_room.place():
        turn = turns.ask(body.question, caller=CALLER, conversation=body.conversation, key=idempotency_key(request))
        while turn.state not in ENDED:
            if parts.waiting_room.is_closed:
                raise Leaving
            turn = turns.wait(turn.id, timeout=PATIENCE)
    return answered(turn_page(turn))
