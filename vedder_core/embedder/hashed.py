"""Feature hashing of words and of letter sequences inside them: no weights, no meaning, the same on every machine.

For tests, and for machines that have no weights. Synonyms are strangers to it.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from vedder_core.embedder.vectors import Vectors, unit

WORD = re.compile(r"\w+")
RARELY_TELLING = frozenset(
    {"a", "an", "and", "are", "as", "at", "be", "by", "did", "do", "does", "for", "from", "had", "has", "have", "how"}
    | {"in", "is", "it", "many", "much", "of", "on", "or", "our", "show", "tell", "that", "the", "their", "there"}
    | {"this", "to", "was", "were", "what", "which", "who", "with"}
)


class HashedWords:
    """A bag of words and of their 3- and 4-letter sequences, folded into `dimension` signed places."""

    name = "hashed-words-1"
    dimension = 512

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in WORD.findall(text.casefold()):
                for place, weight in _features(word):
                    vectors[row, place % self.dimension] += weight
        return unit(vectors)


@lru_cache(maxsize=50_000)
def _features(word: str) -> tuple[tuple[int, float], ...]:
    whole = 0.1 if word in RARELY_TELLING else 1.0
    pieces = tuple(_sequences(f"<{word}>"))
    part = whole * 0.5 / max(len(pieces), 1) ** 0.5
    return (_place(word, whole), *(_place(piece, part) for piece in pieces))


def _sequences(word: str) -> Iterator[str]:
    for length in (3, 4):
        yield from (word[start : start + length] for start in range(len(word) - length + 1))


def _place(feature: str, weight: float) -> tuple[int, float]:
    number = int.from_bytes(hashlib.blake2b(feature.encode(), digest_size=8).digest())
    return number >> 1, weight if number & 1 else -weight
