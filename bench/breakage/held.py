"""A world before any change, as the product has come to know it: listed, profiled, judged, run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.breakage.changes import Change
from bench.breakage.clusters import write_cluster
from bench.breakage.labs import Failed, Outcome, Ran, Side
from bench.breakage.tally import Tally
from bench.breakage.worlds import World
from vedder_core.cluster import Cluster
from vedder_core.schema import Catalog
from vedder_core.sql.references import references
from vedder_pipelines.drift.baseline import Baseline, Facts
from vedder_pipelines.drift.running import example_values, run_pair
from vedder_pipelines.profiling import ProfilingReport, profile_cluster
from vedder_pipelines.validation import VerdictReport, granted_to, judge_cluster


@dataclass(frozen=True)
class Held:
    """A world before any change. `outcomes` are of the pairs that ran and are valid: the others are no cases."""

    world: World
    cluster: Cluster
    files: Path
    catalog: Catalog
    profiles: ProfilingReport
    report: VerdictReport
    baselines: Mapping[str, Baseline]
    outcomes: Mapping[str, Ran]
    others: Mapping[str, Outcome]
    reads: Mapping[str, frozenset[str]]

    def place(self, change: Change, slug: str) -> str:
        return f"{self.world.name}/{slug} after {change.kind} ({'; '.join(change.statements)[:300]})"


def hold(world: World, side: Side, folder: Path, tally: Tally) -> Held:
    cluster = write_cluster(world, folder, dialect=side.warehouse.dialect)
    catalog = side.warehouse.catalog()
    profiles = profile_cluster(cluster, catalog, side.warehouse, {}, progress=quiet)
    report = judge_cluster(cluster, catalog, side.warehouse, {})
    asked = {pair.slug: side.rows.ask(world.pairs[pair.slug].raw) for pair in cluster.pairs}
    tally.add("before", "pairs", len(asked))
    for slug, outcome in asked.items():
        if isinstance(outcome, Failed):
            tally.add("before", "pairs that do not run")
        elif slug in report.broken():
            tally.add("before", "pairs that run and are refused")
            tally.say(f"refused before: {world.name}/{slug}: {report.broken()[slug].reason}")
    fine = {slug: one for slug, one in asked.items() if isinstance(one, Ran) and slug not in report.broken()}
    return Held(
        world=world,
        cluster=cluster,
        files=folder,
        catalog=catalog,
        profiles=profiles,
        report=report,
        baselines=_baselines(cluster, catalog, side, profiles, report),
        outcomes=fine,
        others={slug: side.others.ask(world.pairs[slug].raw) for slug in fine},
        reads={pair.slug: _reads(world, pair.slug, side.warehouse.dialect) for pair in cluster.pairs},
    )


def quiet(line: str) -> None:
    """Nobody watches."""


def _baselines(
    cluster: Cluster, catalog: Catalog, side: Side, profiles: ProfilingReport, report: VerdictReport
) -> dict[str, Baseline]:
    granted, found = granted_to(cluster, catalog), {}
    for pair in cluster.pairs:
        parameters = example_values(pair, profiles.profiles)
        result = None
        if parameters is not None and pair.slug not in report.broken():
            result = run_pair(pair, granted, side.warehouse, parameters=parameters)
        facts = Facts(result=result)
        judged = report.judged[pair.slug]
        found[pair.slug] = Baseline(judged.pair_hash, pair.vetted_on, datetime.now(UTC), facts)
    return found


def _reads(world: World, slug: str, dialect: str) -> frozenset[str]:
    """The tables and views that a pair's SQL names, by the parser's plain list of them, and all below them."""
    names = {name.casefold(): name for name in (*world.tables, *world.views)}
    tables = references(world.pairs[slug].raw, dialect=dialect).tables
    read = (world.below(names[one.casefold()]) for one in tables if one.casefold() in names)
    return frozenset[str]().union(*read)
