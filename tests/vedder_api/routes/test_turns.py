"""Turns over HTTP: asked now and answered later, followed from anywhere, found again after any loss of a line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.vedder_api.events import events
from tests.vedder_api.world import state_in
from vedder_api.app import create_app
from vedder_api.caller import CALLER
from vedder_core.settings import Settings
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.leases import Leases

PROBLEM = "application/problem+json"
JFK = "How many flights left JFK in July?"


@pytest.fixture
def fresh(world: Settings, tmp_path: Path) -> Settings:
    """The same world with a state database of its own."""
    return world.model_copy(update={"state": state_in(tmp_path)})


@pytest.fixture
def both(fresh: Settings) -> Iterator[tuple[TestClient, TestClient]]:
    """Two APIs on one state database."""
    with (
        TestClient(create_app(fresh), base_url="http://localhost") as one,
        TestClient(create_app(fresh), base_url="http://localhost") as other,
    ):
        yield one, other


def test_a_question_is_accepted_at_once_and_found_where_its_location_says(client: TestClient) -> None:
    accepted = client.post("/v1/turns", json={"question": JFK})
    assert accepted.status_code == 202
    *_, (name, end) = events(client.get(f"{accepted.headers['location']}/events").text)
    turn = client.get(accepted.headers["location"]).json()
    assert (name, end) == ("end", {"state": "done", "problem": None})
    assert (turn["id"], turn["state"], turn["number"]) == (accepted.json()["id"], "done", 1)
    assert turn["outcome"]["rows"] == [[68]]


def test_the_steps_of_a_turn_come_as_events_in_order_and_the_outcome_last(client: TestClient) -> None:
    turn = client.post("/v1/ask", json={"question": JFK}).json()
    response = client.get(f"/v1/turns/{turn['id']}/events")
    told = events(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in told]
    assert (names[0], names[-2:]) == ("asked", ["outcome", "end"])
    assert [step["seq"] for _, step in told[:-1]] == list(range(1, len(told)))
    assert told[-2][1]["outcome"] == turn["outcome"]


def test_a_stream_that_was_cut_anywhere_goes_on_in_another_process_without_loss_or_double(
    both: tuple[TestClient, TestClient],
) -> None:
    one, other = both
    turn = one.post("/v1/ask", json={"question": JFK}).json()["id"]
    whole = ids_of(one.get(f"/v1/turns/{turn}/events").text)
    for cut in range(len(whole) + 1):
        seen = whole[:cut]
        rest = other.get(f"/v1/turns/{turn}/events", headers={"Last-Event-ID": seen[-1]} if seen else {})
        assert seen + ids_of(rest.text) == whole


@pytest.mark.parametrize("last", ["", "7", "other:2", "{turn}:", "{turn}:-1", "{turn}:x", "{turn}:9²", f"{'9' * 99}"])
def test_an_event_id_of_no_event_of_the_turn_begins_at_the_beginning(client: TestClient, last: str) -> None:
    turn = client.post("/v1/ask", json={"question": JFK}).json()["id"]
    header = last.replace("{turn}", turn).encode("latin-1")
    rest = client.get(f"/v1/turns/{turn}/events", headers={"Last-Event-ID": header})
    assert ids_of(rest.text)[0] == f"{turn}:1"


def test_the_same_idempotency_key_is_the_same_turn_in_every_process(both: tuple[TestClient, TestClient]) -> None:
    one, other = both
    key = {"Idempotency-Key": "k-1"}
    first = one.post("/v1/turns", json={"question": JFK}, headers=key).json()
    again = other.post("/v1/ask", json={"question": JFK}, headers=key).json()
    assert (again["id"], again["state"]) == (first["id"], "done")
    assert len(one.get("/v1/conversations").json()["conversations"]) == 1


def test_the_same_idempotency_key_with_another_question_is_a_conflict(client: TestClient) -> None:
    key = {"Idempotency-Key": "k-2"}
    client.post("/v1/ask", json={"question": JFK}, headers=key)
    response = client.post("/v1/turns", json={"question": "List every departure"}, headers=key)
    assert (response.status_code, response.headers["content-type"]) == (409, PROBLEM)
    assert response.json()["type"] == "urn:vedder:key-reused"


def test_an_idempotency_key_that_is_none_is_refused_with_its_place(client: TestClient) -> None:
    for key in ("", "k" * 201):
        response = client.post("/v1/ask", json={"question": JFK}, headers={"Idempotency-Key": key})
        assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
        assert response.json()["invalid"][0]["place"] == "header.Idempotency-Key"


def test_an_unknown_turn_is_a_problem_everywhere(client: TestClient) -> None:
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        response = client.request(method, f"/v1/turns/nobody{path}")
        assert (response.status_code, response.headers["content-type"]) == (404, PROBLEM)
    assert client.post("/v1/turns", json={"question": "hi", "conversation": "nobody"}).status_code == 404


def test_a_conversation_whose_last_question_is_still_at_work_takes_no_other(fresh: Settings) -> None:
    with State.open(fresh.state) as state:
        asked = Conversations(state).ask(JFK, caller=CALLER)
        log = Leases(state, "another process").claim_turn(asked.id)
        assert log is not None
        with TestClient(create_app(fresh), base_url="http://localhost") as client:
            response = client.post("/v1/turns", json={"question": "and EWR?", "conversation": asked.conversation})
        assert (response.status_code, response.json()["type"]) == (409, "urn:vedder:conversation-busy")


def test_a_cancelled_turn_ends_its_stream_and_its_asker_learns_why(fresh: Settings) -> None:
    with State.open(fresh.state) as state:
        asked = Conversations(state).ask(JFK, caller=CALLER)
        Leases(state, "another process").claim_turn(asked.id)
        with TestClient(create_app(fresh), base_url="http://localhost") as client:
            cancelled = client.post(f"/v1/turns/{asked.id}/cancel").json()
            told = events(client.get(f"/v1/turns/{asked.id}/events").text)
    assert cancelled["state"] == "cancelled"
    assert told[-1] == ("end", {"state": "cancelled", "problem": None})


def test_a_turn_that_an_earlier_process_left_behind_is_taken_up_at_the_start(fresh: Settings) -> None:
    with State.open(fresh.state) as state:
        asked = Conversations(state).ask(JFK, caller=CALLER)
    with TestClient(create_app(fresh), base_url="http://localhost") as client:
        *_, (_, end) = events(client.get(f"/v1/turns/{asked.id}/events").text)
    assert end["state"] == "done"


def test_what_keeps_every_question_from_being_answered_is_said_before_one_is_stored(tmp_path: Path) -> None:
    from tests.vedder_api.world import settings_in

    with TestClient(create_app(settings_in(tmp_path)), base_url="http://localhost") as client:
        for path in ("/v1/ask", "/v1/turns"):
            assert client.post(path, json={"question": JFK}).status_code == 503
        assert client.get("/v1/conversations").json() == {"conversations": []}


def ids_of(stream: str) -> list[str]:
    return [line.removeprefix("id: ") for line in stream.splitlines() if line.startswith("id: ")]
