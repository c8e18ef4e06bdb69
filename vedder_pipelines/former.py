"""What the warehouse was like when the pairs of a cluster last held: without it nobody knows what became of a name.

The whole of it is kept until no pair is broken by what is called otherwise now. A table that is gone, or has lost a
column, under no name that could be found is kept by itself for as long as a pair misses it: its successor may come
later. Plain code without Dagster.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from vedder_core.cluster import Cluster
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.missing import UNCHANGED
from vedder_core.profile import Profile
from vedder_core.schema import Catalog, FingerprintedTables, Table
from vedder_core.schema_change import SchemaDiff
from vedder_core.schema_diff import schema_diff
from vedder_core.verdict import Broken
from vedder_pipelines.former_values import still_told
from vedder_pipelines.remembered import FORMER, HELD, LOST
from vedder_pipelines.validation import Judged, VerdictReport


@dataclass(frozen=True)
class Ground:
    """What a cluster stands on now: the whole catalog, and its datasets' profiles by name."""

    catalog: Catalog
    profiles: Mapping[str, Profile]

    def by_table(self) -> Mapping[str, Profile]:
        return _by_table(self.profiles, self.catalog)


def changes_since_held(memory: Memory, catalogs: Catalogs, cluster: Cluster, ground: Ground) -> SchemaDiff:
    """All changes of the warehouse since the pairs of the cluster last held; none where that is not known."""
    before = _before(memory, catalogs, cluster, ground)
    if before is None or before is ground.catalog:
        return UNCHANGED
    former = _by_table(FORMER.recall_in(memory, cluster.name, _names(cluster)), before)
    return schema_diff(before, ground.catalog, profiles_before=former, profiles_after=ground.by_table())


def remember_held(
    memory: Memory,
    catalogs: Catalogs,
    cluster: Cluster,
    ground: Ground,
    report: VerdictReport,
    changes: SchemaDiff = UNCHANGED,
) -> None:
    """From now on this is the ground on which the pairs held, but for what a broken pair needs still.

    `cluster` says all that may not be told; of what is kept, values that it withholds by now are forgotten. `changes`
    tell under which name a column is withheld.
    """
    before, needed = _before(memory, catalogs, cluster, ground), is_needed(report)
    former = FORMER.recall_in(memory, cluster.name, _names(cluster))
    if before is not None and needed:
        kept, lost = former, {}
    else:
        lost = dict(_lost(cluster, before, ground.catalog, report)) if before is not None else {}
        kept = {**ground.profiles, **{name: former[name] for name in lost if name in former}}
        LOST.remember_in(memory, cluster.name, lost, forget=_names(cluster) - lost.keys())
        if before is None or before.digest != ground.catalog.digest:
            HELD.remember(memory, {cluster.name: catalogs.put(ground.catalog)})
    kept = {name: still_told(profile, cluster, ground.profiles, changes) for name, profile in kept.items()}
    fresh = {name: profile for name, profile in kept.items() if former.get(name) != profile}
    FORMER.remember_in(memory, cluster.name, fresh, forget=former.keys() - kept.keys())


def is_needed(report: VerdictReport) -> bool:
    """Is some pair broken for a reason that only the ground before can explain?"""
    return any(verdict.confidence is not None for verdict in report.broken().values())


def _before(memory: Memory, catalogs: Catalogs, cluster: Cluster, ground: Ground) -> Catalog | None:
    """The catalog on which the pairs held, with what was lost before that and is still missed."""
    held = HELD.recall(memory, [cluster.name]).get(cluster.name)
    if held is None:
        return None
    catalog = ground.catalog if held == ground.catalog.digest else catalogs.get(held)
    lost = LOST.recall_in(memory, cluster.name, _names(cluster))
    if catalog is None or not lost:
        return catalog
    tables = WithLost(catalog, {table.name: table for table in lost.values()})
    return Catalog(catalog.engine, catalog.dialect, tables, catalog.routines)


def _lost(cluster: Cluster, before: Catalog, now: Catalog, report: VerdictReport) -> Iterator[tuple[str, Table]]:
    """The datasets that were there, and that a broken pair now misses, or misses a column of."""
    broken = [one for one in report.judged.values() if isinstance(one.verdict, Broken)]
    for dataset in cluster.datasets:
        table = before.find(dataset.name)
        if table is not None and any(_misses(one, table, now.find(dataset.name)) for one in broken):
            yield dataset.name, table


def _misses(judged: Judged, table: Table, now: Table | None) -> bool:
    if now is None:
        return table.name.casefold() in (name.casefold() for name in judged.datasets)
    used = (name.rpartition(".") for name in judged.columns)
    columns = [column for dataset, _, column in used if dataset.casefold() == table.name.casefold()]
    return any(table.column(name) is not None and now.column(name) is None for name in columns)


def _names(cluster: Cluster) -> set[str]:
    return {dataset.name for dataset in cluster.datasets}


def _by_table(profiles: Mapping[str, Profile], catalog: Catalog) -> Mapping[str, Profile]:
    """By the name of the table as the warehouse spells it."""
    found = {name: catalog.find(name) for name in profiles}
    return {table.name: profiles[name] for name, table in found.items() if table is not None}


class WithLost(FingerprintedTables):
    """The tables of a catalog, and some that were there before; none of the others is made for it."""

    def __init__(self, catalog: Catalog, lost: Mapping[str, Table]) -> None:
        self._tables, self._lost = catalog.tables, lost
        self._fingerprints = {**catalog.fingerprints, **{name: table.fingerprint for name, table in lost.items()}}

    @property
    def fingerprints(self) -> Mapping[str, str]:
        return self._fingerprints

    def __getitem__(self, name: str) -> Table:
        return self._lost[name] if name in self._lost else self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fingerprints)

    def __len__(self) -> int:
        return len(self._fingerprints)
