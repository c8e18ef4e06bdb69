"""The HTTP API behind uvicorn, the one place that speaks of it. An end that is asked for is quick and loses nothing."""

import socket

import uvicorn
from fastapi import FastAPI

from vedder_api.app import create_app
from vedder_core.settings import Settings

LEAVING = 5
"""Seconds that open requests have when the API is told to end; who waits for a turn is sent away sooner."""


class Server(uvicorn.Server):
    """Sends away who waits for a turn before it waits for open requests to end."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.parts.waiting_room.close()
        await super().shutdown(sockets)


def server(settings: Settings) -> Server:
    """The server, not started yet. Raises SettingsError where it would listen beyond this machine."""
    app = create_app(settings)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, server_header=False, timeout_graceful_shutdown=LEAVING
    )
    return Server(config, app)
