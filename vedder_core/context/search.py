"""Which clusters is a question about, and what in them is near it? Vectors and BM25, joined with a weight per kind.

Everything happens on one snapshot. The weights are measured in `bench/routing.py`; whether what is near is near enough
is decided by the calibration of the snapshot, and measured in `bench/not_covered.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedder_core.calibration import (
    DEFAULT_THRESHOLD,
    DEFAULT_WEIGHTS,
    FEWEST_OWN,
    FEWEST_PAIRS,
    Coveredness,
    as_share,
)
from vedder_core.context.covered import telling_words
from vedder_core.context.entry import ClusterCard, Entry, EntryKind
from vedder_core.context.lance import words_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError

VECTOR_SHARE: Mapping[EntryKind, float] = {"pair": 0.7, "doc": 0.5, "dataset": 0.25, "cluster": 0.5}
"""How much of a score is similarity; the rest is BM25. Questions are matched by meaning, datasets by their words."""

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
    above what is usual for the question, and of `bm25` (0: it has no telling word of it)."""

    entry: Entry
    score: float
    similarity: float
    bm25: float


@dataclass(frozen=True, eq=False, slots=True)
class _Heard:
    """A question as numbers: its words, and for every entry the cosine to it and the BM25 of its words."""

    words: Sequence[str]
    cosines: Vectors
    bm25: NDArray[np.float64]


class Search:
    """Looks in one snapshot. Make one for each question: the question is then embedded once.

    Without an embedder it knows no questions but those that it was told (`hear`).
    """

    def __init__(self, snapshot: Snapshot, embedder: Embedder | None = None) -> None:
        self.snapshot = snapshot
        self._embedder = embedder
        self._heard: dict[str, _Heard] = {}

    def route(self, question: str) -> tuple[Routed, ...]:
        """All clusters, the likeliest first."""
        heard, router = self._hear(question), self.snapshot.router
        cards = {card.name: card for card in self.snapshot.cluster_cards()}
        shares = zip(router.names, router.shares(heard.words, heard.cosines), strict=True)
        routed = [Routed(cards[name], float(share)) for name, share in shares]
        return tuple(sorted(routed, key=lambda one: (-one.score, one.card.name)))

    def covered(self, question: str) -> Coveredness | None:
        """How well the cluster that covers the question best does so; None where that cannot be judged.

        That is where the context has too few pairs to know how questions are asked, or the likeliest cluster has.
        """
        covered, calibration = self.snapshot.covered, self.snapshot.calibration
        pairs = np.bincount(covered.cluster_of[covered.pairs.places], minlength=len(covered.names))
        likeliest = covered.names.index(self.route(question)[0].card.name)
        if pairs.sum() < FEWEST_PAIRS or pairs[likeliest] < FEWEST_OWN:
            return None
        weights = calibration.weights if calibration else DEFAULT_WEIGHTS
        at = [calibration.of(name).threshold if calibration else DEFAULT_THRESHOLD for name in covered.names]
        thresholds = np.where(pairs >= FEWEST_OWN, at, np.inf)
        words, cosines = telling_words(question), self._hear(question).cosines
        best, margin = covered.nearest(words, cosines, weights=weights, thresholds=thresholds)
        return Coveredness(
            cluster=covered.names[best],
            score=as_share(at[best] + margin),
            threshold=as_share(at[best]),
            fitted=calibration is not None and calibration.fitted,
            measured_at=calibration.measured_at if calibration else None,
        )

    def find(
        self, question: str, *, kinds: Sequence[EntryKind], clusters: Iterable[str] = (), limit: int = 10
    ) -> tuple[Hit, ...]:
        """What is near in these clusters (none named: in all), the nearest first, of all these kinds together."""
        clusters = tuple(clusters)
        heard, held = self._hear(question), self.snapshot.slice
        hits: list[Hit] = []
        for kind in kinds:
            places = held.among((kind,), clusters)
            scores = self._scores(heard, kind, places)
            if kind != "pair":
                places, scores = places[scores >= MINIMUM], scores[scores >= MINIMUM]
            for best in _best(scores, limit):
                place = places[best]
                cosine, bm25 = float(heard.cosines[place]), float(heard.bm25[place])
                hits.append(Hit(held.entries[place], float(scores[best]), cosine, bm25))
        return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.entry.id))[:limit])

    def _scores(self, heard: _Heard, kind: EntryKind, places: NDArray[np.intp]) -> NDArray[np.float64]:
        usual = self.snapshot.router.usual(heard.cosines)
        nearness = np.maximum((heard.cosines[places] - usual) / max(1 - usual, 1e-6), 0.0)  # the same for all models
        matching = heard.bm25[places]
        share = VECTOR_SHARE[kind]
        return np.asarray(share * nearness + (1 - share) * matching / (matching + HALF_BM25))

    def hear(self, question: str, cosines: Vectors) -> None:
        """Take in a question whose cosines to all entries are known, so that it is not embedded."""
        words = words_of(question)
        self._heard[question] = _Heard(words, cosines, self.snapshot.slice.bm25(words))

    def _hear(self, question: str) -> _Heard:
        if question not in self._heard:
            self.snapshot.check_embedder()
            if self._embedder is None:
                raise ContextError("A search without an embedder was asked something new.", hint="Give it one.")
            self.hear(question, self.snapshot.slice.cosines(self._embedder.embed([question])[0]))
        return self._heard[question]


def _best(scores: NDArray[np.float64], limit: int) -> NDArray[np.intp]:
    """The places of the highest scores, highest first; equal ones in their order."""
    among = np.arange(len(scores))
    if limit < len(scores):
        among = np.flatnonzero(scores >= np.partition(scores, -limit)[-limit])
    return among[np.argsort(-scores[among], kind="stable")][:limit]
