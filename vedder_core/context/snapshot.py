"""The context at one version: what may teach, found by vector, by words, by id or in whole.

A reader with an embedder answers questions, so it holds all of it in memory from the first question on; one without
lists and holds nothing. How entries are ranked for a question is in `search.py`.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedder_core.calibration import Calibration
from vedder_core.context.calibrations import IS_CALIBRATION, IS_ENTRY, calibration_in
from vedder_core.context.covered import WITNESSES, Covered
from vedder_core.context.entry import ClusterCard, Entry, EntryKind
from vedder_core.context.lance import Table, one_of
from vedder_core.context.routing import Router
from vedder_core.context.rows import COLUMNS, embedder_of, entries_from, rows_of, vectors_from
from vedder_core.context.slice import Slice
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError


@dataclass(frozen=True, eq=False, slots=True)
class Match:
    """An entry, its own vector, and how near it is: a cosine from `Snapshot.vector`, BM25 from `Snapshot.text`."""

    entry: Entry
    score: float
    vector: Vectors


class Snapshot:
    """The context at one version, for the length of a question; later publishes do not show.

    Everything here gives only entries with status `valid`, except `listing`, which is for people and never teaches.
    """

    def __init__(self, table: Table, embedder: Embedder | None) -> None:
        self.version = table.version
        self.embedder, self.dimension = embedder_of(table.schema)
        self._table = table
        self._reader = embedder
        self._lock = threading.Lock()
        self._held: tuple[Slice, Router] | None = None

    @property
    def slice(self) -> Slice:
        """All valid entries in memory; read when first asked for, once for all threads."""
        return self._in_memory()[0]

    @property
    def router(self) -> Router:
        """What ranks the clusters of this version."""
        return self._in_memory()[1]

    @cached_property
    def drifted(self) -> tuple[Entry, ...]:
        """The pairs that still run and now mislead: to say why a question is not answered, never for teaching."""
        return self._entries(f"{_among(('pair',), ())} AND {one_of('status', ['drifted'])}")

    @cached_property
    def covered(self) -> Covered:
        """What hears how well each cluster of this version covers a question."""
        return Covered(self.slice)

    @cached_property
    def calibration(self) -> Calibration | None:
        """The calibration that this version has; None where there is none, or one of another embedder's vectors or of
        other witnesses."""
        found = calibration_in(self._table.rows(IS_CALIBRATION, columns=["payload"]))
        if found is None or found.embedder != self.embedder or found.witnesses != WITNESSES:
            return None
        return found

    def _in_memory(self) -> tuple[Slice, Router]:
        with self._lock:
            return self._held or self._hold(self._table.rows(_valid((), ()), columns=[*COLUMNS, "vector"]))

    def _hold(self, rows: pa.Table) -> tuple[Slice, Router]:
        held = Slice(rows)
        self._held = held, Router(held)
        return self._held

    def vector(
        self,
        vector: Vectors,
        *,
        kinds: Iterable[EntryKind] = (),
        clusters: Iterable[str] = (),
        limit: int = 10,
    ) -> tuple[Match, ...]:
        """Nearest first by cosine, by the table's own search. Raises ContextError: vectors of another embedder."""
        self.check_embedder()
        rows = self._table.near(vector, _valid(kinds, clusters), limit=limit)
        return _matches(rows, 1 - rows["_distance"].to_numpy())

    def text(
        self, words: str, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = (), limit: int = 10
    ) -> tuple[Match, ...]:
        """Best first by BM25 over stemmed words, by the table's own search. `words` is anything that a person typed."""
        rows = self._table.matching(words, _valid(kinds, clusters), limit=limit)
        return _matches(rows, rows["_score"].to_numpy())

    def get(self, ids: Iterable[str]) -> tuple[Entry, ...]:
        """The valid entries with these ids, in the order of the ids; ids that are not there are left out."""
        if self._reader is not None:
            return self.slice.get(ids)
        ids = tuple(ids)
        found = {entry.id: entry for entry in self._entries(f"{one_of('id', ids)} AND {_valid((), ())}")}
        return tuple(found[id_] for id_ in ids if id_ in found)

    def entries(self, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = ()) -> tuple[Entry, ...]:
        """All valid entries of some kinds and clusters (none named: of all), by id."""
        if self._reader is not None:
            return tuple(self.slice.entries[place] for place in self.slice.among(kinds, clusters).tolist())
        return self._entries(_valid(kinds, clusters))

    def listing(self, *, kinds: Iterable[EntryKind] = (), clusters: Iterable[str] = ()) -> tuple[Entry, ...]:
        """As `entries`, with broken and drifted ones: for pages and reports, never for teaching."""
        return self._entries(_among(kinds, clusters))

    def cluster_cards(self) -> tuple[ClusterCard, ...]:
        """The cards of all clusters, by name."""
        return self._cards

    @cached_property
    def _cards(self) -> tuple[ClusterCard, ...]:
        cards = (entry.carried() for entry in self.entries(kinds=("cluster",)))
        return tuple(card for card in cards if isinstance(card, ClusterCard))

    def changed(self, change: Callable[[Entry], Entry | None]) -> "Snapshot":
        """This version as it would be with each entry changed, or left out where `change` gives None.

        In memory alone: nothing is published, and what looks in the table (`vector`, `text`, `listing`) sees no change.
        Only changed texts are embedded. Raises ContextError or EmbedderError.
        """
        self.check_embedder()
        held = self.slice
        entries = [made for entry in held.entries if (made := change(entry)) is not None]
        vectors = {entry.text_hash: vector for entry, vector in zip(held.entries, held.vectors, strict=True)}
        missing = {entry.text_hash: entry.text for entry in entries if entry.text_hash not in vectors}
        if missing and self._reader is not None:
            vectors.update(zip(missing, self._reader.embed(list(missing.values())), strict=True))
        other = Snapshot(self._table, self._reader)
        other._hold(rows_of(entries, vectors, self._table.schema))
        return other

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
    return " AND ".join([IS_ENTRY, *filters])
