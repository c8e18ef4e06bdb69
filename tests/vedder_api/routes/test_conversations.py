"""Looking back: the caller's conversations, and what the owners of a cluster see of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.vedder_api.world import state_in
from vedder_api.app import create_app
from vedder_core.settings import Settings

JFK = "How many flights left JFK in July?"
PLANES = "How many planes were built in 1985?"


@pytest.fixture
def client(world: Settings, tmp_path: Path) -> Iterator[TestClient]:
    fresh = world.model_copy(update={"state": state_in(tmp_path)})
    with TestClient(create_app(fresh), base_url="http://localhost") as client:
        yield client


def ask(client: TestClient, question: str, conversation: str | None = None) -> dict[str, str]:
    turn: dict[str, str] = client.post("/v1/ask", json={"question": question, "conversation": conversation}).json()
    return turn


def test_conversations_are_listed_the_newest_first_and_page_by_page(client: TestClient) -> None:
    asked = [ask(client, question)["conversation"] for question in (JFK, PLANES, JFK)]
    first = client.get("/v1/conversations", params={"limit": 2}).json()["conversations"]
    assert [line["id"] for line in first] == asked[:0:-1]
    assert first[1]["title"] == PLANES
    second = client.get("/v1/conversations", params={"limit": 2, "before": first[-1]["id"]}).json()["conversations"]
    assert [line["id"] for line in second] == asked[:1]


def test_a_conversation_shows_its_turns_with_their_outcomes_in_order(client: TestClient) -> None:
    first = ask(client, JFK)
    second = ask(client, PLANES, first["conversation"])
    page = client.get(f"/v1/conversations/{first['conversation']}").json()
    assert [turn["number"] for turn in page["turns"]] == [1, 2]
    assert page["turns"] == [first, second]
    assert page["title"] == JFK


def test_an_unknown_conversation_is_a_problem(client: TestClient) -> None:
    assert client.get("/v1/conversations/nobody").status_code == 404


def test_the_owners_of_a_cluster_see_sql_shape_and_feedback_and_no_rows(client: TestClient) -> None:
    asked = ask(client, JFK)
    ask(client, PLANES)
    client.post(f"/v1/answers/{asked['id']}/feedback", json={"verdict": "bad", "comment": "Too few."})
    response = client.get("/v1/clusters/flights/conversations")
    listed = response.json()
    (turn,) = [turn for turn in listed["turns"] if turn["turn"] == asked["id"]]
    assert (listed["cluster"], turn["question"], turn["kind"]) == ("flights", JFK, "answer")
    assert "count(*)" in turn["sqls"][0]
    assert (turn["columns"], turn["rows"]) == (["flights"], 1)
    assert [(said["verdict"], said["comment"]) for said in turn["feedback"]] == [("bad", "Too few.")]
    assert "68" not in re.sub(r'"[0-9a-f]{32}"|"[0-9T:.-]+Z"', "", response.text)  # ids and times hold any digits
    assert not [turn for turn in listed["turns"] if turn["question"] == PLANES and turn["kind"] == "answer"]


def test_what_was_asked_of_an_unknown_cluster_is_a_problem_with_the_nearest_name(client: TestClient) -> None:
    response = client.get("/v1/clusters/flihgts/conversations")
    assert (response.status_code, response.json()["hint"]) == (404, "Did you mean `flights`?")
