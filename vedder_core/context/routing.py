"""Which clusters is a question about? Three witnesses, added up; measured in `bench/routing.py`.

The words of everything that a cluster says (BM25 over clusters), its nearest pair, and its nearest dataset. The two
cosines count in standard deviations above the average pair, so that no weight depends on the embedding model.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedder_core.context.bm25 import BM25
from vedder_core.context.slice import Slice
from vedder_core.embedder.vectors import Vectors

WORDS, NEAREST_PAIR, NEAREST_DATASET = 0.7, 0.5, 0.75
"""Weights as log odds, fitted on half of Spider's databases; a softmax of the sum is a fair probability."""

LENGTH_WEIGHT = 0.3
"""Far below the usual 0.75: a cluster is long because it knows more, not because it repeats itself."""


@dataclass(frozen=True, eq=False, slots=True)
class Witnesses:
    """One number a cluster: BM25 of its words, and its nearest pair and dataset in standard deviations."""

    words: NDArray[np.float64]
    pair: NDArray[np.float64]
    dataset: NDArray[np.float64]


class Router:
    """Ranks the clusters of one version, from memory."""

    def __init__(self, held: Slice) -> None:
        self.names = tuple(sorted({entry.cluster for entry in held.entries}))
        place = {name: index for index, name in enumerate(self.names)}
        self._cluster_of = np.array([place[entry.cluster] for entry in held.entries], dtype=np.intp)
        self._pairs = held.among(kinds=("pair",))
        self._datasets = held.among(kinds=("dataset",))
        self._words = BM25(held.said, self._cluster_of, size=len(self.names), length_weight=LENGTH_WEIGHT)

    def shares(self, words: Sequence[str], cosines: Vectors) -> NDArray[np.float64]:
        """How likely each cluster is, in the order of `names`; together 1. `cosines` are of all entries."""
        heard = self.witnesses(words, cosines)
        votes = WORDS * heard.words + NEAREST_PAIR * heard.pair + NEAREST_DATASET * heard.dataset
        shares = np.exp(votes - votes.max())
        return np.asarray(shares / shares.sum(), dtype=np.float64)

    def witnesses(self, words: Sequence[str], cosines: Vectors) -> Witnesses:
        """What each witness says by itself, in the order of `names`."""
        ordinary = self._ordinary(cosines)
        deviations = (cosines - ordinary.mean()) / max(float(ordinary.std()), 1e-3)
        return Witnesses(
            words=self._words.scores(words),
            pair=self._nearest(deviations, self._pairs),
            dataset=self._nearest(deviations, self._datasets),
        )

    def usual(self, cosines: Vectors) -> float:
        """The average cosine of a question to all pairs (to all entries, where there are no pairs)."""
        return float(self._ordinary(cosines).mean())

    def _ordinary(self, cosines: Vectors) -> Vectors:
        return cosines[self._pairs] if self._pairs.size else cosines

    def _nearest(self, deviations: Vectors, among: NDArray[np.intp]) -> NDArray[np.float64]:
        """The best of each cluster; one that has none stands with the worst."""
        best = np.full(len(self.names), -np.inf, dtype=deviations.dtype)  # another type is many times slower
        np.maximum.at(best, self._cluster_of[among], deviations[among])
        known = np.isfinite(best)
        best[~known] = best[known].min() if known.any() else 0.0
        return best.astype(np.float64)
