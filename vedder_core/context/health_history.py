"""Every reading of every cluster's health, for plots and for the latest state. Only ever appended to."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pyarrow as pa
from pydantic import TypeAdapter

from vedder_core.context.lance import Store, Table, one_of
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
        table = self._store.open(HEALTH)
        return () if table is None else _healths(table, one_of("cluster", [cluster]))

    def latest(self, clusters: Collection[str] | None = None) -> dict[str, Health]:
        """The newest reading of each of these clusters that was measured, by cluster; of all ever measured if None.

        Of older readings only the moments are read.
        """
        table = self._store.open(HEALTH)
        if table is None:
            return {}
        where = None if clusters is None else one_of("cluster", clusters)
        moments = table.rows(where, columns=["cluster", "measured_at"]).group_by("cluster")
        newest = moments.aggregate([("measured_at", "max")]).to_pylist()
        if not newest:
            return {}
        of_one = (f"({one_of('cluster', [row['cluster']])} AND {_at(row['measured_at_max'])})" for row in newest)
        return {health.cluster: health for health in _healths(table, " OR ".join(of_one))}

    def compact(self, keep: timedelta) -> None:
        """Many small commits become few large parts; versions older than `keep` go."""
        table = self._store.open(HEALTH)
        if table is not None:
            table.optimize(keep)


def _healths(table: Table, where: str) -> tuple[Health, ...]:
    rows = table.rows(where, columns=["measured_at", "health"]).sort_by("measured_at")
    return tuple(JSON.validate_json(text) for text in texts_from(rows, "health"))


def _at(moment: datetime) -> str:
    """A filter: measured at this moment. The store reads a moment without a zone as one in UTC, as it keeps them."""
    return f"measured_at = timestamp '{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}'"
