"""The remote embedder against a real HTTP server that misbehaves in the ways that real ones do."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel

from vedder_core.embedder.remote import RemoteEmbedder
from vedder_core.errors import EmbedderError
from vedder_core.openai_server import OpenAIServer


class Asked(BaseModel):
    input: list[str]
    model: str


Reply = Callable[[int, Asked], Response | dict[str, object]]


def vectors(asked: Asked, dimension: int = 3) -> dict[str, object]:
    rows = [
        {"object": "embedding", "index": index, "embedding": [float(len(text))] + [1.0] * (dimension - 1)}
        for index, text in enumerate(asked.input)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return {"object": "list", "data": rows[::-1], "model": asked.model, "usage": usage}


@contextmanager
def endpoint(reply: Reply) -> Iterator[tuple[str, list[Request]]]:
    """A server on a free port whose n-th request (from 0) gets `reply(n, asked)`; its requests are kept."""
    app, requests = FastAPI(), list[Request]()

    @app.post("/v1/embeddings", response_model=None)
    def embeddings(asked: Asked, request: Request) -> Response | dict[str, object]:
        requests.append(request)
        return reply(len(requests) - 1, asked)

    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/v1", requests
    finally:
        server.should_exit = True
        thread.join()


def test_vectors_come_back_as_units_in_the_order_of_the_texts() -> None:
    with endpoint(lambda _, asked: vectors(asked)) as (url, requests):
        embedder = RemoteEmbedder(OpenAIServer(url, "secret"), "some-model")
        found = embedder.embed(["a", "bbbb"])
    expected = np.array([[1, 1, 1], [4, 1, 1]]) / np.sqrt([[3], [18]])
    assert embedder.name == "openai:some-model"
    assert embedder.dimension == 3
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert requests[0].headers["authorization"] == "Bearer secret"


def test_many_texts_are_sent_in_several_requests() -> None:
    with endpoint(lambda _, asked: vectors(asked)) as (url, requests):
        found = RemoteEmbedder(OpenAIServer(url, None), "m").embed(["x" * n for n in range(300, 0, -1)])
    ratios = found[:, 0] / found[:, 1]
    assert len(requests) == 1 + 3
    np.testing.assert_allclose(ratios, np.arange(300, 0, -1), rtol=1e-5)


def test_a_busy_server_is_asked_again_after_the_time_that_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    def reply(number: int, asked: Asked) -> Response | dict[str, object]:
        return Response("busy", 429, {"Retry-After": "1"}) if number == 0 else vectors(asked)

    with endpoint(reply) as (url, requests):
        began = time.monotonic()
        RemoteEmbedder(OpenAIServer(url, None), "m").embed(["a"])
        assert time.monotonic() - began >= 1
    assert len(requests) == 3
    assert capsys.readouterr().out == "", "standard output is the answer's"


def test_a_server_that_keeps_failing_is_given_up_after_one_layer_of_retries() -> None:
    with endpoint(lambda *_: Response("boom", 500, {"Retry-After": "0"})) as (url, requests):
        embedder = RemoteEmbedder(OpenAIServer(url, None, attempts=3), "m")
        with pytest.raises(EmbedderError, match="answered 500"):
            embedder.embed(["a"])
    assert len(requests) == 3


def test_a_refused_key_is_not_tried_again_and_names_the_setting() -> None:
    with endpoint(lambda *_: Response('{"error": {"message": "bad key"}}', 401)) as (url, requests):
        embedder = RemoteEmbedder(OpenAIServer(url, "wrong"), "m")
        with pytest.raises(EmbedderError, match="VEDDER_EMBEDDINGS_KEY"):
            embedder.embed(["a"])
    assert len(requests) == 1


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(Response("<html>Welcome</html>", media_type="text/html"), id="a web page"),
        pytest.param(Response("<html>Welcome</html>", media_type="application/json"), id="a web page called JSON"),
        pytest.param(Response('{"object": "list"}', media_type="application/json"), id="no data"),
        pytest.param(Response('{"data": []}', media_type="application/json"), id="no vectors"),
        pytest.param(Response('{"data": null}', media_type="application/json"), id="null data"),
        pytest.param(Response('{"data": [{"index": 0}]}', media_type="application/json"), id="no numbers"),
        pytest.param(
            Response('{"data": [{"index": 0, "embedding": "AAAA"}]}', media_type="application/json"), id="base64"
        ),
    ],
)
def test_a_strange_answer_is_our_error_and_not_a_wrong_vector(reply: Response) -> None:
    with endpoint(lambda *_: reply) as (url, _), pytest.raises(EmbedderError, match="something else than vectors"):
        RemoteEmbedder(OpenAIServer(url, None, attempts=1), "m").embed(["a"])


def test_too_few_vectors_are_refused() -> None:
    def reply(number: int, asked: Asked) -> dict[str, object]:
        return vectors(Asked(input=asked.input[:1], model="m"))

    with endpoint(reply) as (url, _), pytest.raises(EmbedderError, match="1 vectors for 2 texts"):
        RemoteEmbedder(OpenAIServer(url, None), "m").embed(["a", "b"])


def test_a_model_that_changes_behind_the_endpoint_is_refused() -> None:
    with endpoint(lambda number, asked: vectors(asked, 3 if number == 0 else 4)) as (url, _):
        embedder = RemoteEmbedder(OpenAIServer(url, None), "m")
        with pytest.raises(EmbedderError, match="vectors of 4 numbers after vectors of 3"):
            embedder.embed(["a"])


def test_no_server_at_all_says_where_it_was_looked_for() -> None:
    with pytest.raises(EmbedderError, match=r"127\.0\.0\.1:1/v1"):
        RemoteEmbedder(OpenAIServer("http://127.0.0.1:1/v1", None, attempts=1), "m").embed(["a"])
