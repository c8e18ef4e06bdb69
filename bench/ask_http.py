"""The HTTP part of `bench.ask`: the whole stack of the API, with a turn that has ended already, beside an ASGI function
that reads JSON and sends the same JSON.
"""

import statistics
from collections.abc import Awaitable, Callable

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from bench.measure import print_table
from bench.served import ask, connected, cpu_of, served
from vedder_api.app import create_app
from vedder_api.caller import CALLER
from vedder_api.cells import as_json
from vedder_api.turn_pages import turn_page
from vedder_api.waiting_room import WaitingRoom
from vedder_core.conversation import Turn
from vedder_core.settings import Settings, settings
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State

WANTED_RATIO = 3.0
REQUESTS = 2_000
ROUNDS = 5

Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

HTTP = "import sys; from bench.ask_http import serve_http; serve_http(sys.argv[1], int(sys.argv[2]))"


def http_part(chosen: Settings) -> float:
    """CPU of a request to the whole API and to a bare ASGI function, with the same bytes; their ratio."""
    measured: dict[str, list[float]] = {"whole": [], "bare": []}
    with served(HTTP, chosen, "whole") as whole, served(HTTP, chosen, "bare") as bare:
        for round_number in range(ROUNDS + 1):
            for variant, (process, port) in (("whole", whole), ("bare", bare)):
                with connected(port) as client:
                    before = cpu_of(process).server
                    for _ in range(REQUESTS):
                        ask(client, "How many?")
                    if round_number > 0:
                        measured[variant].append((cpu_of(process).server - before) * 1000 / REQUESTS)
    took = {variant: statistics.median(values) for variant, values in measured.items()}
    ratio = took["whole"] / took["bare"]
    print(f"\nCPU of the HTTP part of a request in ms; {len(as_json(turn_page(ended_turn(chosen)))):,} bytes")
    print_table(
        ("", "whole API", "bare ASGI", "ratio", "wanted"), [("POST /v1/ask", *took.values(), ratio, WANTED_RATIO)]
    )
    return ratio


def serve_http(variant: str, port: int) -> None:
    """Serve one of the two, in a process of its own."""
    chosen = settings()
    turn = ended_turn(chosen)
    uvicorn.run(bare_app(turn) if variant == "bare" else whole_app(chosen, turn), port=port)


class Ended:
    """The parts of an API whose every question has been answered already: what is left is HTTP."""

    def __init__(self, turn: Turn) -> None:
        self.waiting_room = WaitingRoom()
        self._turn = turn

    def check_answering(self) -> None:
        """It can."""

    def running(self) -> "Ended":
        return self

    def ask(self, question: str, *, caller: str, conversation: str | None, key: str | None) -> Turn:  # noqa: ARG002
        return self._turn


def whole_app(chosen: Settings, turn: Turn) -> Asgi:
    """The API of the settings, with other parts."""
    app, ended = create_app(chosen), Ended(turn)

    async def with_ended(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            app.state.parts = ended
        await app(scope, receive, send)

    return with_ended


def bare_app(turn: Turn) -> Asgi:
    """The least that a server can do: JSON in, JSON out."""
    page = turn_page(turn)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        sent, more = b"", True
        while more:
            message = await receive()
            sent, more = sent + message.get("body", b""), message.get("more_body", False)
        if sent:
            orjson.loads(sent)
        body = as_json(page)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def ended_turn(chosen: Settings) -> Turn:
    """The newest turn that was answered."""
    with State.open(chosen.state) as state:
        kept = Conversations(state)
        newest = kept.conversations(caller=CALLER, limit=1)[0]
        return kept.conversation(newest.id, caller=CALLER).turns[-1]
