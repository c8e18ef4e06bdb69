"""What does finding cost? From memory, and by the hybrid query of the table that it is read from; 10,000 entries.

100 clusters of made-up entries in a real LanceDB table, with the weightless embedder (512 numbers; a question's own
embedding is not counted). What is measured from memory is what a question takes: routing, pairs of the three likeliest
clusters, pairs of all. The table is asked for the pairs only, because it cannot route.

    python -m bench.retrieval
"""

import json
import random
import shutil
import sys
import tracemalloc
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np

from bench.measure import cpu_seconds, interleaved, print_table
from vedder_core.cluster import Owner, Thresholds
from vedder_core.context.entry import PAYLOADS, ClusterCard, Entry, EntryKind
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import HALF_BM25, VECTOR_SHARE, Search
from vedder_core.context.snapshot import Match, Snapshot
from vedder_core.embedder.hashed import HashedWords
from vedder_core.embedder.vectors import Vectors

FOLDER = Path("build/bench/retrieval")
CLUSTERS = 100
QUESTIONS = 20
WANTED_RATIO = 10.0
WANTED_MS = 5.0
"""CPU a question, of the 25 ms that Vedder may take beside model and query."""
TIE = 1e-4
CANDIDATES = 50
"""Of each search of the table, where its CPU is measured; where its order is compared, it gives all."""

THINGS = ("order", "invoice", "customer", "flight", "carrier", "delivery", "warehouse", "product", "employee", "claim")
ASPECTS = ("amount", "price", "delay", "count", "share", "weight", "rating", "balance", "duration", "margin", "volume")
ASKED = (
    "What is the average {a} of each {t} in {w}?",
    "Which {t} has the highest {a} since {w}?",
    "How many {t}s had no {a} in {w}?",
)
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "zo", "ka")


class Known:
    """The weightless embedder, for questions that it has embedded before."""

    def __init__(self, questions: Sequence[str]) -> None:
        plain = HashedWords()
        self.name, self.dimension = plain.name, plain.dimension
        self._vectors = dict(zip(questions, plain.embed(questions), strict=True))

    def embed(self, texts: Sequence[str]) -> Vectors:
        return np.array([self._vectors[text] for text in texts])


def entries(cluster: str, chance: random.Random) -> list[Entry]:
    """A card, 15 datasets, 64 pairs and 20 passages that share the cluster's own words."""
    own = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(12)]

    def entry(kind: EntryKind, place: int, text: str, size: int) -> Entry:
        payload = json.dumps({"text": "".join(chance.choices("abcdefgh ", k=size))})
        return Entry(f"{cluster}/{kind}/{place}", cluster, kind, text[:40], text, payload, "valid", (f"{cluster}.t",))

    def words(count: int) -> str:
        return " ".join(chance.choice((own, THINGS, ASPECTS)[chance.randrange(3)]) for _ in range(count))

    owner = Owner(team=cluster, contact=f"#{cluster}")
    card = ClusterCard(cluster, cluster, words(12), "domain", owner, Thresholds(), (), 64, 20)
    payload = PAYLOADS["cluster"].dump_json(card).decode()
    shown = Entry(f"{cluster}/cluster", cluster, "cluster", cluster, card.summary, payload, "valid", ())
    pairs = [
        chance.choice(ASKED).format(a=chance.choice(ASPECTS), t=chance.choice(THINGS), w=chance.choice(own))
        for _ in range(64)
    ]
    return [
        shown,
        *(entry("pair", place, text, 700) for place, text in enumerate(pairs)),
        *(entry("dataset", place, f"{own[place % 12]} {words(25)}", 7_000) for place in range(15)),
        *(entry("doc", place, words(40), 600) for place in range(20)),
    ]


