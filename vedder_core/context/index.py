"""The context's one table, `entries`: published cluster by cluster, read at one version at a time.

Publishing a cluster is one merge commit, so a reader sees the old version or the new one, never half. Ranking is in
`search.py`; what an entry says is written by the publisher.
"""

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pyarrow as pa

from vedder_core.calibration import Calibration
from vedder_core.context.calibrations import row_of
from vedder_core.context.entry import Entry
from vedder_core.context.lance import Store, Table, one_of
from vedder_core.context.rows import (
    COLUMNS,
    embedder_of,
    entries_from,
    entries_schema,
    rows_of,
    texts_from,
    vectors_from,
)
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import ContextError

ENTRIES = "entries"
VECTOR_INDEX_FROM = 50_000
"""Rows from which a vector index pays; below it, the exact search is fast enough."""

OLDER_VERSIONS = 2
"""That a reader keeps beside the newest: replays of a few answers then read an old version once."""

CLUSTER_NAME = re.compile(r"[a-z][a-z0-9_]*")
RUN_PIPELINES = "Publish the clusters first: `make demo`, or materialise their `context` assets."


@dataclass(frozen=True, slots=True)
class Published:
    """What one publish did. `embedded` counts the texts that had to be turned into vectors; the others were known."""

    version: int
    inserted: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    embedded: int = 0

    @property
    def changed(self) -> bool:
        """False: there was nothing to publish, and no commit was made."""
        return self.inserted + self.updated + self.deleted > 0


class ContextWriter:
    """The only writer of the context: the pipelines. Several may write at once, in any number of processes."""

    def __init__(self, url: str, embedder: Embedder) -> None:
        self._store = Store(url)
        self._embedder = embedder
        self._schema = entries_schema(embedder)

    def publish(self, cluster: str, entries: Sequence[Entry]) -> Published:
        """Make `entries` the whole of a cluster in one commit; none where nothing changed.

        The cluster's card must be among them: every publish rewrites it, so that two publishers of one cluster
        always meet, and the later one starts from what the earlier one left.
        """
        _check(cluster, entries)
        table = self._table()
        old = _hashes(table, cluster)
        new = {entry.id: entry.content_hash for entry in entries}
        counts = Published(
            version=table.version,
            inserted=len(new.keys() - old.keys()),
            updated=sum(old.get(id_, hash_) != hash_ for id_, hash_ in new.items()),
            deleted=len(old.keys() - new.keys()),
            unchanged=sum(old.get(id_) == hash_ for id_, hash_ in new.items()),
        )
        if not counts.changed:
            return counts
        rows, embedded = self._rows(table, entries)
        version = table.merge(
            rows,
            on=["id"],
            update_where="target.content_hash != source.content_hash OR target.kind = 'cluster'",
            delete_where=one_of("cluster", [cluster]),
        )
        return Published(version, counts.inserted, counts.updated, counts.deleted, counts.unchanged, embedded)

    def calibrate(self, calibration: Calibration) -> int:
        """Put a calibration in the place of the one before, in one commit; gives the version that has it."""
        table = self._table()
        return table.merge(row_of(calibration, table.schema), on=["id"])

    def withdraw(self, cluster: str) -> Published:
        """Take a cluster and all its entries out of the context, in one commit."""
        table = self._table()
        gone = len(_hashes(table, cluster))
        if not gone:
            return Published(table.version)
        return Published(table.delete(one_of("cluster", [cluster])), deleted=gone)

    def maintain(self, keep: timedelta, *, vector_index_from: int = VECTOR_INDEX_FROM) -> None:
        """Compact, index what is new, and drop versions older than `keep`. Readers are not disturbed."""
        table = self._table()
        if table.count() >= vector_index_from:
            table.index_vectors()
        table.optimize(keep)

    def _table(self) -> Table:
        """The table at its latest version, with this writer's embedder and with its indexes."""
        table = self._store.open_or_create(ENTRIES, self._schema).latest()
        if embedder_of(table.schema) != embedder_of(self._schema):
            table = self._rebuilt(table)
        table.index()
        return table.latest()

    def _rebuilt(self, table: Table) -> Table:
        """The same entries with this embedder's vectors, in one commit.

        A replacing commit meets no conflicts, so what others committed in the meantime is looked for afterwards.
        """
        before = table.version
        while True:
            entries = entries_from(table.rows(columns=COLUMNS))
            replaced = self._store.replace(ENTRIES, self._rows(None, entries)[0])
            overtaken = self._store.open(ENTRIES, version=replaced.version - 1)
            if replaced.version == before + 1 or overtaken is None:
                return replaced
            table, before = overtaken, replaced.version

    def _rows(self, known: Table | None, entries: Sequence[Entry]) -> tuple[pa.Table, int]:
        """The rows of entries with their vectors, and how many texts had to be embedded for them."""
        texts = {entry.text_hash: entry.text for entry in entries}
        vectors = _vectors_of(known, texts) if known else {}
        missing = [hash_ for hash_ in texts if hash_ not in vectors]
        vectors.update(zip(missing, self._embedder.embed([texts[hash_] for hash_ in missing]), strict=True))
        return rows_of(entries, vectors, self._schema), len(missing)


