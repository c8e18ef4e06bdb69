"""Which clusters is a question about, and what in them is near it? Vectors and BM25, joined with a weight per kind.

Everything happens on one snapshot. The weights are measured in `bench/routing.py`. Deliberately not here: whether
something near is near enough to answer.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp

from vedder_core.context.entry import ClusterCard, Entry, EntryKind
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder, Vectors

VECTOR_SHARE: Mapping[EntryKind, float] = {"pair": 0.8, "doc": 0.6, "dataset": 0.3, "cluster": 0.5}
"""How much of a score is similarity; the rest is BM25. Questions are matched by meaning, schemas by their words."""

LOOKED_AT = 50
"""Candidates by vector and by words."""

SHARPNESS = 0.05
"""How far in similarity a pair trails the best one to have 1/e of its vote."""

HALF_BM25 = 8.0
"""The BM25 score that counts as one half."""

MINIMUM = 0.05


@dataclass(frozen=True, slots=True)
class Routed:
    """A cluster that a question may be about. `score` is its share of the votes: all scores add up to 1."""

    card: ClusterCard
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry near a question. `score` (0 to 1) orders hits; it is made of the cosine and of BM25 (0: no word)."""

    entry: Entry
    score: float
    similarity: float
    bm25: float


class Search:
    """Looks in one snapshot. Make one for each question: the question is then embedded once."""

    def __init__(self, snapshot: Snapshot, embedder: Embedder) -> None:
        self.snapshot = snapshot
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}

    def route(self, question: str) -> tuple[Routed, ...]:
        """The clusters, the likeliest first; one that nothing speaks for is left out."""
        near = self.snapshot.vector(self._vector(question), kinds=("pair",), limit=LOOKED_AT)
        words = self.snapshot.text(question, limit=2 * LOOKED_AT)
        best = near[0].score if near else 0.0
        by_meaning = _shares((match.entry.cluster, exp((match.score - best) / SHARPNESS)) for match in near)
        by_words = _shares((match.entry.cluster, match.score) for match in words)
        share = VECTOR_SHARE["pair"] if words else 1.0
        votes = {
            cluster: share * by_meaning.get(cluster, 0.0) + (1 - share) * by_words.get(cluster, 0.0)
            for cluster in by_meaning.keys() | by_words.keys()
        }
        cards = {card.name: card for card in self.snapshot.cluster_cards()}
        return tuple(Routed(cards[name], votes[name]) for name in sorted(votes, key=lambda name: (-votes[name], name)))

    def find(
        self, question: str, *, kinds: Sequence[EntryKind], clusters: Iterable[str] = (), limit: int = 10
    ) -> tuple[Hit, ...]:
        """What is near in these clusters (none named: in all), the nearest first, of all these kinds together."""
        clusters = tuple(clusters)
        hits = [hit for kind in kinds for hit in self._of_kind(question, kind, clusters)]
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.entry.id))[:limit])

    def _of_kind(self, question: str, kind: EntryKind, clusters: tuple[str, ...]) -> list[Hit]:
        vector = self._vector(question)
        near = self.snapshot.vector(vector, kinds=(kind,), clusters=clusters, limit=LOOKED_AT)
        words = self.snapshot.text(question, kinds=(kind,), clusters=clusters, limit=LOOKED_AT)
        bm25 = {match.entry.id: match.score for match in words}
        share = VECTOR_SHARE[kind]
        hits: list[Hit] = []
        for entry, own in {match.entry.id: (match.entry, match.vector) for match in (*near, *words)}.values():
            similarity, matching = float(own @ vector), bm25.get(entry.id, 0.0)
            score = share * max(similarity, 0.0) + (1 - share) * matching / (matching + HALF_BM25)
            if score >= MINIMUM:
                hits.append(Hit(entry, score, similarity, matching))
        return hits

    def _vector(self, question: str) -> Vectors:
        if question not in self._vectors:
            self._vectors[question] = self._embedder.embed([question])[0]
        return self._vectors[question]


def _shares(votes: Iterable[tuple[str, float]]) -> dict[str, float]:
    summed: defaultdict[str, float] = defaultdict(float)
    for cluster, vote in votes:
        summed[cluster] += vote
    whole = sum(summed.values()) or 1.0
    return {cluster: vote / whole for cluster, vote in summed.items()}
