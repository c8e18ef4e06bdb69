"""BM25 over a few hundred long documents in memory: here, everything that a cluster says is one document.

Single entries are searched by the table's own full-text index; this is for what that index has no row for.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import log

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

WORD = re.compile(r"[^\W_]+")
STEMMER = snowballstemmer.stemmer("english")

SATURATION = 1.2
LENGTH_WEIGHT = 0.3
"""Far below the usual 0.75: a cluster is long because it knows more, not because it repeats itself."""


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(STEMMER.stemWord(word))


def stems(text: str) -> list[str]:
    """The words of a text without their endings, in order."""
    return [_stem(word) for word in WORD.findall(text.casefold())]


class BM25:
    """Scores documents, each given as its words with their counts."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self._size = len(documents)
        lengths = np.array([document.total() for document in documents], dtype=np.float64)
        norms = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / max(lengths.mean(), 1.0))
        postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, document in enumerate(documents):
            for word, times in document.items():
                postings[word].append((place, times * (SATURATION + 1) / (times + norms[place])))
        self._postings = {word: self._weighted(found) for word, found in postings.items()}

    def _weighted(self, found: Sequence[tuple[int, float]]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        rarity = log(1 + (self._size - len(found) + 0.5) / (len(found) + 0.5))
        places, weights = zip(*found, strict=True)
        return np.array(places), rarity * np.array(weights)

    def scores(self, words: Iterable[str]) -> NDArray[np.float64]:
        """One score a document, 0 where it has none of the words."""
        scores = np.zeros(self._size)
        for word in words:
            if word in self._postings:
                places, weights = self._postings[word]
                scores[places] += weights
        return scores
