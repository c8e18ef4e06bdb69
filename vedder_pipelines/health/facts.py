"""Gathers the facts of a cluster from what the pipeline remembers; it measures nothing itself."""

from datetime import datetime

from vedder_core.cluster import Cluster
from vedder_core.context.memory import Memory
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.remembered import EXPECTATIONS, PROFILES, VERDICTS


def facts_of(cluster: Cluster, memory: Memory, *, now: datetime) -> Facts:
    """What was last found out about a cluster. A dataset without a profile is one that the warehouse could not read."""
    names = [dataset.name for dataset in cluster.datasets]
    profiles = PROFILES.recall_in(memory, cluster.name, names)
    checked = EXPECTATIONS.recall_in(memory, cluster.name, profiles)
    return Facts(
        cluster=cluster,
        now=now,
        profiles=profiles,
        missing=frozenset(names) - frozenset(profiles),
        checked={name: result.checked for name, result in checked.items()},
        judged=VERDICTS.recall_in(memory, cluster.name, [pair.slug for pair in cluster.pairs]),
    )
