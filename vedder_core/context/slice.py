"""Everything of one version that may teach, in memory: ranking all of it here is many times cheaper than in the table.

10,000 entries with vectors of 512 numbers take about 50 MB (20 of it the vectors) and 0.4 s of CPU to make, reading
included; what their payloads hold is parsed by those who ask for it. Deliberately not here: what a score means
(`search.py`), which cluster a question is about (`routing.py`), and anything with another status than `valid`.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedder_core.context.bm25 import BM25, Said, said_in
from vedder_core.context.entry import Entry, EntryKind
from vedder_core.context.rows import entries_from, vectors_from
from vedder_core.embedder.vectors import Vectors

LENGTH_WEIGHT = 0.75
"""Of BM25 over entries, as in the table's own full-text index."""

BLOCK = 256
"""Vectors that a processor's cache holds beside those that are compared with them."""


class Slice:
    """Entries by id; row i of `vectors` and score i belong to `entries[i]`. It never changes: threads may share it."""

    def __init__(self, rows: pa.Table) -> None:
        entries = entries_from(rows)
        order = sorted(range(len(entries)), key=lambda place: entries[place].id)
        self.entries = tuple(entries[place] for place in order)
        self.vectors: Vectors = vectors_from(rows)[order]
        self.said = said_in([entry.text for entry in self.entries])
        self._place = {entry.id: place for place, entry in enumerate(self.entries)}
        self._of_cluster = _places(entry.cluster for entry in self.entries)
        self._of_kind = _places(entry.kind for entry in self.entries)
        telling = self.said.telling()
        self._words = [(places, _bm25(telling.among(places))) for places in self._of_kind.values()]

    def among(self, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = ()) -> NDArray[np.intp]:
        """The places of some kinds and clusters (none named: of all), in order."""
        mask = np.ones(len(self.entries), dtype=bool)
        for places_of, named in ((self._of_kind, tuple(kinds)), (self._of_cluster, tuple(clusters))):
            if named:
                wanted = np.zeros(len(self.entries), dtype=bool)
                for name in named:
                    wanted[places_of.get(name, [])] = True
                mask &= wanted
        return np.flatnonzero(mask)

    def get(self, ids: Iterable[str]) -> tuple[Entry, ...]:
        """The entries with these ids, in the order of the ids; ids that are not there are left out."""
        return tuple(self.entries[self._place[id_]] for id_ in ids if id_ in self._place)

    def cosines(self, vector: Vectors) -> Vectors:
        """Of every entry to a vector of length 1; equal texts are a tie.

        Row by row: a product with the whole matrix goes through BLAS's threads, which take four times as much CPU.
        """
        return np.asarray(np.vecdot(self.vectors, vector))

    def cosines_to_each(self, vectors: Vectors) -> Vectors:
        """Row i is `cosines(vectors[i])`, to the last bit; together they take a quarter of the CPU."""
        starts = range(0, len(self.entries), BLOCK)
        blocks = [np.vecdot(self.vectors[np.newaxis, at : at + BLOCK], vectors[:, np.newaxis]) for at in starts]
        return np.concatenate(blocks, axis=1) if blocks else np.empty((len(vectors), 0), dtype=np.float32)

    def bm25(self, words: Iterable[str]) -> NDArray[np.float64]:
        """Of every entry among those of its kind; 0 where it has none of the words.

        By kind, because a word that hardly a dataset has may stand in every other question, and is then no less telling
        of datasets.
        """
        words, scores = tuple(words), np.zeros(len(self.entries))
        for places, of_kind in self._words:
            scores[places] = of_kind.scores(words)
        return scores


def _bm25(said: Said) -> BM25:
    return BM25(said, np.arange(said.size), size=said.size, length_weight=LENGTH_WEIGHT)


def _places(names: Iterable[str]) -> dict[str, NDArray[np.intp]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, name in enumerate(names):
        places[name].append(place)
    return {name: np.array(found, dtype=np.intp) for name, found in places.items()}
