"""All that is found out about a cluster's pairs: do they bind, do they say what they said, what would mend them.

Each of these is a question of its own (`validation`, `drift`, `repair`); here they are asked in their order, on what is
remembered, and what they find is remembered. Plain code without Dagster.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vedder_core.cluster import Cluster
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.repair import Repair
from vedder_core.schema_change import SchemaDiff
from vedder_core.verdict import Drift
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.unvetted import UNVETTED, with_unvetted
from vedder_pipelines.drift.watching import DriftReport, Watched, kept_of_broken, watch_cluster
from vedder_pipelines.former import Ground, changes_since_held, remember_held
from vedder_pipelines.health.taught import Taught
from vedder_pipelines.remembered import BASELINES, DRIFTS, MENDED_ON, REPAIRS, TAUGHT, VERDICTS
from vedder_pipelines.repair.files import still_applies
from vedder_pipelines.repair.proposing import propose_repairs
from vedder_pipelines.repair.values import propose_value_repairs
from vedder_pipelines.validation import VerdictReport, first_found, judge_cluster


@dataclass(frozen=True)
class Around:
    """What a cluster's pairs are judged with: the memory, the warehouse, and the folder of all clusters' files."""

    memory: Memory
    catalogs: Catalogs
    warehouse: Warehouse
    files: Path


@dataclass(frozen=True)
class PairReport:
    """What was found. `repairs` are proposals by slug; `changes` are the warehouse's since the pairs last held."""

    verdicts: VerdictReport
    drift: DriftReport
    repairs: Mapping[str, Repair]
    changes: SchemaDiff

    def drifts(self) -> Iterator[tuple[str, Drift]]:
        """Every finding with its pair."""
        return ((slug, drift) for slug, one in sorted(self.drift.drifted.items()) for drift in one.drifts)

    def drifted(self) -> frozenset[str]:
        """The pairs whose data say something else now."""
        return frozenset(slug for slug, drift in self.drifts() if drift.detector != UNVETTED)

    def not_vetted(self) -> frozenset[str]:
        """The pairs that somebody changed and nobody vetted since."""
        return frozenset(slug for slug, drift in self.drifts() if drift.detector == UNVETTED)


def judge_pairs(cluster: Cluster, around: Around, ground: Ground, *, run: str, at: datetime) -> PairReport:
    """Judge, watch and mend the pairs of a cluster, as far as something moved since the last time; and remember it.

    `cluster` says of its datasets all that may not be told, also what other clusters forbid.
    """
    memory, slugs = around.memory, [pair.slug for pair in cluster.pairs]
    before = VERDICTS.recall_in(memory, cluster.name, slugs)
    changes = changes_since_held(memory, around.catalogs, cluster, ground)
    judged = judge_cluster(cluster, ground.catalog, around.warehouse, before, changes)
    verdicts = first_found(judged, before, run=run, at=at)
    drift = _watched(cluster, around, ground, verdicts)
    repairs = _repairs(cluster, around, ground, verdicts, drift, changes)
    # Last: a run that fails before is judged again, and works out its repairs again.
    VERDICTS.remember_in(memory, cluster.name, {slug: verdicts.judged[slug] for slug in verdicts.rejudged})
    remember_held(memory, around.catalogs, cluster, ground, verdicts, changes)
    return PairReport(verdicts, drift, repairs, changes)


def _watched(cluster: Cluster, around: Around, ground: Ground, verdicts: VerdictReport) -> DriftReport:
    memory, slugs = around.memory, [pair.slug for pair in cluster.pairs]
    baselines = BASELINES.recall_in(memory, cluster.name, slugs)
    looks = DRIFTS.recall_in(memory, cluster.name, slugs)
    remembered = {slug: Watched(baselines[slug], looks[slug]) for slug in baselines.keys() & looks.keys()}
    report = watch_cluster(cluster, ground.catalog, around.warehouse, verdicts, ground.profiles, remembered)
    taught = TAUGHT.recall(memory, [cluster.name]).get(cluster.name, Taught())
    report = with_unvetted(report, verdicts, taught.not_vetted(cluster.pairs, dialect=ground.catalog.dialect))
    broken = kept_of_broken(cluster, ground.catalog, ground.profiles, verdicts.judged, remembered)
    now = {slug: one for slug, one in {**report.watched, **broken}.items() if remembered.get(slug) != one}
    # The looks first: what an old look found must never stand beside a new baseline.
    DRIFTS.remember_in(memory, cluster.name, {slug: one.looked for slug, one in now.items()})
    BASELINES.remember_in(memory, cluster.name, {slug: one.baseline for slug, one in now.items()})
    return report


def _repairs(
    cluster: Cluster,
    around: Around,
    ground: Ground,
    verdicts: VerdictReport,
    drift: DriftReport,
    changes: SchemaDiff,
) -> Mapping[str, Repair]:
    """The proposals; one that was worked out before stands while no schema, no data and no file of its pair moved."""
    memory, slugs = around.memory, [pair.slug for pair in cluster.pairs]
    before = REPAIRS.recall_in(memory, cluster.name, slugs)
    ground_now = hashlib.sha256(repr(changes).encode()).hexdigest()
    unmoved = MENDED_ON.recall(memory, [cluster.name]).get(cluster.name) == ground_now
    same = {slug for slug in verdicts.reused if unmoved and slug not in drift.looked} & before.keys()
    standing = {slug for slug in same if still_applies(before[slug].diff, around.files)}
    wanted = cluster.model_copy(update={"pairs": tuple(one for one in cluster.pairs if one.slug not in standing)})
    baselines = BASELINES.recall_in(memory, cluster.name, slugs)
    of_names = propose_repairs(wanted, verdicts, changes, ground.catalog, around.warehouse, baselines, around.files)
    of_values = propose_value_repairs(wanted, drift.drifted, ground.catalog, around.warehouse, baselines, around.files)
    ailing = verdicts.broken().keys() | drift.drifted.keys()
    found = {**{slug: before[slug] for slug in standing & ailing}, **of_names, **of_values}
    fresh = {slug: one for slug, one in found.items() if before.get(slug) != one}
    REPAIRS.remember_in(memory, cluster.name, fresh, forget=before.keys() - found.keys())
    if not unmoved:
        MENDED_ON.remember(memory, {cluster.name: ground_now})
    return found
