"""The API behind a real server: listeners may leave, and an end that is asked for is quick and loses nothing."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.vedder_api.world import state_in
from vedder_api.caller import CALLER
from vedder_api.surfaces.serving import Server, server
from vedder_core.settings import Settings
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State

SLOW = """
delay: 2
replies:
- calls: [{name: open_cluster, arguments: {name: flights}}]
- calls: [{name: ask_user, arguments: {question: "Which year?", options: []}}]
"""
BODY = json.dumps({"question": "Why do pilots sing?"})


@pytest.fixture
def slow(world: Settings, tmp_path: Path) -> Settings:
    """A world whose chat model takes its time."""
    (tmp_path / "slow.yaml").write_text(SLOW)
    chat = f"scripted:{tmp_path / 'slow.yaml'}"
    return world.model_copy(update={"state": state_in(tmp_path), "port": 0, "chat_model": chat})


@contextmanager
def served(settings: Settings) -> Iterator[tuple[Server, threading.Thread]]:
    made = server(settings)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    while not made.started:
        time.sleep(0.02)
    yield made, thread
    made.should_exit = True
    thread.join(timeout=20)


def request(server: Server, method: str, path: str, body: str | None = None) -> HTTPResponse:
    port = server.servers[0].sockets[0].getsockname()[1]
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body, {"content-type": "application/json"})
    return connection.getresponse()


def test_who_leaves_the_stream_does_not_cancel_the_turn(slow: Settings) -> None:
    with served(slow) as (running, _):
        turn = json.load(request(running, "POST", "/v1/turns", BODY))["id"]
        stream = request(running, "GET", f"/v1/turns/{turn}/events")
        assert stream.readline() == b"event: asked\n"
        stream.close()
        assert b"event: end" in request(running, "GET", f"/v1/turns/{turn}/events").read()
        assert json.load(request(running, "GET", f"/v1/turns/{turn}"))["state"] == "done"


def test_a_server_that_is_told_to_end_sends_away_who_waits_and_puts_the_question_back(slow: Settings) -> None:
    told: list[HTTPResponse] = []
    with served(slow) as (running, thread):
        asking = threading.Thread(target=lambda: told.append(request(running, "POST", "/v1/ask", BODY)))
        asking.start()
        with State.open(slow.state) as state:
            kept = Conversations(state)
            while not (asked := kept.conversations(caller=CALLER)):
                time.sleep(0.05)
            running.should_exit = True
            asking.join(timeout=20)
            thread.join(timeout=20)
            (turn,) = kept.conversation(asked[0].id, caller=CALLER).turns
    assert (told[0].status, json.load(told[0])["type"]) == (503, "urn:vedder:leaving")
    assert not thread.is_alive()
    assert turn.state in {"queued", "done"}
