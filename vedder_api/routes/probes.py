"""`/livez` and `/readyz`, for whoever runs the process. The health of clusters is elsewhere."""

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter, Response

from vedder_api.caller import CALLER
from vedder_api.deps import RunningParts
from vedder_api.errors import Check, NotReady
from vedder_api.parts import Parts
from vedder_api.routes.shapes import Alive, Ready, answered, documented
from vedder_core.errors import VedderError
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits

router = APIRouter(tags=["probes"])

SECONDS = 5.0
"""A warehouse that takes longer for nothing is not ready."""


@router.get(
    "/livez",
    summary="Does the process run?",
    response_class=Response,
    responses=documented(Alive, "It does."),
)
def livez() -> Response:
    """Says only that requests are served."""
    return answered({"alive": True})


@router.get(
    "/readyz",
    summary="Can questions be answered?",
    response_class=Response,
    responses=documented(Ready, "They can.", HTTPStatus.SERVICE_UNAVAILABLE),
)
def readyz(parts: RunningParts) -> Response:
    """Reads the context, compares its embedder with this process's, runs a query without data, looks for a chat model
    where one is set, and reads the state database.
    """
    checks = tuple(_check(name, run, parts) for name, run in CHECKS)
    if not all(check.ok for check in checks):
        raise NotReady(checks)
    return answered({"ready": True, "context_version": parts.reader().version})


def _check(name: str, run: Callable[[Parts], str], parts: Parts) -> Check:
    try:
        return Check(name=name, ok=True, detail=run(parts))
    except VedderError as error:
        return Check(name=name, ok=False, detail=str(error))


def _context(parts: Parts) -> str:
    return f"version {parts.shelf().version}"


def _embedder(parts: Parts) -> str:
    parts.reader().snapshot().check_embedder()
    return parts.embedder().name


def _warehouse(parts: Parts) -> str:
    warehouse = parts.warehouse()
    warehouse.run(guard("SELECT 1 AS one", Granted({}), dialect=warehouse.dialect), Limits(SECONDS, 1, 1_000))
    return warehouse.engine


def _chat_model(parts: Parts) -> str:
    chat = parts.chat_model()
    return chat.name if chat else "none is set: vetted pairs alone answer"


def _state(parts: Parts) -> str:
    parts.running()
    parts.conversations().conversations(caller=CALLER, limit=1)
    return "can be read"


CHECKS: tuple[tuple[str, Callable[[Parts], str]], ...] = (
    ("context", _context),
    ("embedder", _embedder),
    ("warehouse", _warehouse),
    ("chat_model", _chat_model),
    ("state", _state),
)
