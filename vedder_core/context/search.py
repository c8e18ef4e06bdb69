"""Which clusters is a question about, and what in them is near it? Vectors and BM25, joined with a weight per kind.

Everything happens on one snapshot. The weights are measured in `bench/routing.py`. Deliberately not here: whether
something near is near enough to answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.context.entry import ClusterCard, Entry, EntryKind
from vedder_core.context.routing import router_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors

VECTOR_SHARE: Mapping[EntryKind, float] = {"pair": 0.7, "doc": 0.5, "dataset": 0.25, "cluster": 0.5}
"""How much of a score is similarity; the rest is BM25. Questions are matched by meaning, datasets by their words."""

LOOKED_AT = 50
"""Candidates of each kind, by vector and by words."""

HALF_BM25 = 8.0
"""The BM25 score that counts as one half."""

MINIMUM = 0.05
"""A hit below it is no hit: no nearer to the question than anything else, and without a telling word of it. Pairs are
exempt: among very few, even the same question is no nearer than usual, and whether one matches its words decide."""


@dataclass(frozen=True, slots=True)
class Routed:
    """A cluster that a question may be about. `score` is how likely, were it about one of them: together 1."""

    card: ClusterCard
    score: float


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry near a question. `score` (0 to 1) orders hits; it is made of the cosine `similarity`, as far as that is
    above what is usual for the question, and of `bm25` (0: not among the best by words)."""

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
        """All clusters, the likeliest first."""
        router = router_of(self.snapshot)
        cards = {card.name: card for card in self.snapshot.cluster_cards()}
        shares = zip(router.names, router.shares(question, self._vector(question)), strict=True)
        routed = [Routed(cards[name], float(share)) for name, share in shares]
        return tuple(sorted(routed, key=lambda one: (-one.score, one.card.name)))

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
        usual = router_of(self.snapshot).usual(vector)
        share = VECTOR_SHARE[kind]
        hits: list[Hit] = []
        for entry, own in {match.entry.id: (match.entry, match.vector) for match in (*near, *words)}.values():
            similarity, matching = float(own @ vector), bm25.get(entry.id, 0.0)
            nearness = max((similarity - usual) / max(1 - usual, 1e-6), 0.0)  # the same for all models
            score = share * nearness + (1 - share) * matching / (matching + HALF_BM25)
            if kind == "pair" or score >= MINIMUM:
                hits.append(Hit(entry, score, similarity, matching))
        return hits

    def _vector(self, question: str) -> Vectors:
        if question not in self._vectors:
            self._vectors[question] = self._embedder.embed([question])[0]
        return self._vectors[question]