def build() -> tuple[str, list[str]]:
    """Publish all clusters into a new folder; gives its URL and the questions, which reword some of the pairs."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    chance, url = random.Random(7), str(FOLDER / "context")
    writer, questions = ContextWriter(url, HashedWords()), list[str]()
    for number in range(CLUSTERS):
        made = entries(f"c{number:03}", chance)
        writer.publish(f"c{number:03}", made)
        pairs = [entry.text for entry in made if entry.kind == "pair"]
        questions += [f"{chance.choice(pairs).rstrip('?')} and its {chance.choice(ASPECTS)}?"]
    return url, chance.sample(questions, QUESTIONS)


def from_memory(snapshot: Snapshot, embedder: Known, questions: Sequence[str]) -> None:
    for question in questions:
        search = Search(snapshot, embedder)
        likeliest = [routed.card.name for routed in search.route(question)[:3]]
        search.find(question, kinds=("pair",), clusters=likeliest, limit=20)
        search.find(question, kinds=("pair",))


def by_table(snapshot: Snapshot, embedder: Known, likeliest: Mapping[str, Sequence[str]]) -> None:
    for question, clusters in likeliest.items():
        vector = embedder.embed([question])[0]
        for among in (clusters, ()):
            snapshot.vector(vector, kinds=("pair",), clusters=among, limit=CANDIDATES)
            snapshot.text(question, kinds=("pair",), clusters=among, limit=CANDIDATES)


def equal_tops(snapshot: Snapshot, embedder: Known, questions: Sequence[str]) -> int:
    """For how many questions the ten best pairs are those of the table's hybrid, wherever scores are not tied."""
    equal = 0
    for question in questions:
        vector = embedder.embed([question])[0]
        near = snapshot.vector(vector, kinds=("pair",), limit=CLUSTERS * 100)
        table = _joined(near, snapshot.text(question, kinds=("pair",), limit=CLUSTERS * 100))
        best = sorted(table.values(), reverse=True)[:10]
        hits = Search(snapshot, embedder).find(question, kinds=("pair",))
        same = all(abs(hit.score - score) < TIE for hit, score in zip(hits, best, strict=True))
        equal += same and all(abs(table[hit.entry.id] - hit.score) < TIE for hit in hits)
    return equal


def _joined(near: Sequence[Match], words: Sequence[Match]) -> dict[str, float]:
    usual = float(np.mean([match.score for match in near]))
    bm25, share = {match.entry.id: match.score for match in words}, VECTOR_SHARE["pair"]
    joined: dict[str, float] = {}
    for match in near:
        matching = bm25.get(match.entry.id, 0.0)
        nearness = max((match.score - usual) / (1 - usual), 0.0)
        joined[match.entry.id] = share * nearness + (1 - share) * matching / (matching + HALF_BM25)
    return joined


def main() -> int:
    url, questions = build()
    embedder = Known(questions)
    fresh = ContextReader(url, embedder).snapshot()
    equal = equal_tops(fresh, embedder, questions)
    ContextWriter(url, HashedWords()).maintain(timedelta(days=1))
    snapshot = ContextReader(url, embedder).snapshot()
    tracemalloc.start()
    count = len(snapshot.slice.entries)
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    made = sorted(cpu_seconds(lambda: ContextReader(url, embedder).snapshot().slice) for _ in range(5))[2]
    likeliest = {asked: [r.card.name for r in Search(snapshot, embedder).route(asked)[:3]] for asked in questions}
    spent = interleaved(
        {
            "memory": lambda: from_memory(snapshot, embedder, questions),
            "table": lambda: by_table(snapshot, embedder, likeliest),
        },
        rounds=5,
    )
    ours, table = (spent[name] / QUESTIONS * 1000 for name in ("memory", "table"))
    print(f"{count:,} entries in {CLUSTERS} clusters, {embedder.dimension} numbers each, CPU of a question")
    header = ("", "memory ms", "table ms", "table / memory", "wanted")
    print_table(header, [("route and find pairs", ours, table, table / ours, WANTED_RATIO)])
    print(f"held: {megabytes:.0f} MB, made in {made:.2f} s of CPU, reading included")
    print(f"the same ten best pairs as the table's own hybrid: {equal} of {QUESTIONS} questions; wanted: all")
    return 0 if equal == QUESTIONS and table / ours >= WANTED_RATIO and ours <= WANTED_MS else 1


if __name__ == "__main__":
    sys.exit(main())
