"""A server of the API in a process of its own: started, asked over HTTP, and its CPU told apart from its workers'."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from vedder_core.settings import Settings


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of a server and of the processes that it has started."""

    server: float
    workers: float


@contextmanager
def served(code: str, chosen: Settings, *arguments: str) -> Iterator[tuple[psutil.Process, int]]:
    """A server in a process of its own, from when it answers until it is told to end."""
    names = ("clusters", "warehouse", "context", "embedder", "state", "chat_model")
    environment = {**os.environ, **{f"VEDDER_{name.upper()}": str(getattr(chosen, name)) for name in names}}
    port, log_file = _free_port(), chosen.clusters.parent / "server.log"
    with log_file.open("w") as log:
        command = [sys.executable, "-c", code, *arguments, str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_for(port, process, log_file)
            yield psutil.Process(process.pid), port
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    while process.poll() is None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            try:
                connection.request("GET", "/readyz")
                connection.getresponse().read()
            except ConnectionError:
                time.sleep(0.2)
            else:
                return
    raise SystemExit(f"The server ended: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def connected(port: int) -> Iterator[HTTPConnection]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=120)) as connection:
        yield connection


def ask(client: HTTPConnection, question: str) -> bytes:
    """The response to a question, over a connection that stays open."""
    client.request("POST", "/v1/ask", json.dumps({"question": question}), {"content-type": "application/json"})
    response = client.getresponse()
    body = response.read()
    if response.status != HTTPStatus.OK:
        raise SystemExit(f"{response.status}: {body[:2000].decode()}")
    return body


def cpu_of(process: psutil.Process) -> Cpu:
    """CPU since the processes began, those that have ended aside."""
    own = process.cpu_times()
    workers = sum(sum(child.cpu_times()[:2]) for child in process.children(recursive=True))
    return Cpu(own.user + own.system, workers + own.children_user + own.children_system)
