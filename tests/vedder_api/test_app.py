"""The HTTP API as a client sees it, and as its own description says that it is."""

import json
from pathlib import Path

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from tests.vedder_api.world import publish, settings_in
from vedder_api.app import create_app
from vedder_core.embedder.hashed import HashedWords
from vedder_core.errors import SettingsError
from vedder_core.settings import Settings

LOCAL = {"host": "localhost"}
PROBLEM = "application/problem+json"


def test_an_answer_comes_as_json_with_rows_as_lists(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": "How many flights left JFK in July?"})
    body = response.json()
    outcome = body["outcome"]
    assert (response.status_code, body["state"], body["number"]) == (200, "done", 1)
    assert outcome["kind"] == "answer"
    assert outcome["rows"] == [[68]]
    assert outcome["receipt"]["parameters"] == {"origin": "JFK", "month": "7"}
    assert outcome["clusters"][0]["owner"] == {"team": "flight_ops", "contact": "#flight-ops"}


def test_nothing_is_rounded_on_the_way_to_json(client: TestClient) -> None:
    body = client.post("/v1/ask", json={"question": "What does the average plane cost?"}).json()
    assert body["outcome"]["rows"] == [["12.38", None, 199350, "2026-01-01", "2026-01-01T10:00:00.123456", "[1,2]"]]


def test_an_uncovered_question_is_an_outcome_and_no_error(client: TestClient) -> None:
    response = client.post("/v1/ask", json={"question": "How many passengers flew in July?"})
    outcome = response.json()["outcome"]
    assert (response.status_code, outcome["kind"]) == (200, "not_covered")
    assert outcome["clusters"][0]["owner"]["contact"] == "#flight-ops"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "body.question"),
        ({"question": ""}, "body.question"),
        ({"question": 7}, "body.question"),
        ({"question": "x" * 20_001}, "body.question"),
        ({"question": "hi", "sql": "SELECT 1"}, "body.sql"),
        ([], "body"),
    ],
)
def test_a_request_that_cannot_be_used_is_a_problem_that_names_the_place(
    client: TestClient, body: object, place: str
) -> None:
    response = client.post("/v1/ask", json=body)
    assert (response.status_code, response.headers["content-type"]) == (422, PROBLEM)
    assert [invalid["place"] for invalid in response.json()["invalid"]] == [place]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"question": "\\ud800"}', b"[" * 30_000, b"null"])
def test_a_body_that_is_no_json_text_is_a_problem(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/ask", content=body, headers={"content-type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == PROBLEM


def test_a_body_that_is_too_large_is_refused(client: TestClient) -> None:
    response = client.post("/v1/ask", content=b" " * 256_001)
    assert (response.status_code, response.headers["content-type"]) == (413, PROBLEM)


def test_the_longest_question_fits_in_whatever_way_it_is_spelled(client: TestClient) -> None:
    spelled = json.dumps({"question": "\N{GRINNING FACE}" * 20_000})
    response = client.post("/v1/ask", content=spelled, headers={"content-type": "application/json"})
    assert (response.status_code, response.json()["outcome"]["kind"]) == (200, "not_covered")


def test_a_body_in_pieces_without_a_length_is_counted_too(client: TestClient) -> None:
    response = client.post("/v1/ask", content=(b" " * 10_000 for _ in range(26)))
    assert response.status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/v1/ask", 405), ("POST", "/livez", 405), ("GET", "/v1/clusters/", 404)],
)
def test_an_unknown_path_or_method_is_a_problem(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM)
    assert response.json()["status"] == status


def test_an_unknown_cluster_is_named_with_the_nearest_one(client: TestClient) -> None:
    for path in ("/v1/clusters/flihgts", "/v1/clusters/flihgts/health"):
        body = client.get(path).json()
        assert (body["status"], body["type"]) == (404, "urn:vedder:unknown-cluster")
        assert body["hint"] == "Did you mean `flights`?"


def test_the_list_of_clusters_counts_what_they_hold(client: TestClient) -> None:
    listed = client.get("/v1/clusters").json()["clusters"]
    assert [line["name"] for line in listed] == ["fleet", "flights"]
    flights = listed[1]
    assert (flights["datasets"], flights["pairs"], flights["broken_pairs"], flights["docs"]) == (1, 4, 1, 2)
    assert (flights["score"], flights["band"]) == (0.75, "degraded")


def test_the_page_of_a_cluster_shows_broken_pairs_with_the_reason_and_no_hidden_column(client: TestClient) -> None:
    response = client.get("/v1/clusters/flights")
    page = response.json()
    gates = next(pair for pair in page["pairs"] if pair["slug"] == "gates")
    assert (gates["status"], gates["verdict"]["kind"]) == ("broken", "broken")
    assert "gate" in gates["verdict"]["reason"]
    assert page["datasets"][0]["rows"] == {"value": 3000, "mark": "exact"}
    assert [column["name"] for column in page["datasets"][0]["columns"]] == ["origin", "month", "dep_time", "dep_delay"]
    assert "tailnum" not in response.text
    assert {doc["slug"] for doc in page["docs"]} == {"cancelled", "delays"}


