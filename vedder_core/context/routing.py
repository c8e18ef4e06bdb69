"""Which clusters is a question about? Three witnesses, added up; measured in `bench/routing.py`.

The words of everything that a cluster says (BM25 over clusters), its nearest pair, and its nearest dataset. The two
cosines count in standard deviations above the average pair, so that no weight depends on the embedding model.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vedder_core.context.bm25 import BM25, stems
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.vectors import Vectors

WORDS, NEAREST_PAIR, NEAREST_DATASET = 0.7, 0.5, 0.75
"""Weights as log odds, fitted on half of Spider's databases; a softmax of the sum is a fair probability."""


@dataclass(frozen=True, eq=False, slots=True)
class Witnesses:
    """One number a cluster: BM25 of its words, and its nearest pair and dataset in standard deviations."""

    words: NDArray[np.float64]
    pair: NDArray[np.float64]
    dataset: NDArray[np.float64]


class Router:
    """Ranks the clusters of one snapshot, from memory."""

    def __init__(self, snapshot: Snapshot) -> None:
        held = snapshot.slice()
        self.names = tuple(sorted(set(held.clusters)))
        place = {name: index for index, name in enumerate(self.names)}
        self._cluster_of = np.array([place[name] for name in held.clusters], dtype=np.intp)
        self._is_pair = np.array([kind == "pair" for kind in held.kinds], dtype=bool)
        self._is_dataset = np.array([kind == "dataset" for kind in held.kinds], dtype=bool)
        self._vectors = held.vectors
        said: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for cluster, text in zip(held.clusters, held.texts, strict=True):
            said[cluster].update(stems(text))
        self._words = BM25([said[name] for name in self.names])

    def shares(self, question: str, vector: Vectors) -> NDArray[np.float64]:
        """How likely each cluster is, in the order of `names`; together 1."""
        heard = self.witnesses(question, vector)
        votes = WORDS * heard.words + NEAREST_PAIR * heard.pair + NEAREST_DATASET * heard.dataset
        shares = np.exp(votes - votes.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)

    def witnesses(self, question: str, vector: Vectors) -> Witnesses:
        """What each witness says by itself, in the order of `names`."""
        cosines = self._vectors @ vector
        return Witnesses(
            words=self._words.scores(stems(question)),
            pair=self._nearest(cosines, self._is_pair),
            dataset=self._nearest(cosines, self._is_dataset),
        )

    def usual(self, vector: Vectors) -> float:
        """The average cosine of a question to all pairs (to all entries, where there are no pairs)."""
        held = self._vectors[self._is_pair] if self._is_pair.any() else self._vectors
        return float((held @ vector).mean())

    def _nearest(self, cosines: Vectors, among: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The best of each cluster, in standard deviations; one that has none stands with the worst."""
        usual = cosines[self._is_pair] if self._is_pair.any() else cosines
        deviations = (cosines[among] - usual.mean()) / max(float(usual.std()), 1e-3)
        best = np.full(len(self.names), -np.inf)
        np.maximum.at(best, self._cluster_of[among], deviations)
        known = np.isfinite(best)
        best[~known] = best[known].min() if known.any() else 0.0
        return best


@lru_cache(maxsize=2)
def router_of(snapshot: Snapshot) -> Router:
    """The router of a snapshot; made once, as it reads every text and vector."""
    return Router(snapshot)