def _check(cluster: str, entries: Sequence[Entry]) -> None:
    if not CLUSTER_NAME.fullmatch(cluster):
        raise ContextError(f"`{cluster}` is no name for a cluster.", hint="Lower case letters, digits and `_`.")
    strangers = sorted({entry.id for entry in entries if entry.cluster != cluster})
    twice = sorted(id_ for id_, times in Counter(entry.id for entry in entries).items() if times > 1)
    if strangers or twice or sum(entry.kind == "cluster" for entry in entries) != 1:
        raise ContextError(
            f"The entries of `{cluster}` do not make a cluster: of another cluster {strangers}, twice {twice}.",
            hint="A publish needs one card (kind `cluster`), unique ids, and entries of that cluster only.",
        )


def _hashes(table: Table, cluster: str) -> dict[str, str]:
    rows = table.rows(one_of("cluster", [cluster]), columns=["id", "content_hash"])
    return dict(zip(texts_from(rows, "id"), texts_from(rows, "content_hash"), strict=True))


def _vectors_of(table: Table, text_hashes: Iterable[str]) -> dict[str, Vectors]:
    rows = table.rows(one_of("text_hash", text_hashes), columns=["text_hash", "vector"])
    return dict(zip(texts_from(rows, "text_hash"), vectors_from(rows), strict=True))


class ContextReader:
    """The context as published. One a process: it keeps the newest snapshot, and looks for a newer one when asked.

    Without an embedder it reads and lists, but does not search by meaning.
    """

    def __init__(self, url: str, embedder: Embedder | None = None) -> None:
        self._store = Store(url)
        self._embedder = embedder
        self._lock = threading.Lock()
        self._live: Table | None = None
        self._newest: Snapshot | None = None
        self._older: OrderedDict[int, Snapshot] = OrderedDict()

    @property
    def version(self) -> int:
        """The newest version. Raises ContextError when nothing was published yet."""
        return self.snapshot().version

    @property
    def has_read(self) -> bool:
        """Whether a version was read already, so that there is a context that this reader can read."""
        return self._newest is not None

    def snapshot(self) -> Snapshot:
        """The newest version, to be used for one whole question. Raises ContextError: none, or another embedder's."""
        with self._lock:
            self._live = self._live.latest() if self._live else self._store.open(ENTRIES)
            if self._live is None:
                raise ContextError(f"There is no context at {self._store.url} yet.", hint=RUN_PIPELINES)
            if self._newest is None or self._newest.version != self._live.version:
                self._newest = self._opened(self._live.version)
            return self._newest

    def _opened(self, version: int) -> Snapshot:
        snapshot = self._read(version)
        if self._embedder is not None:
            snapshot.check_embedder()
        if not snapshot.cluster_cards():
            raise ContextError(f"The context at {self._store.url} holds no clusters.", hint=RUN_PIPELINES)
        return snapshot

    def at(self, version: int) -> Snapshot:
        """An older version, as a receipt cites it. Raises ContextError when it is not kept any more."""
        with self._lock:
            if self._newest is not None and self._newest.version == version:
                return self._newest
            if version not in self._older:
                self._older[version] = self._read(version)
            self._older.move_to_end(version)
            while len(self._older) > OLDER_VERSIONS:
                self._older.popitem(last=False)
            return self._older[version]

    def _read(self, version: int) -> Snapshot:
        table = self._store.open(ENTRIES, version=version)
        if table is None:
            raise ContextError(f"There is no context at {self._store.url} yet.", hint=RUN_PIPELINES)
        return Snapshot(table, self._embedder)
