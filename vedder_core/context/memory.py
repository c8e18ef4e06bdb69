"""What the pipelines remember between assets and runs: last profiles, last verdicts. Only they read it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from vedder_core.context.lance import Store, key_field, one_of
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


class Memory:
    """JSON by kind and key, in the context's database."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)

    def recall(self, kind: str, keys: Iterable[str] | None = None) -> dict[str, str]:
        """What is remembered of a kind, of some keys or of all; what is not known is left out."""
        table = self._store.open(MEMORY)
        if table is None:
            return {}
        where = one_of("kind", [kind]) + (f" AND {one_of('key', keys)}" if keys is not None else "")
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
        table.merge(pa.Table.from_pylist(rows, SCHEMA), on=["kind", "key"], delete_where=delete)

    def compact(self, keep: timedelta) -> None:
        """Many small commits become few large parts; versions older than `keep` go."""
        table = self._store.open(MEMORY)
        if table is not None:
            table.optimize(keep)
