"""Bodies and documented responses that routes share. Rows never pass through a model: they are only declared by one."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from vedder_api.agent.wording import MOST_CHARACTERS
from vedder_api.cells import as_json
from vedder_api.errors import ProblemDetails
from vedder_core.answer import Outcome

AskOutcome = Annotated[Outcome, Field(discriminator="kind")]
Documented = dict[int | str, dict[str, Any]]


class Question(BaseModel):
    """What somebody wants to know, in one sentence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1, max_length=MOST_CHARACTERS, examples=["How many flights left JFK in July?"])


class Ready(BaseModel):
    """Everything that answering takes is there."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    context_version: int


class Alive(BaseModel):
    """The process runs."""

    model_config = ConfigDict(frozen=True)

    alive: bool


def documented(model: object, description: str, *problems: HTTPStatus) -> Documented:
    """A route's responses: the good one, and the problems beside those that every route has."""
    good: Documented = {200: {"model": model, "description": description}}
    everywhere = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    for status in sorted({*problems, *everywhere, HTTPStatus.INTERNAL_SERVER_ERROR}):
        good[int(status)] = {"model": ProblemDetails, "description": status.phrase}
    return good


def answered(value: object) -> Response:
    """A good response with the JSON of `value`."""
    return Response(as_json(value), media_type="application/json")
