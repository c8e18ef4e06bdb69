"""What routes work with, as annotations. Deliberately not here: how anything is opened (`app`)."""

from typing import Annotated

from fastapi import Depends, Request

from vedder_api.ask import Asker
from vedder_api.parts import Parts
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.snapshot import Snapshot


def parts(request: Request) -> Parts:
    """The parts of the running app."""
    found: Parts = request.app.state.parts
    return found


def asker(parts: Annotated[Parts, Depends(parts)]) -> Asker:
    """The one door for questions. Raises ContextError, EmbedderError, WarehouseError."""
    return parts.asker()


def snapshot(parts: Annotated[Parts, Depends(parts)]) -> Snapshot:
    """The newest version of the context, to read; nothing is embedded for it. Raises ContextError."""
    return parts.shelf().snapshot()


def healths(parts: Annotated[Parts, Depends(parts)]) -> HealthHistory:
    """The course of every cluster's health."""
    return parts.healths


RunningParts = Annotated[Parts, Depends(parts)]
OpenAsker = Annotated[Asker, Depends(asker)]
Newest = Annotated[Snapshot, Depends(snapshot)]
Healths = Annotated[HealthHistory, Depends(healths)]
