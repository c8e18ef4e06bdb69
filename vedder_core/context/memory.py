"""What the pipelines remember between assets and runs: last profiles, last verdicts. Only they read it.

Each commit leaves a small part, and every look goes through all of them, so every so many commits they become few large
ones with an index. What the values mean is not known here.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from vedder_core.context.lance import Store, below, key_field, one_of
from vedder_core.context.rows import texts_from

MEMORY = "memory"
SCHEMA = pa.schema(
    [
        key_field("kind", 1),
        key_field("key", 2),
        pa.field("value", pa.string()),
        pa.field("updated_at", pa.timestamp("us", "UTC")),
    ]
)

TIDY_EVERY = 32
"""Versions after which the small parts become large ones: all of it costs as much as a few looks into small parts."""

KEPT = timedelta(hours=1)
"""Old versions stay for whoever reads them now, and for nothing else."""


class Memory:
    """JSON by kind and key, in the context's database."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)

    def recall(self, kind: str, keys: Iterable[str] | None = None) -> dict[str, str]:
        """What is remembered of a kind, of some keys or of all; what is not known is left out."""
        return self._recall(one_of("kind", [kind]) + (f" AND {one_of('key', keys)}" if keys is not None else ""))

    def recall_below(self, kind: str, above: str) -> dict[str, str]:
        """What is remembered of a kind under every key that begins with `above/`."""
        return self._recall(f"{one_of('kind', [kind])} AND {below('key', above)}")

    def _recall(self, where: str) -> dict[str, str]:
        table = self._store.open(MEMORY)
        if table is None:
            return {}
        rows = table.rows(where, columns=["key", "value"])
        return dict(zip(texts_from(rows, "key"), texts_from(rows, "value"), strict=True))

    def remember(self, kind: str, values: Mapping[str, str], *, forget: Iterable[str] = ()) -> None:
        """Write some keys of a kind and forget others, in one commit; none where there is nothing to do."""
        gone = [key for key in forget if key not in values]
        if not values and not gone:
            return
        now = datetime.now(UTC)
        rows = [{"kind": kind, "key": key, "value": value, "updated_at": now} for key, value in values.items()]
        table = self._store.open_or_create(MEMORY, SCHEMA).latest()
        delete = f"{one_of('kind', [kind])} AND {one_of('key', gone)}" if gone else None
        version = table.merge(pa.Table.from_pylist(rows, SCHEMA), on=["kind", "key"], delete_where=delete)
        if version % TIDY_EVERY == 0:
            self.compact()

    def compact(self, keep: timedelta = KEPT) -> None:
        """Many small commits become few large parts with an index of their keys; versions older than `keep` go."""
        table = self._store.open(MEMORY)
        if table is not None:
            table.index_keys("key")
            table.optimize(keep)
