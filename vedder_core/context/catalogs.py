"""Snapshots of the warehouse's catalog, by digest, in the context's database. Only the pipelines read them.

One is kept for as long as somebody has to know what the warehouse was like then; who that is, is not known here.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from vedder_core.catalog_snapshot import from_bytes, to_bytes
from vedder_core.context.lance import Store, key_field, one_of
from vedder_core.context.rows import texts_from
from vedder_core.schema import Catalog

CATALOGS = "catalogs"
SCHEMA = pa.schema(
    [key_field("digest"), pa.field("snapshot", pa.large_binary()), pa.field("kept_at", pa.timestamp("us", "UTC"))]
)


class Catalogs:
    """Catalogs by digest."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)
        self._read: dict[str, Catalog] = {}

    def get(self, digest: str) -> Catalog | None:
        """The catalog with this digest, None if it is not kept. Raises SnapshotError of one that cannot be read."""
        if digest not in self._read:
            table = self._store.open(CATALOGS)
            rows = table.rows(one_of("digest", [digest]), columns=["snapshot"]) if table is not None else None
            if rows is None or rows.num_rows == 0:
                return None
            self._read[digest] = from_bytes(rows["snapshot"][0].as_py(), f"of digest {digest[:12]}")
        return self._read[digest]

    def put(self, catalog: Catalog) -> str:
        """Keep a catalog, unless it is kept already; its digest."""
        if catalog.digest not in self._read:
            if catalog.digest not in self.digests():
                row = {"digest": catalog.digest, "snapshot": to_bytes(catalog), "kept_at": datetime.now(UTC)}
                table = self._store.open_or_create(CATALOGS, SCHEMA).latest()
                table.merge(pa.Table.from_pylist([row], SCHEMA), on=["digest"])
            self._read[catalog.digest] = catalog
        return catalog.digest

    def digests(self) -> frozenset[str]:
        """Of all that are kept."""
        table = self._store.open(CATALOGS)
        return frozenset(texts_from(table.rows(columns=["digest"]), "digest")) if table is not None else frozenset()

    def keep(self, digests: Collection[str], versions: timedelta) -> None:
        """Forget all others; versions of the store that are older than `versions` go, too."""
        table = self._store.open(CATALOGS)
        if table is None:
            return
        gone = self.digests() - set(digests)
        if gone:
            table.latest().delete(one_of("digest", sorted(gone)))
            table.optimize(versions)
