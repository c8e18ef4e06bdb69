"""What a request must pass before any route sees it: whom it was meant for, where it came from, how large it is.

Without logins the API is for this machine alone, so that a web page cannot reach it by another name (DNS rebinding)
or send to it from another origin. Deliberately not here: who may ask what.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vedder_api.errors import problem
from vedder_core.errors import SettingsError

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MOST_BYTES = 256_000
"""Enough for the longest question in whatever way JSON may spell its characters."""

SECURE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)


def refuse_strangers(host: str) -> None:
    """Raises SettingsError where `host` would let other machines in: there are no logins yet."""
    if host == "localhost":
        return
    try:
        loopback = ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise SettingsError(
            f"The API does not listen on `{host}`: it has no logins yet, so anyone who reaches it could ask.",
            hint="Use 127.0.0.1 (VEDDER_HOST or --host), and put your own authenticating proxy before it.",
        )


class Walls:
    """ASGI middleware: an allow-list of hosts and origins, and a largest body."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] = LOCAL_HOSTS, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._stranger(headers)
        if refused is not None:
            await refused(scope, receive, send)
            return
        messages = await self._body(receive)
        if messages is None:
            await _too_large(self._most_bytes)(scope, receive, send)
            return
        await self._app(scope, _replay(messages, receive), _with_headers(send))

    def _stranger(self, headers: Headers) -> Response | None:
        if _host_of(f"//{headers.get('host', '')}") not in self._hosts:
            return problem(
                HTTPStatus.BAD_REQUEST,
                "The Host header names no address that this API serves.",
                hint="Call it as localhost or 127.0.0.1.",
            )
        origin = headers.get("origin")
        if origin is not None and _host_of(origin) not in self._hosts:
            return problem(HTTPStatus.FORBIDDEN, "Requests from other origins are not taken.")
        return None

    async def _body(self, receive: Receive) -> Sequence[Message] | None:
        """The messages of the whole body; None once it is too large."""
        messages: list[Message] = []
        size = 0
        while True:
            message = await receive()
            messages.append(message)
            size += len(message.get("body", b""))
            if size > self._most_bytes:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return messages


@lru_cache(maxsize=64)
def _host_of(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _too_large(most_bytes: int) -> Response:
    return problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"The body has more than {most_bytes:,} bytes.",
        hint="A question needs no more.",
        headers={"connection": "close"},
    )


def _replay(messages: Sequence[Message], receive: Receive) -> Receive:
    waiting = list(messages)

    async def replayed() -> Message:
        return waiting.pop(0) if waiting else await receive()

    return replayed


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *SECURE_HEADERS]
        await send(message)

    return sending
