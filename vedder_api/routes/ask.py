"""`POST /v1/ask`: a question in, an outcome out."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from vedder_api.deps import OpenAsker
from vedder_api.routes.shapes import AskOutcome, Question, answered, documented

router = APIRouter(prefix="/v1", tags=["ask"])

PROBLEMS = (
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


@router.post(
    "/ask",
    summary="Ask a question",
    response_class=Response,
    responses=documented(AskOutcome, "An answer by a vetted pair, or why there is none and who may know.", *PROBLEMS),
)
def ask(body: Question, asker: OpenAsker) -> Response:
    """Answers only what a vetted pair answers word by word, its blanks filled; anything else is *not covered*.

    Rows are lists in the order of `columns`. Decimals with a fraction are text, so that nothing is rounded.
    """
    return answered(asker.answer(body.question))
