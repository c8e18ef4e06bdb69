"""Gathers the facts of a cluster from what the pipeline remembers; it measures nothing itself."""

from datetime import datetime

from vedder_core.cluster import Cluster
from vedder_core.context.memory import Memory
from vedder_core.schema import Catalog
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.remembered import EXPECTATIONS, PROFILES, VERDICTS


def facts_of(cluster: Cluster, catalog: Catalog, memory: Memory, *, now: datetime) -> Facts:
    """What was last found out about a cluster; nothing about datasets that the warehouse no longer has."""
    names = [dataset.name for dataset in cluster.datasets]
    there = [name for name in names if catalog.find(name) is not None]
    checked = EXPECTATIONS.recall_in(memory, cluster.name, there)
    return Facts(
        cluster=cluster,
        now=now,
        profiles=PROFILES.recall_in(memory, cluster.name, there),
        missing=frozenset(names) - frozenset(there),
        checked={name: result.checked for name, result in checked.items()},
        judged=VERDICTS.recall_in(memory, cluster.name, [pair.slug for pair in cluster.pairs]),
    )
