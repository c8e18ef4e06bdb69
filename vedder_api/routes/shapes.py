"""Bodies and documented responses that routes share. Rows never pass through a model: they are only declared by one."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field

from vedder_api.ask import LONGEST_QUESTION
from vedder_api.cells import as_json
from vedder_api.errors import ProblemDetails
from vedder_core.state.feedback import LONGEST_COMMENT, FeedbackVerdict

Documented = dict[int | str, dict[str, Any]]

ID = r"^[0-9A-Za-z_-]{1,64}$"
"""Ids as we give them, and nothing that a database would not take."""

Id = Annotated[str, Path(pattern=ID, description="The id of a turn, as asking gave it.")]

STATE_PROBLEMS = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
ASK_PROBLEMS = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, *STATE_PROBLEMS)


class Question(BaseModel):
    """What somebody wants to know. In a conversation it may lean on what was asked before (`and for EWR?`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(min_length=1, max_length=LONGEST_QUESTION, examples=["How many flights left JFK in July?"])
    conversation: str | None = Field(None, pattern=ID, description="Id of the conversation to go on with.")


class Opinion(BaseModel):
    """What somebody thinks of an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    verdict: FeedbackVerdict
    comment: str = Field("", max_length=LONGEST_COMMENT, description="What is wrong, or what helped.")


class Ready(BaseModel):
    """Everything that answering takes is there."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    context_version: int


class Alive(BaseModel):
    """The process runs."""

    model_config = ConfigDict(frozen=True)

    alive: bool


def documented(model: object, description: str, *problems: HTTPStatus, good: HTTPStatus = HTTPStatus.OK) -> Documented:
    """A route's responses: the good one, and the problems beside those that every route has."""
    return {int(good): {"model": model, "description": description}, **_problems(*problems)}


def streamed(description: str, *problems: HTTPStatus) -> Documented:
    """The responses of a route that sends events."""
    return {int(HTTPStatus.OK): {"description": description}, **_problems(*problems)}


def answered(
    value: object, *, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response:
    """A good response with the JSON of `value`."""
    return Response(as_json(value), status_code=status, media_type="application/json", headers=dict(headers or {}))


def _problems(*others: HTTPStatus) -> Documented:
    everywhere = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    statuses = sorted({*others, *everywhere, HTTPStatus.INTERNAL_SERVER_ERROR})
    return {int(status): {"model": ProblemDetails, "description": status.phrase} for status in statuses}
