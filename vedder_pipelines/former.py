"""What the warehouse was like when the pairs of a cluster last held: without it nobody knows what became of a name.

Kept until no pair of the cluster is broken by what changed since then. Plain code without Dagster.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vedder_core.cluster import Cluster
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.missing import UNCHANGED
from vedder_core.profile import Profile
from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaDiff
from vedder_core.schema_diff import schema_diff
from vedder_pipelines.remembered import FORMER, HELD
from vedder_pipelines.validation import VerdictReport


@dataclass(frozen=True)
class Ground:
    """What a cluster stands on now: the whole catalog, and its datasets' profiles by name."""

    catalog: Catalog
    profiles: Mapping[str, Profile]

    def by_table(self) -> Mapping[str, Profile]:
        return _by_table(self.profiles, self.catalog)


def changes_since_held(memory: Memory, catalogs: Catalogs, cluster: Cluster, ground: Ground) -> SchemaDiff:
    """All changes of the warehouse since the pairs of the cluster last held; none where that is not known."""
    held = HELD.recall(memory, [cluster.name]).get(cluster.name)
    before = catalogs.get(held) if held is not None and held != ground.catalog.digest else None
    if before is None:
        return UNCHANGED
    names = [dataset.name for dataset in cluster.datasets]
    former = _by_table(FORMER.recall_in(memory, cluster.name, names), before)
    return schema_diff(before, ground.catalog, profiles_before=former, profiles_after=ground.by_table())


def remember_held(memory: Memory, catalogs: Catalogs, cluster: Cluster, ground: Ground, report: VerdictReport) -> None:
    """From now on this is the ground on which the pairs held, unless the last one is needed still."""
    names = [dataset.name for dataset in cluster.datasets]
    held = HELD.recall(memory, [cluster.name]).get(cluster.name)
    if held is not None and is_needed(report):
        return
    former = FORMER.recall_in(memory, cluster.name, names)
    fresh = {name: profile for name, profile in ground.profiles.items() if former.get(name) != profile}
    FORMER.remember_in(memory, cluster.name, fresh, forget=set(former) - set(ground.profiles))
    if held != ground.catalog.digest:
        HELD.remember(memory, {cluster.name: catalogs.put(ground.catalog)})


def is_needed(report: VerdictReport) -> bool:
    """Is some pair broken for a reason that only the ground before can explain?"""
    return any(verdict.confidence is not None for verdict in report.broken().values())


def _by_table(profiles: Mapping[str, Profile], catalog: Catalog) -> Mapping[str, Profile]:
    """By the name of the table as the warehouse spells it."""
    found = {name: catalog.find(name) for name in profiles}
    return {table.name: profiles[name] for name, table in found.items() if table is not None}
