"""Every error as a problem (RFC 9457), and the only table of status codes.

A problem says what is wrong and what to do. It never carries a traceback, what an engine said while it ran a query
(that can hold values of the data), or what was sent.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from vedder_api.ask import QuestionTooLong
from vedder_api.cells import as_json
from vedder_api.overview import UnknownCluster
from vedder_api.replay import NotAnAnswer
from vedder_api.waiting_room import Leaving, TooManyWait
from vedder_core.chat.chat_model import ChatModelError
from vedder_core.errors import (
    ContextError,
    ConversationBusy,
    EmbedderError,
    KeyReused,
    QueryFailed,
    QueryRefused,
    QueryTimeout,
    SettingsError,
    StateError,
    UnknownConversation,
    UnknownTurn,
    VedderError,
    WarehouseError,
)

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class NotReady(VedderError):
    """A check of `/readyz` failed; `checks` says which and why."""

    def __init__(self, checks: Sequence["Check"]) -> None:
        failed = ", ".join(check.name for check in checks if not check.ok)
        super().__init__(f"Not ready: {failed}.", hint="Each check says what to do.")
        self.checks = tuple(checks)


STATUSES: Mapping[type[VedderError], HTTPStatus] = {
    UnknownCluster: HTTPStatus.NOT_FOUND,
    QuestionTooLong: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownConversation: HTTPStatus.NOT_FOUND,
    UnknownTurn: HTTPStatus.NOT_FOUND,
    ConversationBusy: HTTPStatus.CONFLICT,
    KeyReused: HTTPStatus.CONFLICT,
    NotAnAnswer: HTTPStatus.CONFLICT,
    QueryRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    QueryTimeout: HTTPStatus.GATEWAY_TIMEOUT,
    QueryFailed: HTTPStatus.BAD_GATEWAY,
    WarehouseError: HTTPStatus.SERVICE_UNAVAILABLE,
    ContextError: HTTPStatus.SERVICE_UNAVAILABLE,
    EmbedderError: HTTPStatus.SERVICE_UNAVAILABLE,
    ChatModelError: HTTPStatus.SERVICE_UNAVAILABLE,
    StateError: HTTPStatus.SERVICE_UNAVAILABLE,
    Leaving: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyWait: HTTPStatus.SERVICE_UNAVAILABLE,
    NotReady: HTTPStatus.SERVICE_UNAVAILABLE,
    SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    VedderError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""Class -> status; the nearest class of an error's own ones counts."""


class Check(BaseModel):
    """One thing that must work before questions can be answered."""

    model_config = ConfigDict(frozen=True)

    name: str
    ok: bool
    detail: str


class Invalid(BaseModel):
    """One part of a request that cannot be used."""

    model_config = ConfigDict(frozen=True)

    place: str = Field(description="Where it is: `body.question`, `path.name`.")
    message: str


class ProblemDetails(BaseModel):
    """What went wrong and what to do about it (RFC 9457)."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Names the kind of problem; stable.")
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    hint: str = Field("", description="What to do about it.")
    invalid: tuple[Invalid, ...] = Field((), description="What of the request cannot be used.")
    checks: tuple[Check, ...] = Field((), description="The checks of `/readyz`.")


def problem(
    status: HTTPStatus,
    detail: str,
    *,
    kind: str = "",
    hint: str = "",
    invalid: Sequence[Invalid] = (),
    checks: Sequence[Check] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The response of a problem."""
    body = ProblemDetails(
        type=f"urn:vedder:{kind or status.phrase.lower().replace(' ', '-')}",
        title=status.phrase,
        status=status,
        detail=detail,
        hint=hint,
        invalid=tuple(invalid),
        checks=tuple(checks),
    )
    content = as_json(body.model_dump(mode="json", exclude_defaults=True))
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {}))


def report_problems(app: FastAPI) -> None:
    """Make every error of the app leave as a problem."""

    @app.exception_handler(VedderError)
    def _ours(_: Request, error: VedderError) -> Response:
        status = status_of(error)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s: %s", type(error).__name__, error.message)
        checks = error.checks if isinstance(error, NotReady) else ()
        return problem(status, error.message, kind=_kind(error), hint=error.hint, checks=checks)

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> Response:
        return problem(HTTPStatus(error.status_code), str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def _invalid(_: Request, error: RequestValidationError) -> Response:
        found = [Invalid(place=".".join(map(str, e["loc"])), message=str(e["msg"])) for e in error.errors()]
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "The request cannot be used.",
            hint="The shape of every request is in /openapi.json.",
            invalid=found,
        )

    @app.exception_handler(Exception)
    def _bug(request: Request, error: Exception) -> Response:
        mark = uuid4().hex[:12]
        log.error("Bug %s in %s %s", mark, request.method, request.url.path, exc_info=error)
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            f"Vedder failed; the log tells more under {mark}.",
            hint="Please report it with that mark.",
        )


def status_of(error: VedderError) -> HTTPStatus:
    """The status of an error by the table, the nearest class first."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def _kind(error: VedderError) -> str:
    name = type(error).__name__
    return "".join(f"-{mark.lower()}" if mark.isupper() else mark for mark in name).removeprefix("-")
