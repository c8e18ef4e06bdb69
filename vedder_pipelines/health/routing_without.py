"""The router's ranking of clusters as it would be without some pairs of one of them, at the price of a question.

The router's own witnesses are corrected, because to make a router without a pair takes as long as to make it at all:
the pair's cosine is taken for a usual one, and its words are taken out of its cluster's.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vedder_core.context.bm25 import SATURATION
from vedder_core.context.lance import words_of
from vedder_core.context.routing import LENGTH_WEIGHT, NEAREST_DATASET, NEAREST_PAIR, WORDS
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.vectors import Vectors


class RoutingWithout:
    """Of one version and one cluster."""

    def __init__(self, snapshot: Snapshot, cluster: str) -> None:
        self._router = snapshot.router
        self._spoken = _spoken(snapshot)
        self._own = self._router.names.index(cluster)

    def ranked(self, question: str, cosines: Vectors, out: frozenset[str]) -> list[tuple[str, float]]:
        """Clusters with their shares, the likeliest first. `cosines` are of all entries, those in `out` too."""
        known = self._spoken.places
        places = np.array([known[id_] for id_ in out if id_ in known], dtype=np.intp)
        cosines = cosines.copy()
        cosines[places] = self._unremarkable(cosines, places)
        heard = self._router.witnesses((), cosines)
        said = self._said(words_of(question), places)
        votes = WORDS * said + NEAREST_PAIR * heard.pair + NEAREST_DATASET * heard.dataset
        shares = np.exp(votes - votes.max())
        shares /= shares.sum()
        order = sorted(range(len(shares)), key=lambda place: (-shares[place], self._router.names[place]))
        return [(self._router.names[place], float(shares[place])) for place in order]

    def _unremarkable(self, cosines: Vectors, out: NDArray[np.intp]) -> float:
        """A cosine for what is left out: as usual, and no better than the best of the cluster's other pairs."""
        others = self._spoken.pairs[~np.isin(self._spoken.pairs, out)]
        own = others[self._spoken.cluster_of[others] == self._own]
        if not len(own):
            return float(cosines.min())
        return float(min(cosines[others].mean(), cosines[own].max()))

    def _said(self, words: Sequence[str], out: NDArray[np.intp]) -> NDArray[np.float64]:
        """BM25 of what each cluster says, as the router has it, without some texts of the one."""
        spoken, gone = self._spoken, self._spoken.words_in(out)
        lengths = spoken.lengths.copy()
        lengths[self._own] -= len(gone)
        size = len(lengths)
        norms = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / max(lengths.sum() / max(size, 1), 1.0))
        scores = np.zeros(size)
        for word in words:
            number = spoken.numbers.get(word)
            if number is None:
                continue
            times = spoken.times(number)
            times[self._own] -= np.count_nonzero(gone == number)
            held = np.count_nonzero(times)
            rarity = np.log(1 + (size - held + 0.5) / (held + 0.5))
            scores += rarity * times * (SATURATION + 1) / (times + norms)
        return scores


class _Spoken:
    """Which cluster says which word how often: counted once for all clusters of a version."""

    def __init__(self, snapshot: Snapshot) -> None:
        held, names = snapshot.slice, {name: place for place, name in enumerate(snapshot.router.names)}
        said = held.said
        self.numbers = said.numbers
        self.pairs = held.among(("pair",))
        self.places = {entry.id: place for place, entry in enumerate(held.entries)}
        self.cluster_of = np.array([names[entry.cluster] for entry in held.entries], dtype=np.intp)
        self._words = said.words  # text by text
        lengths = np.bincount(said.texts, minlength=said.size)
        self._text_starts = np.concatenate([[0], np.cumsum(lengths)])
        self.lengths = np.bincount(self.cluster_of, weights=lengths, minlength=len(names))
        found, self._times = np.unique(said.words * len(names) + self.cluster_of[said.texts], return_counts=True)
        words, self._clusters = np.divmod(found, len(names))
        self._starts = np.searchsorted(words, np.arange(len(said.numbers) + 1))

    def words_in(self, texts: NDArray[np.intp]) -> NDArray[np.int64]:
        """The words of these texts, as numbers."""
        spans = zip(self._text_starts[texts], self._text_starts[texts + 1], strict=True)
        return np.concatenate([np.empty(0, dtype=np.int64), *(self._words[start:end] for start, end in spans)])

    def times(self, word: int) -> NDArray[np.int64]:
        """How often each cluster says a word."""
        held, times = slice(self._starts[word], self._starts[word + 1]), np.zeros(len(self.lengths), dtype=np.int64)
        times[self._clusters[held]] = self._times[held]
        return times


@lru_cache(maxsize=1)
def _spoken(snapshot: Snapshot) -> _Spoken:
    return _Spoken(snapshot)
