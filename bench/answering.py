"""How many questions does the verified fast path answer, and how many of those wrongly? Asked of Spider's databases.

The clusters are those of `bench.routing`: half of each database's questions are pairs. Asked are the pairs' own
questions, the same reworded by Spider-Syn, the other half (whose SQL no pair has) and the other half reworded. An
answer is wrong when its rows differ from those of the question's own gold SQL, in any order of rows and columns.

    python -m bench.answering [minilm | gte-small] [--most 700]
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.publishing import publish
from bench.spider import Asked, Spider, built, cluster_name, open_spider
from vedder_api.ask import Asker
from vedder_api.evaluation.results import likeness
from vedder_core.answer import Answer, Cell
from vedder_core.cluster import Cluster
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.embedder import open_embedder
from vedder_core.errors import EmbedderError, WarehouseError
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import Limits, open_warehouse

FOLDER = Path("build/bench/spider")
MOST_WRONG = 0.01
"""Of the verified answers that are given."""

LIMITS = Limits(seconds=30, rows=100_000, bytes=100_000_000)


@dataclass(frozen=True, slots=True)
class Gold:
    """A question and the SQL that answers it, in DuckDB's words."""

    cluster: str
    question: str
    sql: str


def main(arguments: Sequence[str]) -> int:
    """0 when no more verified answers are wrong than wanted, or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder", nargs="?", default="minilm")
    parser.add_argument("--most", type=int, default=700, help="questions of each kind, drawn by a fixed seed")
    chosen = parser.parse_args(arguments)
    spider = open_spider()
    if spider is None:
        print("bench.answering: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    other = built(spider, spider.databases(), FOLDER, progress=print)
    try:
        return measure(spider, other, embedder=chosen.embedder, most=chosen.most)
    except EmbedderError as error:
        print(f"bench.answering: skipped: {error}")
        return 0


def measure(spider: Spider, other: Sequence[Asked], *, embedder: str, most: int) -> int:
    opened = open_embedder(Settings(embedder=embedder))
    url = str(FOLDER / f"context-answering-{embedder}")
    with open_warehouse(f"duckdb:///{FOLDER / 'warehouse.duckdb'}") as warehouse:
        clusters = publish(FOLDER, warehouse, ContextWriter(url, opened))
        asker = Asker(ContextReader(url, opened), opened, warehouse, LIMITS)
        taught = list(_taught(spider, clusters))
        kinds: Mapping[str, list[Gold]] = {
            "taught": [gold for gold, _ in taught],
            "taught, reworded": [Gold(gold.cluster, said, gold.sql) for gold, said in taught if said],
            "other half": [Gold(one["cluster"], one["question"], one["sql"]) for one in other],
            "other half, reworded": [
                Gold(one["cluster"], said, one["sql"]) for one in other if (said := one["reworded"])
            ],
        }
        known = {_said(gold.question) for gold, _ in taught}
        print(f"{opened.name}, {len(clusters)} clusters with {len(taught)} taught questions")
        print(f"{'':22} {'asked':>6} {'verified':>9} {'right':>6} {'wrong':>6} {'two golds':>10}")
        given = wrong = 0
        for kind, golds in kinds.items():
            counts = _count(asker, _drawn(golds, most), known if kind.startswith("other") else set())
            print(f"{kind:22} " + " ".join(f"{counts[name]:>{width}}" for name, width in COLUMNS))
            given += counts["right"] + counts["wrong"]
            wrong += counts["wrong"]
    share = wrong / given if given else 0.0
    print(f"\nwrong: {wrong} of {given} verified answers, {share:.2%}; wanted: at most {MOST_WRONG:.0%}")
    return 1 if share > MOST_WRONG else 0


COLUMNS = (("asked", 6), ("verified", 9), ("right", 6), ("wrong", 6), ("two golds", 10))


def _taught(spider: Spider, clusters: Iterable[Cluster]) -> Iterator[tuple[Gold, str | None]]:
    """Every question that a pair holds, with its rewording."""
    reworded = {
        (cluster_name(database), _said(one["question"])): one.get("question_syn")
        for database, questions in spider.questions.items()
        for one in questions
    }
    for cluster in clusters:
        for pair in cluster.pairs:
            for question in pair.questions():
                yield Gold(cluster.name, question, pair.sql), reworded.get((cluster.name, _said(question)))


def _drawn(golds: Sequence[Gold], most: int) -> Sequence[Gold]:
    return random.Random(7).sample(golds, most) if len(golds) > most else golds


def _count(asker: Asker, golds: Iterable[Gold], taught: set[str]) -> Counter[str]:
    """`two golds` are questions that stand in Spider twice, word by word, with SQLs of different results: whichever
    is taught, the other is missed. They say something of the data and nothing of the matching.
    """
    counts: Counter[str] = Counter()
    with duckdb.connect(str(FOLDER / "warehouse.duckdb"), read_only=True) as plain:
        for gold in golds:
            counts["asked"] += 1
            try:
                outcome = asker.answer(gold.question)
            except WarehouseError:
                continue
            if not isinstance(outcome, Answer):
                continue
            counts["verified"] += 1
            rows = _rows(plain, gold.sql)
            if rows is not None and likeness(rows, outcome.rows) == "same":
                counts["right"] += 1
            elif _said(gold.question) in taught:
                counts["two golds"] += 1
            else:
                counts["wrong"] += 1
                print(f"  wrong: {gold.cluster}: {gold.question}\n    wanted {gold.sql}\n    answered {outcome.sql}")
    return counts


def _rows(plain: duckdb.DuckDBPyConnection, sql: str) -> Sequence[tuple[Cell, ...]] | None:
    try:
        return plain.execute(sql).fetchall()
    except duckdb.Error:
        return None


def _said(question: str) -> str:
    return " ".join(question.casefold().split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
