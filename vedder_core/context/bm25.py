"""BM25 in memory, over entries one by one, or with everything that a cluster says as one document.

The words are those of the table's own full-text index, so that both rank alike; here the statistics are of exactly the
texts that were given, while an index counts all rows, also those that were deleted since it was made.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedder_core.context.lance import telling, words_of

SATURATION = 1.2


@dataclass(frozen=True, eq=False, slots=True)
class Said:
    """`size` texts as numbers: word `words[i]` stands in text `texts[i]`, once for each time that it is said there."""

    size: int
    numbers: Mapping[str, int]
    texts: NDArray[np.int64]
    words: NDArray[np.int64]

    def telling(self) -> "Said":
        """The same without the commonest words of the language, which say nothing of a short text."""
        kept = telling(self.numbers)
        stays = np.fromiter((word in kept for word in self.numbers), dtype=bool, count=len(self.numbers))[self.words]
        return Said(self.size, self.numbers, self.texts[stays], self.words[stays])

    def among(self, texts: NDArray[np.intp]) -> "Said":
        """Of these texts only, which are then numbered from 0."""
        number = np.full(self.size, -1)
        number[texts] = np.arange(len(texts))
        stays = number[self.texts] >= 0
        return Said(len(texts), self.numbers, number[self.texts[stays]], self.words[stays])


def said_in(texts: Sequence[str]) -> Said:
    """The words of all these texts, read once for all documents that are made of them."""
    numbers: dict[str, int] = {}
    spoken: list[int] = []
    lengths: list[int] = []
    for text in texts:
        words = words_of(text)
        lengths.append(len(words))
        spoken += [numbers.setdefault(word, len(numbers)) for word in words]
    return Said(len(texts), numbers, np.repeat(np.arange(len(texts)), lengths), np.array(spoken, dtype=np.int64))


class BM25:
    """Scores documents, each made of one text or of several."""

    def __init__(self, said: Said, document_of: NDArray[np.intp], *, size: int, length_weight: float) -> None:
        """`document_of` gives the document of each text, 0 to `size` - 1."""
        documents = document_of[said.texts]
        lengths = np.bincount(documents, minlength=size)
        norms = SATURATION * (1 - length_weight + length_weight * lengths / max(lengths.sum() / max(size, 1), 1.0))
        found, times = np.unique(said.words * size + documents, return_counts=True)
        word, place = np.divmod(found, max(size, 1))
        held = np.bincount(word, minlength=len(said.numbers))
        rarity = np.log(1 + (size - held + 0.5) / (held + 0.5))
        self._size, self._numbers = size, said.numbers
        self._starts = np.concatenate([[0], np.cumsum(held)])
        self._places = place.astype(np.int32)
        self._weights = (rarity[word] * times * (SATURATION + 1) / (times + norms[place])).astype(np.float32)

    def scores(self, words: Iterable[str]) -> NDArray[np.float64]:
        """One score a document, 0 where it has none of the words; a word that is said twice counts twice."""
        scores = np.zeros(self._size)
        for word, times in Counter(words).items():
            number = self._numbers.get(word)
            if number is not None:
                held = slice(self._starts[number], self._starts[number + 1])
                scores[self._places[held]] += times * self._weights[held]
        return scores
