"""A look at the whole catalog of the warehouse: is it what was reported last, and if not, what changed for whom?

Plain code without Dagster. A catalog with the same digest is not looked into.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vedder_core.cluster import Cluster
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.missing import UNCHANGED
from vedder_core.profile import Profile
from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaDiff
from vedder_core.schema_diff import schema_diff
from vedder_core.sql.below import below, standing_on
from vedder_pipelines.remembered import CATALOG, PROFILES, VERDICTS

LAST = "last"


@dataclass(frozen=True)
class CatalogChange:
    """`changes` since the last report (none at the first one). `clusters` and `pairs` (`cluster/slug`) are, by a
    changed table or routine, those that stand on it.
    """

    catalog: Catalog
    changes: SchemaDiff
    clusters: Mapping[str, tuple[str, ...]]
    pairs: Mapping[str, tuple[str, ...]]


def observe(memory: Memory, catalogs: Catalogs, catalog: Catalog, clusters: Iterable[Cluster]) -> CatalogChange | None:
    """What changed since `remember_catalog`; None where nothing did."""
    last = CATALOG.recall(memory, [LAST]).get(LAST)
    if last == catalog.digest:
        return None
    before = catalogs.get(last) if last is not None else None
    if before is None:
        return CatalogChange(catalog, UNCHANGED, {}, {})
    known = list(clusters)
    profiles = _profiles(memory, known, before)
    changes = schema_diff(before, catalog, profiles_before=profiles)
    listing, touching = _who(memory, known, changes, (before, catalog))
    return CatalogChange(catalog, changes, listing, touching)


def remember_catalog(memory: Memory, catalogs: Catalogs, catalog: Catalog) -> None:
    """From now on this catalog counts as reported."""
    CATALOG.remember(memory, {LAST: catalogs.put(catalog)})


def _profiles(memory: Memory, clusters: Iterable[Cluster], before: Catalog) -> dict[str, Profile]:
    names = [f"{cluster.name}/{dataset.name}" for cluster in clusters for dataset in cluster.datasets]
    found = PROFILES.recall(memory, names)
    tables = {key: before.find(key.partition("/")[2]) for key in found}
    return {table.name: found[key] for key, table in tables.items() if table is not None}


Named = dict[str, tuple[str, ...]]


def _who(
    memory: Memory, clusters: Iterable[Cluster], changes: SchemaDiff, sides: tuple[Catalog, Catalog]
) -> tuple[Named, Named]:
    """Who stands on what changed: clusters by their datasets, pairs by what they touched when they were judged."""
    changed = {*changes.tables(), *changes.routines}
    listing: dict[str, list[str]] = defaultdict(list)
    touching: dict[str, list[str]] = defaultdict(list)
    moved = [(side, standing_on(changed, side)) for side in sides]
    for cluster in clusters:
        names = [dataset.name for dataset in cluster.datasets]
        stands = any(side.spelled(name) in above for side, above in moved for name in names)
        reached = _reached(names, changed, sides) if stands else ()
        for name in reached:
            listing[name].append(cluster.name)
        judged = VERDICTS.recall_in(memory, cluster.name, (p.slug for p in cluster.pairs)) if reached else {}
        for slug, one in judged.items():
            for name in _reached(one.datasets, changed, sides):
                touching[name].append(f"{cluster.name}/{slug}")
    return {n: tuple(found) for n, found in listing.items()}, {n: tuple(found) for n, found in touching.items()}


def _reached(datasets: Iterable[str], changed: set[str], sides: tuple[Catalog, Catalog]) -> set[str]:
    named = tuple(datasets)
    grounds = [below(named, side) for side in sides]
    return changed & {name for ground in grounds for name in (*ground.tables, *ground.routines)}
