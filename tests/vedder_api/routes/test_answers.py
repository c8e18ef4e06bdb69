"""What people think of an answer, and what it would be today."""

from pathlib import Path

from fastapi.testclient import TestClient

from tests.vedder_api.world import build, publish
from vedder_api.app import create_app

JFK = "How many flights left JFK in July?"


def asked(client: TestClient) -> str:
    id_: str = client.post("/v1/ask", json={"question": JFK}).json()["id"]
    return id_


def test_feedback_is_kept_once_for_each_key(client: TestClient) -> None:
    turn, key = asked(client), {"Idempotency-Key": "f-1"}
    first = client.post(f"/v1/answers/{turn}/feedback", json={"verdict": "good"}, headers=key).json()
    again = client.post(f"/v1/answers/{turn}/feedback", json={"verdict": "good"}, headers=key).json()
    other = client.post(f"/v1/answers/{turn}/feedback", json={"verdict": "bad"}, headers=key)
    assert first == again
    assert (first["turn"], first["verdict"], first["comment"]) == (turn, "good", "")
    assert other.status_code == 409


def test_feedback_that_says_neither_good_nor_bad_is_refused(client: TestClient) -> None:
    response = client.post(f"/v1/answers/{asked(client)}/feedback", json={"verdict": "so-so"})
    assert response.status_code == 422
    assert response.json()["invalid"][0]["place"] == "body.verdict"


def test_there_is_no_feedback_on_an_unknown_answer(client: TestClient) -> None:
    assert client.post("/v1/answers/nobody/feedback", json={"verdict": "good"}).status_code == 404
    assert client.post("/v1/answers/nobody/replay").json()["type"] == "urn:vedder:unknown-turn"


def test_an_answer_that_is_run_again_is_the_same_as_long_as_nothing_changed(client: TestClient) -> None:
    again = client.post(f"/v1/answers/{asked(client)}/replay").json()
    assert (again["kind"], again["kept"], again["question"]) == ("replay", True, JFK)
    assert [(query["kind"], query["rows"]) for query in again["queries"]] == [("same", [[68]])]
    assert {entry["state"] for entry in again["entries"]} == {"unchanged"}


def test_an_answer_whose_pair_was_edited_since_says_so(tmp_path: Path) -> None:
    settings = build(tmp_path)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        turn = asked(client)
        pair = settings.clusters / "flights/pairs/departures.sql"
        pair.write_text(pair.read_text().replace("AND dep_time IS NOT NULL", ""))
        publish(settings)
        again = client.post(f"/v1/answers/{turn}/replay").json()
    changed = {entry["entry"]: entry for entry in again["entries"] if entry["state"] != "unchanged"}
    assert again["version_now"] > again["version_then"]
    assert "dep_time IS NOT NULL" in changed["flights/pair/departures"]["diff"]


def test_what_is_no_answer_cannot_be_run_again(client: TestClient) -> None:
    turn = client.post("/v1/ask", json={"question": "How many passengers flew in July?"}).json()["id"]
    response = client.post(f"/v1/answers/{turn}/replay")
    assert (response.status_code, response.json()["type"]) == (409, "urn:vedder:not-an-answer")
