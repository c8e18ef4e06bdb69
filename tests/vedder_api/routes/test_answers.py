"""What people think of an answer, and what it would be today."""

from fastapi.testclient import TestClient

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
    assert client.post("/v1/answers/nobody/replay").status_code == 404
