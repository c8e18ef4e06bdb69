"""What routes work with, as annotations. Deliberately not here: how anything is opened (`parts`)."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Header, Request

from vedder_api.parts import Parts
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.snapshot import Snapshot
from vedder_core.state.conversations import Conversations


async def parts(request: Request) -> Parts:
    """The parts of the running app. It waits for nothing, and a plain function would take a thread each time."""
    found: Parts = request.app.state.parts
    return found


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
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Makes it safe to send the request again: with the same key and body it happens once.",
    ),
]
