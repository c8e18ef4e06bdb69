"""What does Vedder add around model and query? The real API behind a real server; the chat model replies at once.

100 clusters of 100 entries each in the real stores. CPU is that of the server's process and of its workers, less what
the same query and the embedding of the question take bare. The HTTP part is measured apart: the whole stack of the API
with a turn that has ended already, beside an ASGI function that reads JSON and sends the same JSON.

    python -m bench.ask [--embedder minilm | hashed-words] [--keep]
"""

import argparse
import json
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from pathlib import Path

import duckdb

from bench.ask_http import WANTED_RATIO, http_part
from bench.company import MEASURES, generate, thing
from bench.measure import cpu_seconds, print_table
from bench.publishing import publish
from bench.served import Cpu, ask, connected, cpu_of, served
from vedder_core.cluster import Cluster
from vedder_core.context.index import ContextWriter
from vedder_core.embedder.embedder import open_embedder
from vedder_core.errors import EmbedderError
from vedder_core.schema import Catalog
from vedder_core.settings import Settings
from vedder_core.verdict import Valid
from vedder_core.warehouse.warehouse import Warehouse, open_warehouse
from vedder_pipelines.validation import Judged

FOLDER = Path("build/bench/ask")
CLUSTERS, DATASETS, PAIRS, DOCS = 100, 20, 60, 19
WANTED_MS = 25.0
QUESTIONS = 60
ROUNDS = 5

SCHEMA = "s042"
SQL = f"SELECT region, avg({MEASURES[0]}) AS average FROM {SCHEMA}.{thing(0)} GROUP BY region ORDER BY average DESC"
REPLIES = [
    {"calls": [{"name": "open_cluster", "arguments": {"name": "c042"}}]},
    {"calls": [{"name": "run_sql", "arguments": {"sql": SQL}}]},
    {"calls": [{"name": "finish", "arguments": {"answer": "The north has most.", "queries": ["q1"]}}]},
]

SERVE = "from vedder_api.surfaces.cli import main; main()"


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
    generate(FOLDER, CLUSTERS, DATASETS, PAIRS)
    (FOLDER / "replies.json").write_text(json.dumps(REPLIES))
    for number in range(CLUSTERS):
        write_docs(chosen.clusters / f"c{number:03}", f"s{number:03}")
    with open_warehouse(chosen.warehouse) as warehouse:
        publish(FOLDER, warehouse, ContextWriter(chosen.context, open_embedder(chosen)), valid_unseen)


def write_docs(folder: Path, schema: str) -> None:
    (folder / "docs").mkdir()
    for number in range(DOCS):
        table, measure = thing(number), MEASURES[number % 10]
        (folder / "docs" / f"d{number:02}.md").write_text(
            f"---\ntitle: The {measure} of {table} in {schema}\nkind: gotcha\n---\n"
            f"In {schema}, `{measure}` of `{schema}.{table}` is counted per day and region; open ones are not final.\n"
        )


def valid_unseen(cluster: Cluster, catalog: Catalog, warehouse: Warehouse) -> Mapping[str, Judged]:  # noqa: ARG001
    """A verdict for each pair without asking the engine."""
    read = cluster.datasets * PAIRS
    return {
        pair.slug: Judged("", "", Valid(("region", "average")), (dataset.name,), ())
        for pair, dataset in zip(cluster.pairs, read, strict=False)
    }


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


if __name__ == "__main__":
    sys.exit(main())
