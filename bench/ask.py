"""What does Vedder add around model and query? The real API behind a real server; the chat model replies at once.

100 clusters of 100 entries each in the real stores. CPU is that of the server's process and of its workers, less what
the same query and the embedding of the question take bare. The HTTP part is measured apart: the whole stack of the API
with a turn that has ended already, beside an ASGI function that reads JSON and sends the same JSON.

    python -m bench.ask [--embedder minilm | hashed-words] [--keep]
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import count
from pathlib import Path

import duckdb
import orjson
import psutil  # type: ignore[import-untyped]
import uvicorn
from rich.progress import track
from starlette.types import Receive, Scope, Send

from bench.measure import cpu_seconds, print_table
from bench.scale import MEASURES, ddl, thing, write_cluster
from vedder_api.app import create_app
from vedder_api.caller import CALLER
from vedder_api.cells import as_json
from vedder_api.turn_pages import turn_page
from vedder_api.waiting_room import WaitingRoom
from vedder_core.cluster_files import load_clusters
from vedder_core.context.index import ContextWriter
from vedder_core.conversation import Turn
from vedder_core.embedder.embedder import open_embedder
from vedder_core.errors import EmbedderError
from vedder_core.settings import Settings, settings
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.verdict import Valid
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import Judged

FOLDER = Path("build/bench/ask")
CLUSTERS, DATASETS, PAIRS, DOCS = 100, 20, 60, 19
WANTED_MS = 25.0
WANTED_RATIO = 3.0
QUESTIONS = 60
REQUESTS = 2_000
ROUNDS = 5

SCHEMA = "s042"
SQL = f"SELECT region, avg({MEASURES[0]}) AS average FROM {SCHEMA}.{thing(0)} GROUP BY region ORDER BY average DESC"
REPLIES = [
    {"calls": [{"name": "open_cluster", "arguments": {"name": "c042"}}]},
    {"calls": [{"name": "run_sql", "arguments": {"sql": SQL}}]},
    {"calls": [{"name": "finish", "arguments": {"answer": "The north has most.", "queries": ["q1"]}}]},
]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

SERVE = "from vedder_api.surfaces.cli import main; main()"
HTTP = "import sys; from bench.ask import serve_http; serve_http(sys.argv[1], int(sys.argv[2]))"


@dataclass(frozen=True, slots=True)
class Cpu:
    """CPU seconds of a server and of the processes that it has started."""

    server: float
    workers: float


def main() -> int:
    """Exit code 1 when Vedder adds more than wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embedder", default="minilm")
    parser.add_argument("--keep", action="store_true", help="use what an earlier run has built")
    asked = parser.parse_args()
    chosen = settings_with(asked.embedder)
    if not (asked.keep and (FOLDER / "context").exists()):
        build(chosen)
    added = questions(chosen)
    ratio = http_part(chosen)
    missed = [name for name, wrong in (("CPU", added > WANTED_MS), ("HTTP", ratio > WANTED_RATIO)) if wrong]
    print(f"MISSED: {', '.join(missed)}" if missed else "Everything is as wanted.")
    return 1 if missed else 0


def settings_with(embedder: str) -> Settings:
    """Settings with this embedder, or the weightless one where its weights are not there."""
    try:
        open_embedder(Settings(embedder=embedder))
    except EmbedderError as error:
        print(f"hashed-words instead of {embedder}: {error.message}")
        embedder = "hashed-words"
    return Settings(
        clusters=FOLDER / "clusters",
        warehouse=f"duckdb:///{FOLDER}/warehouse.duckdb",
        context=str(FOLDER / "context"),
        embedder=embedder,
        state=f"sqlite:///{FOLDER}/state/vedder.db",
        chat_model=f"scripted:{FOLDER}/replies.json",
    )


