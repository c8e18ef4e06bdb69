"""The context at one version: what may teach, found by vector, by words, by id or in whole.

How found entries are ranked and joined is in `search.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedder_core.context.entry import ClusterCard, Entry, EntryKind
from vedder_core.context.lance import Table, one_of
from vedder_core.context.rows import COLUMNS, embedder_of, entries_from, texts_from, vectors_from
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError


@dataclass(frozen=True, eq=False, slots=True)
class Match:
    """An entry, its own vector, and how near it is: a cosine from `Snapshot.vector`, BM25 from `Snapshot.text`."""

    entry: Entry
    score: float
    vector: Vectors


@dataclass(frozen=True, eq=False, slots=True)
class Slice:
    """Everything that may teach, in memory: row i of `vectors` belongs to `texts[i]`, and so on."""

    clusters: tuple[str, ...]
    kinds: tuple[str, ...]
    texts: tuple[str, ...]
    vectors: Vectors


class Snapshot:
    """The context at one version, for the length of a question; later publishes do not show.

    Everything here gives only entries with status `valid`, except `listing`, which is for people and never teaches.
    """

    def __init__(self, table: Table, embedder: Embedder | None) -> None:
        self.version = table.version
        self.embedder, self.dimension = embedder_of(table.schema)
        self._table = table
        self._reader = embedder

    def vector(
        self,
        vector: Vectors,
        *,
        kinds: Iterable[EntryKind] = (),
        clusters: Iterable[str] = (),
        limit: int = 10,
    ) -> tuple[Match, ...]:
        """Nearest first, by cosine. Raises ContextError where the vectors are another embedder's."""
        self.check_embedder()
        rows = self._table.near(vector, _valid(kinds, clusters), limit=limit)
        return _matches(rows, 1 - rows["_distance"].to_numpy())

    def text(
        self, words: str, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = (), limit: int = 10
    ) -> tuple[Match, ...]:
        """Best first, by BM25 over stemmed words. `words` is anything that a person typed."""
        rows = self._table.matching(words, _valid(kinds, clusters), limit=limit)
        return _matches(rows, rows["_score"].to_numpy())

    def get(self, ids: Iterable[str]) -> tuple[Entry, ...]:
        """The valid entries with these ids, in the order of the ids; ids that are not there are left out."""
        ids = tuple(ids)
        found = {entry.id: entry for entry in self._entries(f"{one_of('id', ids)} AND {_valid((), ())}")}
        return tuple(found[id_] for id_ in ids if id_ in found)

    def entries(self, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = ()) -> tuple[Entry, ...]:
        """All valid entries of some kinds and clusters (none named: of all), by id."""
        return self._entries(_valid(kinds, clusters))

    def listing(self, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = ()) -> tuple[Entry, ...]:
        """As `entries`, with broken and drifted ones: for pages and reports, never for teaching."""
        return self._entries(_among(kinds, clusters))

    def cluster_cards(self) -> tuple[ClusterCard, ...]:
        """The cards of all clusters, by name."""
        return self._cards

    @cached_property
    def _cards(self) -> tuple[ClusterCard, ...]:
        cards = (entry.carried() for entry in self.listing(kinds=("cluster",)))
        return tuple(card for card in cards if isinstance(card, ClusterCard))

    def slice(self) -> Slice:
        """All valid entries in memory: to rank all of them at once is many times cheaper there than in the table."""
        self.check_embedder()
        rows = self._table.rows(_valid((), ()), columns=["id", "cluster", "kind", "text", "vector"]).sort_by("id")
        clusters, kinds, texts = (texts_from(rows, name) for name in ("cluster", "kind", "text"))
        return Slice(clusters, kinds, texts, vectors_from(rows))

    def check_embedder(self) -> None:
        """Raises ContextError where the reader's vectors and the table's are not of one model."""
        if self._reader is None:
            raise ContextError("This reader was opened without an embedder.", hint="Open it with one to search.")
        if (self._reader.name, self._reader.dimension) != (self.embedder, self.dimension):
            raise ContextError(
                f"The context was built with the embedder {self.embedder} ({self.dimension} numbers), and this process "
                f"uses {self._reader.name} ({self._reader.dimension}).",
                hint="Set VEDDER_EMBEDDER to that one, or run the pipelines with the new one: they re-embed it all.",
            )

    def _entries(self, where: str) -> tuple[Entry, ...]:
        return tuple(sorted(entries_from(self._table.rows(where, columns=COLUMNS)), key=lambda entry: entry.id))


def _matches(rows: pa.Table, scores: NDArray[np.float64]) -> tuple[Match, ...]:
    found = zip(entries_from(rows), scores, vectors_from(rows), strict=True)
    return tuple(Match(entry, float(score), vector) for entry, score, vector in found)


def _valid(kinds: Iterable[EntryKind], clusters: Iterable[str]) -> str:
    return f"status = 'valid' AND {_among(kinds, clusters)}"


def _among(kinds: Iterable[EntryKind], clusters: Iterable[str]) -> str:
    filters = [
        one_of(column, named) for column, named in (("kind", tuple(kinds)), ("cluster", tuple(clusters))) if named
    ]
    return " AND ".join(filters) or "true"
