"""What routes work with, as annotations. Deliberately not here: how anything is opened (`parts`)."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError

from vedder_api.parts import Parts
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.snapshot import Snapshot
from vedder_core.state.conversations import Conversations


def parts_of(request: Request) -> Parts:
    """The parts of the running app; for the routes where each dependency would be felt."""
    found: Parts = request.app.state.parts
    return found


async def parts(request: Request) -> Parts:
    """The parts of the running app. It waits for nothing, and a plain function would take a thread each time."""
    return parts_of(request)


def idempotency_key(request: Request) -> str | None:
    """The key that makes it safe to send a request again. Raises RequestValidationError where it is none.

    Read by hand, as in `parts_of`; `KEYED` describes it.
    """
    key = request.headers.get("idempotency-key")
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        message = f"A key has 1 to {LONGEST_KEY} characters."
        raise RequestValidationError([{"loc": ("header", "Idempotency-Key"), "msg": message, "type": "key"}])
    return key


LONGEST_KEY = 200
KEYED = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            "description": "Makes it safe to send the request again: with the same key and body it happens once.",
        }
    ]
}
"""The key in the description of a route."""


def conversations(parts: Annotated[Parts, Depends(parts)]) -> Conversations:
    """The conversations as they are kept. Raises StateError."""
    return parts.conversations()


def place_to_wait(parts: Annotated[Parts, Depends(parts)]) -> Iterator[None]:
    """A place among those who wait, held until the response is sent. Raises TooManyWait."""
    with parts.waiting_room.place():
        yield


def snapshot(parts: Annotated[Parts, Depends(parts)]) -> Snapshot:
    """The newest version of the context, to read; nothing is embedded for it. Raises ContextError."""
    return parts.shelf().snapshot()


def healths(parts: Annotated[Parts, Depends(parts)]) -> HealthHistory:
    """The course of every cluster's health."""
    return parts.healths


RunningParts = Annotated[Parts, Depends(parts)]
KeptConversations = Annotated[Conversations, Depends(conversations)]
Newest = Annotated[Snapshot, Depends(snapshot)]
Healths = Annotated[HealthHistory, Depends(healths)]
