"""A real HTTP server that speaks OpenAI's chat interface for any chat model of ours, and plays faults first.

    with serving(ScriptedChatModel(...), faults=[too_many("1"), failing()]) as server:
        RemoteChatModel(OpenAIServer(server.url, None), "m") ...
    assert len(server.requests) == 3

Each fault takes one request, in order, then the model answers; `None` in the list is a request without a fault. A fault
is a function of the exchange: what it does not send, nobody sends.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from vedder_core.chat.chat_model import ChatModel, ChatModelError, Message, Reply, ToolCall, ToolShape

FINISHES = {"stop": "stop", "tools": "tool_calls", "length": "length"}


@dataclass
class Server:
    """A running server: its base URL, and the bodies and headers of all chat requests so far."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class Exchange(BaseHTTPRequestHandler):
    """One request, and the ways to answer it."""

    model: ChatModel
    state: Server
    faults: list["Fault | None"]
    lock: threading.Lock
    body: dict[str, Any]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send(200, {"object": "list", "data": [{"id": self.model.name, "object": "model"}]})

    def do_POST(self) -> None:
        self.body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.lock:
            self.state.requests.append(self.body)
            self.state.headers.append({name.lower(): value for name, value in self.headers.items()})
            fault = self.faults.pop(0) if self.faults else None
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has gone
            (fault or answering())(self)

    def reply(self) -> Reply:
        """What the model says to this request."""
        messages = tuple(_message(message) for message in self.body["messages"])
        tools = tuple(_tool(tool["function"]) for tool in self.body.get("tools", ()))
        most = self.body.get("max_tokens") or self.body.get("max_completion_tokens") or 1000
        return self.model.reply(messages, tools, most_tokens=most, seconds=60)

    def send(
        self, status: int, content: object, *, headers: dict[str, str] | None = None, media: str = "application/json"
    ) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.begin(status, media, {"content-length": str(len(data)), **(headers or {})})
        self.wfile.write(data)

    def begin(self, status: int, media: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": media, "connection": "close", **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()

    def event(self, content: object) -> None:
        self.wfile.write(
            b"data: " + (content if isinstance(content, bytes) else json.dumps(content).encode()) + b"\n\n"
        )
        self.wfile.flush()

    def answer(self, reply: Reply, *, usage: bool = True, null: bool = False) -> None:
        """Send a reply, streamed where it was asked for so."""
        if not self.body.get("stream"):
            self.send(200, whole(reply, usage=usage, null=null))
            return
        self.begin(200, "text/event-stream")
        for chunk in chunks(reply, null=null):
            self.event(chunk)
        if usage and self.body.get("stream_options", {}).get("include_usage"):
            self.event({"choices": [], "usage": _usage(reply)})
        self.event(b"[DONE]")


Fault = Callable[[Exchange], None]


@contextmanager
def serving(model: ChatModel, faults: Sequence[Fault | None] = ()) -> Iterator[Server]:
    """A server on a free port of this machine, as long as the block runs."""
    state = Server("")
    lent = {"model": model, "state": state, "faults": list(faults), "lock": threading.Lock()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Exchange", (Exchange,), lent))
    server.daemon_threads, server.block_on_close = True, False
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def whole(reply: Reply, *, usage: bool = True, null: bool = False) -> dict[str, Any]:
    """A reply as one body."""
    message: dict[str, Any] = {"role": "assistant", "content": None if null else reply.text}
    if reply.calls:
        message["tool_calls"] = [_called(call) for call in reply.calls]
    choice = {"index": 0, "message": message, "finish_reason": FINISHES[reply.finish]}
    body = {"id": "x", "object": "chat.completion", "model": "m", "choices": [choice]}
    return body | ({"usage": _usage(reply)} if usage else {})


def chunks(reply: Reply, *, null: bool = False) -> Iterator[dict[str, Any]]:
    """A reply as the events of a stream: text in pieces, each call's arguments in two."""
    yield _chunk({"role": "assistant", "content": None if null else ""})
    for start in range(0, len(reply.text), 2000):
        yield _chunk({"content": reply.text[start : start + 2000]})
    for index, call in enumerate(reply.calls):
        middle = len(call.arguments) // 2
        told = {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield _chunk({"tool_calls": [{"index": index, **told}]})
        for piece in (call.arguments[:middle], call.arguments[middle:]):
            yield _chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield _chunk({}, FINISHES[reply.finish])


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "x",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _called(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _usage(reply: Reply) -> dict[str, int]:
    return {"prompt_tokens": reply.tokens.prompt, "completion_tokens": reply.tokens.completion}


def _message(told: dict[str, Any]) -> Message:
    calls = tuple(
        ToolCall(call["id"], call["function"]["name"], call["function"]["arguments"])
        for call in told.get("tool_calls", ())
    )
    return Message(told["role"], told["content"], calls, told.get("tool_call_id"))


def _tool(told: dict[str, Any]) -> ToolShape:
    return ToolShape(told["name"], told["description"], told["parameters"])


# The faults.


def answering(*, usage: bool = True, null: bool = False) -> Fault:
    """No fault, or a small one: no usage, `content: null`. A model that fails is an HTTP 500."""

    def play(exchange: Exchange) -> None:
        try:
            reply = exchange.reply()
        except ChatModelError as error:
            exchange.send(500, {"error": {"message": error.message}})
            return
        exchange.answer(reply, usage=usage, null=null)

    return play


def saying(reply: Reply) -> Fault:
    """This reply, whatever the model would say: broken arguments, an unknown tool, a call as text, 1 MB."""
    return lambda exchange: exchange.answer(reply)


def changed(**fields: Any) -> Fault:
    """The model's reply with some fields changed."""
    return lambda exchange: exchange.answer(replace(exchange.reply(), **fields))


def refusing(status: int, message: str, *, code: str | None = None, **headers: str) -> Fault:
    """An error in OpenAI's form."""
    error = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return lambda exchange: exchange.send(
        status, error, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


def too_many(retry_after: str | None = None, **headers: str) -> Fault:
    """HTTP 429; `retry_after` in seconds or as a date."""
    wait = {"retry_after": retry_after} if retry_after is not None else {}
    return refusing(429, "Rate limit reached", **wait, **headers)


def failing(retry_after: str = "0") -> Fault:
    """HTTP 500."""
    return refusing(500, "Something went wrong", retry_after=retry_after)


def overflowing() -> Fault:
    """HTTP 400, because the messages are too long."""
    return refusing(400, "This model's maximum context length is 4096 tokens.", code="context_length_exceeded")


def body(content: bytes, *, media: str = "application/json", status: int = 200) -> Fault:
    """Any body at all: a web page, broken JSON, no choices."""
    return lambda exchange: exchange.send(status, content, media=media)


def web_page(status: int = 200) -> Fault:
    return body(b"<!DOCTYPE html><html><body>Welcome</body></html>", media="text/html", status=status)


def events(*contents: bytes, end: bool = False) -> Fault:
    """A stream of these events, which then just stops."""

    def play(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        for content in contents:
            exchange.event(content)
        if end:
            exchange.event(b"[DONE]")

    return play


def truncated_stream() -> Fault:
    """The beginning of the model's reply, then the connection ends."""

    def play(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        first, second, *_ = chunks(exchange.reply())
        exchange.event(first)
        exchange.wfile.write(b"data: " + json.dumps(second).encode()[:40])

    return play


def truncated_body() -> Fault:
    """Half of the body that its length promises."""

    def play(exchange: Exchange) -> None:
        data = json.dumps(whole(exchange.reply())).encode()
        exchange.begin(200, "application/json", {"content-length": str(len(data))})
        exchange.wfile.write(data[: len(data) // 2])

    return play


def hanging_up() -> Fault:
    """The connection ends without a word."""
    return lambda exchange: exchange.connection.shutdown(socket.SHUT_RDWR)


def silent(seconds: float, *, headers: bool = False) -> Fault:
    """Nothing, or nothing but headers, for so long."""

    def play(exchange: Exchange) -> None:
        if headers:
            exchange.begin(200, "text/event-stream")
        time.sleep(seconds)

    return play


def dripping(seconds: float, every: float = 0.05) -> Fault:
    """One byte at a time, for so long, and never an event."""

    def play(exchange: Exchange) -> None:
        exchange.begin(200, "text/event-stream")
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            exchange.wfile.write(b":")
            time.sleep(every)

    return play


def no_streaming() -> Fault:
    """A server that cannot stream."""
    return refusing(400, "Streaming is not supported by this model", code="unsupported_parameter")