def build(chosen: Settings) -> None:
    """Tables, cluster files and the context, published as the pipelines do it; pairs are taken to be valid unseen."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "replies.json").write_text(json.dumps(REPLIES))
    with duckdb.connect(str(FOLDER / "warehouse.duckdb")) as connection:
        connection.execute("BEGIN")
        for number in range(CLUSTERS):
            connection.execute(f"CREATE SCHEMA s{number:03}")
            for table in range(DATASETS):
                connection.execute(ddl(f"s{number:03}.{thing(table)}", table))
        connection.execute("COMMIT")
    for number in range(CLUSTERS):
        folder = chosen.clusters / f"c{number:03}"
        write_cluster(folder, f"s{number:03}", DATASETS, PAIRS)
        write_docs(folder, f"s{number:03}")
    publish(chosen)


def write_docs(folder: Path, schema: str) -> None:
    (folder / "docs").mkdir()
    for number in range(DOCS):
        table, measure = thing(number), MEASURES[number % 10]
        (folder / "docs" / f"d{number:02}.md").write_text(
            f"---\ntitle: The {measure} of {table} in {schema}\nkind: gotcha\n---\n"
            f"In {schema}, `{measure}` of `{schema}.{table}` is counted per day and region; open ones are not final.\n"
        )


def publish(chosen: Settings) -> None:
    writer = ContextWriter(chosen.context, open_embedder(chosen))
    with open_warehouse(chosen.warehouse) as warehouse:
        catalog = warehouse.catalog()
        for cluster in track(load_clusters(chosen.clusters).clusters, "publishing", transient=True):
            profiles = {
                dataset.name: warehouse.profile(table, dataset, "")
                for dataset in cluster.datasets
                if (table := catalog.find(dataset.name)) is not None
            }
            judged = {
                pair.slug: Judged("", "", Valid(("region", "average")), (dataset.name,), ())
                for pair, dataset in zip(cluster.pairs, cluster.datasets * PAIRS, strict=False)
            }
            writer.publish(cluster.name, entries_of(cluster, catalog, profiles, judged))


def questions(chosen: Settings) -> float:
    """CPU of a question that the chat model answers, and of one that a vetted pair answers; the larger addition."""
    kinds: Mapping[str, Callable[[int], str]] = {
        "by the chat model": lambda n: (
            f"Which region has the highest {MEASURES[0]} of {thing(0)} in {SCHEMA}, run {n}?"
        ),
        "by a vetted pair": lambda n: (
            f"What is the average {MEASURES[0]} of the {thing(0)} of s{n % CLUSTERS:03} in each region (way 0)?"
        ),
    }
    bare, embedding = bare_query() * 1000, bare_embedding(chosen, kinds["by the chat model"]) * 1000
    measured: dict[str, list[Cpu]] = {kind: [] for kind in kinds}
    numbers = count()
    with served(SERVE, chosen, "serve", "--port") as (process, port), connected(port) as client:
        for round_number in range(ROUNDS + 1):
            for kind, question in kinds.items():
                before = cpu_of(process)
                for _ in range(QUESTIONS):
                    expect(json.loads(ask(client, question(next(numbers)))), kind)
                after = cpu_of(process)
                if round_number > 0:
                    measured[kind].append(Cpu(after.server - before.server, after.workers - before.workers))
    rows = [row(kind, cpus, bare, embedding) for kind, cpus in measured.items()]
    print(f"\nCPU of one question in ms; {CLUSTERS * (1 + DATASETS + PAIRS + DOCS):,} entries, {chosen.embedder}")
    print_table(("answered", "server", "workers", "bare query", "bare embedding", "added", "wanted"), rows)
    return max(float(str(cells[5])) for cells in rows)


def row(
    kind: str, cpus: Sequence[Cpu], bare: float, embedding: float
) -> tuple[str, float, float, float, float, float, float]:
    server = statistics.median(cpu.server for cpu in cpus) * 1000 / QUESTIONS
    workers = statistics.median(cpu.workers for cpu in cpus) * 1000 / QUESTIONS
    return (kind, server, workers, bare, embedding, server + workers - bare - embedding, WANTED_MS)


def bare_query() -> float:
    """CPU seconds of the query alone, to its rows."""
    with duckdb.connect(str(FOLDER / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute(SQL).fetchall()
        return cpu_seconds(lambda: [connection.execute(SQL).fetchall() for _ in range(QUESTIONS)]) / QUESTIONS


def bare_embedding(chosen: Settings, question: Callable[[int], str]) -> float:
    """CPU seconds of the embedding model for one question: it is a model, too, and may be another server's."""
    embedder = open_embedder(chosen)
    embedder.embed([question(0)])
    return cpu_seconds(lambda: [embedder.embed([question(number)]) for number in range(QUESTIONS)]) / QUESTIONS


