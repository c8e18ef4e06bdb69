"""Every reading of every cluster's health, for plots and for the latest state. Only ever appended to."""

from collections.abc import Mapping
from datetime import timedelta

import pyarrow as pa
from pydantic import TypeAdapter

from vedder_core.context.lance import Store, one_of
from vedder_core.context.rows import texts_from
from vedder_core.health import Health

HEALTH = "health_history"
JSON = TypeAdapter(Health)
COLUMNS: Mapping[str, pa.DataType] = {
    "cluster": pa.string(),
    "measured_at": pa.timestamp("us", "UTC"),
    "score": pa.float64(),
    "band": pa.string(),
    "health": pa.string(),
}
SCHEMA = pa.schema(COLUMNS)


class HealthHistory:
    """Written by the pipelines, read by everyone."""

    def __init__(self, url: str) -> None:
        self._store = Store(url)

    def append(self, health: Health) -> None:
        row = {
            "cluster": health.cluster,
            "measured_at": health.measured_at,
            "score": health.score,
            "band": health.band,
            "health": JSON.dump_json(health).decode(),
        }
        self._store.open_or_create(HEALTH, SCHEMA).append(pa.Table.from_pylist([row], SCHEMA))

    def history(self, cluster: str) -> tuple[Health, ...]:
        """All readings of a cluster, oldest first."""
        return self._read(one_of("cluster", [cluster]))

    def latest(self) -> dict[str, Health]:
        """The newest reading of each cluster that was ever measured, by cluster."""
        return {health.cluster: health for health in self._read(None)}

    def compact(self, keep: timedelta) -> None:
        """Many small commits become few large parts; versions older than `keep` go."""
        table = self._store.open(HEALTH)
        if table is not None:
            table.optimize(keep)

    def _read(self, where: str | None) -> tuple[Health, ...]:
        table = self._store.open(HEALTH)
        if table is None:
            return ()
        rows = table.rows(where, columns=["measured_at", "health"]).sort_by("measured_at")
        return tuple(JSON.validate_json(text) for text in texts_from(rows, "health"))
