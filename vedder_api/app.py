"""The HTTP API, put together: parts, walls, routes, problems. The only place where they are.

Deliberately not here: any behaviour, and any reading of the environment.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import current_default_thread_limiter, run_sync
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from vedder_api import errors
from vedder_api.parts import Parts
from vedder_api.routes import answers, ask, clusters, conversations, probes, turns
from vedder_api.waiting_room import MOST_WAITING, OTHERS
from vedder_api.walls import Walls, refuse_strangers
from vedder_core.errors import StateError
from vedder_core.settings import Settings

ROUTERS = (ask.router, turns.router, answers.router, conversations.router, clusters.router, probes.router)
log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """The API for these settings. Raises SettingsError where it would listen beyond this machine.

    Its parts are opened when the first request needs them and closed with the app; only the state database is opened at
    the start, since turns that an earlier process left behind are waiting in it.
    """
    refuse_strangers(settings.host)

    @asynccontextmanager
    async def open_parts(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = MOST_WAITING + OTHERS
        with Parts(settings) as parts:
            app.state.parts = parts
            await run_sync(_take_up_turns, parts)
            yield
            await run_sync(parts.stop)

    app = FastAPI(
        title="Vedder",
        version=version("vedder"),
        summary="Answers from clusters that experts curate, with the SQL, and says when it does not know.",
        lifespan=open_parts,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    errors.report_problems(app)
    app.add_middleware(Walls)
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    return app


def _take_up_turns(parts: Parts) -> None:
    """Start the workers; without its database the API starts too, tells why it is not ready, and tries again later."""
    try:
        parts.running()
    except StateError as error:
        log.warning("StateError: %s", error.message)


def _described(app: FastAPI) -> dict[str, object]:
    """The OpenAPI document, with problems under their own media type and without FastAPI's shape of errors."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        for operation in (operation for path in made["paths"].values() for operation in path.values()):
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    response["content"] = {errors.MEDIA_TYPE: PROBLEM}
        for shape in ("HTTPValidationError", "ValidationError"):
            made["components"]["schemas"].pop(shape, None)
        app.openapi_schema = made
    return app.openapi_schema


PROBLEM = {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}
