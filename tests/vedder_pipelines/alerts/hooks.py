"""A real HTTP server that takes posts as webhooks do: it plays one answer after the other, and keeps what it got."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    silent: bool = False


@dataclass
class Hooks:
    """`plan` gives the answer to the n-th post (from 0) at a path; `got` is (path, body, headers)."""

    port: int
    plan: Callable[[str, int], Answer]
    got: list[tuple[str, dict[str, object], dict[str, str]]]

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def bodies(self, path: str) -> list[dict[str, object]]:
        return [body for at, body, _ in self.got if at == path]


@contextmanager
def serving(plan: Callable[[str, int], Answer] = lambda path, number: Answer()) -> Iterator[Hooks]:
    got: list[tuple[str, dict[str, object], dict[str, str]]] = []
    closing, lock = threading.Event(), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                number = sum(at == self.path for at, _, _ in got)
                got.append((self.path, body, dict(self.headers)))
            answer = hooks.plan(self.path, number)
            if answer.silent:
                closing.wait(60)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hooks = Hooks(server.server_address[1], plan, got)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hooks
    finally:
        closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
