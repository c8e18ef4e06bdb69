"""Is the right cluster chosen? Spider's databases as clusters: half of their questions are taught, the others asked.

Everything goes the public way: cluster files, profiles, verdicts, entries, the context store, `Search.route`. Each
witness of the routing is also reported alone. Many of Spider's databases are about the same things (chinook_1 and
store_1 are one and the same shop), so that no router can be right about all of them; nothing is left out for that.

    python -m bench.routing [minilm] [gte-small]
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.publishing import publish
from bench.spider import Asked, built, open_spider
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.lance import words_of
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import LOCAL_MODELS, Embedder, open_embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import EmbedderError
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse

FOLDER = Path("build/bench/spider")
WANTED = 0.92
"""Of the other half's questions, routed to their cluster by the default embedder among every second database."""


class Known:
    """An embedder that has embedded these texts before, all at once; nothing else about it is different."""

    def __init__(self, embedder: Embedder, texts: Sequence[str]) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self._embedder = embedder
        self._vectors = dict(zip(texts, embedder.embed(texts), strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vectors[text] for text in texts])


Ranking = Callable[[str], Sequence[str]]


def rankings(snapshot: Snapshot, embedder: Embedder) -> Mapping[str, Ranking]:
    """The witnesses alone and the shipped routing, each as a function from a question to clusters, best first."""
    held, router = snapshot.slice, snapshot.router

    def by(witness: str) -> Ranking:
        def ranked(question: str) -> list[str]:
            heard = router.witnesses(words_of(question), held.cosines(embedder.embed([question])[0]))
            return [router.names[place] for place in np.argsort(-getattr(heard, witness), kind="stable")]

        return ranked

    def routed(question: str) -> list[str]:
        return [one.card.name for one in Search(snapshot, embedder).route(question)]

    return {
        "BM25 over clusters": by("words"),
        "nearest pair": by("pair"),
        "nearest dataset": by("dataset"),
        "all": routed,
    }


def right(ranking: Ranking, questions: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """The shares of (question, cluster) whose cluster is the first, and is among the first three."""
    places = np.array([ranking(question).index(cluster) for question, cluster in questions])
    return float((places < 1).mean()), float((places < 3).mean())


def report(snapshot: Snapshot, embedder: Embedder, asked: Sequence[Asked]) -> float:
    """Print a line a ranking; gives the shipped routing's share on the other half."""
    clusters = {card.name for card in snapshot.cluster_cards()}
    other = [(one["question"], one["cluster"]) for one in asked if one["cluster"] in clusters]
    reworded = [(r, one["cluster"]) for one in asked if one["cluster"] in clusters and (r := one["reworded"])]
    print(f"\n{embedder.name} among {len(clusters)} clusters: {len(other)} questions, {len(reworded)} of them reworded")
    print(f"  {'':20} {'other half':>10} {'top 3':>7} {'reworded':>9} {'top 3':>7} {'ms CPU':>7}")
    first: dict[str, float] = {}
    for name, ranking in rankings(snapshot, embedder).items():
        began = time.process_time()
        shares = (*right(ranking, other), *right(ranking, reworded))
        spent = (time.process_time() - began) / (len(other) + len(reworded)) * 1000
        print(f"  {name:20} {shares[0]:>10.3f} {shares[1]:>7.3f} {shares[2]:>9.3f} {shares[3]:>7.3f} {spent:>7.2f}")
        first[name] = shares[0]
    return first["all"]


def measure(model: str, asked: Sequence[Asked]) -> float:
    """Publish everything with one model, report on all clusters, withdraw every second one, report again."""
    url = str(FOLDER / f"context-{model}")
    plain = open_embedder(Settings(embedder=model))
    writer = ContextWriter(url, plain)
    began = time.perf_counter()
    with open_warehouse(f"duckdb:///{FOLDER / 'warehouse.duckdb'}") as warehouse:
        clusters = publish(FOLDER, warehouse, writer)
    pairs = Counter(entry.status for entry in ContextReader(url).snapshot().listing(kinds=["pair"]))
    spent = time.perf_counter() - began
    print(f"\n{model}: {len(clusters)} clusters published in {spent:.0f} s; pairs: {dict(pairs)}")
    texts = {one["question"] for one in asked} | {one["reworded"] for one in asked if one["reworded"]}
    embedder = Known(plain, sorted(text for text in texts if text))
    report(ContextReader(url, embedder).snapshot(), embedder, asked)
    for cluster in sorted(cluster.name for cluster in clusters)[1::2]:
        writer.withdraw(cluster)
    return report(ContextReader(url, embedder).snapshot(), embedder, asked)


def main(models: Sequence[str]) -> int:
    """0 when the default embedder reaches what is wanted, or nothing could be measured."""
    spider = open_spider()
    if spider is None:
        print("bench.routing: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    asked = built(spider, spider.databases(), FOLDER, progress=print)
    reached: dict[str, float] = {}
    for model in models or LOCAL_MODELS:
        try:
            reached[model] = measure(model, asked)
        except EmbedderError as error:
            print(f"bench.routing: skipped {model}: {error}")
    missed = {model: share for model, share in reached.items() if share < WANTED}
    print(f"\nwanted: at least {WANTED}; " + (f"missed by {missed}" if missed else "reached"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