def expect(turn: Mapping[str, object], kind: str) -> None:
    outcome = turn["outcome"]
    trust = outcome.get("trust") if isinstance(outcome, dict) else None
    if (trust == "verified") != (kind == "by a vetted pair") or trust is None:
        raise SystemExit(f"This was not answered {kind}: {json.dumps(turn)[:2000]}")


def http_part(chosen: Settings) -> float:
    """CPU of a request to the whole API and to a bare ASGI function, with the same bytes; their ratio."""
    measured: dict[str, list[float]] = {"whole": [], "bare": []}
    with served(HTTP, chosen, "whole") as whole, served(HTTP, chosen, "bare") as bare:
        for round_number in range(ROUNDS + 1):
            for variant, (process, port) in (("whole", whole), ("bare", bare)):
                with connected(port) as client:
                    before = cpu_of(process).server
                    for _ in range(REQUESTS):
                        ask(client, "How many?")
                    if round_number > 0:
                        measured[variant].append((cpu_of(process).server - before) * 1000 / REQUESTS)
    took = {variant: statistics.median(values) for variant, values in measured.items()}
    ratio = took["whole"] / took["bare"]
    print(f"\nCPU of the HTTP part of a request in ms; {len(as_json(turn_page(ended_turn(chosen)))):,} bytes")
    print_table(
        ("", "whole API", "bare ASGI", "ratio", "wanted"), [("POST /v1/ask", *took.values(), ratio, WANTED_RATIO)]
    )
    return ratio


def serve_http(variant: str, port: int) -> None:
    """Serve one of the two, in a process of its own."""
    chosen = settings()
    turn = ended_turn(chosen)
    uvicorn.run(bare_app(turn) if variant == "bare" else whole_app(chosen, turn), port=port)


class Ended:
    """The parts of an API whose every question has been answered already: what is left is HTTP."""

    def __init__(self, turn: Turn) -> None:
        self.waiting_room = WaitingRoom()
        self._turn = turn

    def check_answering(self) -> None:
        """It can."""

    def running(self) -> "Ended":
        return self

    def ask(self, question: str, *, caller: str, conversation: str | None, key: str | None) -> Turn:  # noqa: ARG002
        return self._turn


def whole_app(chosen: Settings, turn: Turn) -> Asgi:
    """The API of the settings, with other parts."""
    app, ended = create_app(chosen), Ended(turn)

    async def with_ended(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            app.state.parts = ended
        await app(scope, receive, send)

    return with_ended


def bare_app(turn: Turn) -> Asgi:
    """The least that a server can do: JSON in, JSON out."""
    page = turn_page(turn)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return
        sent, more = b"", True
        while more:
            message = await receive()
            sent, more = sent + message.get("body", b""), message.get("more_body", False)
        if sent:
            orjson.loads(sent)
        body = as_json(page)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def ended_turn(chosen: Settings) -> Turn:
    """The newest turn that was answered."""
    with State.open(chosen.state) as state:
        kept = Conversations(state)
        newest = kept.conversations(caller=CALLER, limit=1)[0]
        return kept.conversation(newest.id, caller=CALLER).turns[-1]


@contextmanager
def served(code: str, chosen: Settings, *arguments: str) -> Iterator[tuple[psutil.Process, int]]:
    """A server in a process of its own, from when it answers until it is told to end."""
    names = ("clusters", "warehouse", "context", "embedder", "state", "chat_model")
    environment = {**os.environ, **{f"VEDDER_{name.upper()}": str(getattr(chosen, name)) for name in names}}
    port = free_port()
    with (FOLDER / "server.log").open("w") as log:
        command = [sys.executable, "-c", code, *arguments, str(port)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_for(port, process)
            yield psutil.Process(process.pid), port
        finally:
            process.terminate()
            process.wait(timeout=30)


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            try:
                connection.request("GET", "/readyz")
                connection.getresponse().read()
            except ConnectionError:
                time.sleep(0.2)
            else:
                return
    raise SystemExit(f"The server ended: {(FOLDER / 'server.log').read_text()[-2000:]}")


def free_port() -> int:
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


if __name__ == "__main__":
    sys.exit(main())