def test_the_health_of_a_cluster_comes_with_its_course(client: TestClient) -> None:
    body = client.get("/v1/clusters/fleet/health").json()
    (action,) = body["latest"]["readings"][0]["actions"]
    assert (action["text"], action["gain"], action["turn"]) == ("Mend `gates`.", 0.25, None)
    assert [point["score"] for point in body["history"]] == [0.75]


def test_a_ready_api_says_so(client: TestClient) -> None:
    assert client.get("/livez").json() == {"alive": True}
    assert client.get("/readyz").json()["ready"] is True


def test_without_a_context_the_api_lives_is_not_ready_and_says_why(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    with TestClient(create_app(settings_in(folder)), base_url="http://localhost") as client:
        assert client.get("/livez").status_code == 200
        for path in ("/v1/clusters", "/v1/clusters/flights"):
            response = client.get(path)
            assert (response.status_code, response.headers["content-type"]) == (503, PROBLEM)
            assert response.json()["type"] == "urn:vedder:context-error"
        ready = client.get("/readyz")
    checks = {check["name"]: check for check in ready.json()["checks"]}
    assert ready.status_code == 503
    assert {name for name, check in checks.items() if not check["ok"]} == {"context", "embedder", "warehouse"}


def test_a_context_of_another_embedder_is_named_by_its_check(world: Settings, tmp_path: Path) -> None:
    class OlderWords(HashedWords):
        name = "hashed-words-0"

    other = world.model_copy(update={"context": str(tmp_path / "context")})
    publish(other, OlderWords())
    with TestClient(create_app(other), base_url="http://localhost") as client:
        checks = {check["name"]: check["ok"] for check in client.get("/readyz").json()["checks"]}
        assert client.get("/v1/clusters").status_code == 200
    assert checks == {"context": True, "embedder": False, "warehouse": True, "chat_model": True, "state": True}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[::1", "localhost@evil.example"])
def test_a_request_meant_for_another_host_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/livez", headers={"host": host})
    assert (response.status_code, response.headers["content-type"]) == (400, PROBLEM)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
def test_a_request_for_this_machine_is_served(client: TestClient, host: str) -> None:
    assert client.get("/livez", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_a_page_of_another_origin_cannot_ask(client: TestClient, origin: str) -> None:
    response = client.post("/v1/ask", json={"question": "hi"}, headers={"origin": origin})
    assert response.status_code == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "vedder.example"])
def test_an_address_that_others_can_reach_is_refused_at_the_start(host: str, world: Settings) -> None:
    with pytest.raises(SettingsError, match="no logins"):
        create_app(world.model_copy(update={"host": host}))


def test_every_operation_is_described(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    operations = [(path, op) for path, item in described["paths"].items() for op in item.values()]
    assert {path for path, _ in operations} == {
        *("/v1/ask", "/v1/turns", "/v1/turns/{id}", "/v1/turns/{id}/events", "/v1/turns/{id}/cancel"),
        *("/v1/answers/{id}/feedback", "/v1/answers/{id}/replay"),
        *("/v1/conversations", "/v1/conversations/{id}", "/v1/clusters/{name}/conversations"),
        *("/v1/clusters", "/v1/clusters/{name}", "/v1/clusters/{name}/health", "/livez", "/readyz"),
    }
    for path, operation in operations:
        assert operation["summary"], path
        good = operation["responses"].get("200") or operation["responses"]["202"]
        assert "$ref" in str(good) or "text/event-stream" in good["content"], path
        problems = {status: r for status, r in operation["responses"].items() if int(status) >= 400}
        assert all(list(response["content"]) == [PROBLEM] for response in problems.values()), path
    assert "HTTPValidationError" not in described["components"]["schemas"]


GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
OPERATIONS = (
    *(("GET", path, GOOD) for path in ("/livez", "/readyz", "/v1/clusters", "/v1/clusters/{name}")),
    ("GET", "/v1/clusters/{name}/health", GOOD),
    *(("GET", f"/v1/{path}", GOOD) for path in ("turns/{id}", "turns/{id}/events", "conversations/{id}")),
    *(
        ("GET", path, mode)
        for path in ("/v1/conversations", "/v1/clusters/{name}/conversations")
        for mode in (GOOD, BAD)
    ),
    *(("POST", path, mode) for path in ("/v1/ask", "/v1/turns", "/v1/answers/{id}/feedback") for mode in (GOOD, BAD)),
    *(("POST", f"/v1/{path}", GOOD) for path in ("turns/{id}/cancel", "answers/{id}/replay")),
)


@pytest.mark.parametrize(("method", "path", "mode"), OPERATIONS)
def test_the_api_behaves_as_it_describes_itself(
    client: TestClient, method: str, path: str, mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", client.app, headers=LOCAL)
    cases = schema[path][method].as_strategy(generation_mode=mode)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def behaves(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=LOCAL)

    behaves()
