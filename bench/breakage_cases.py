"""One world through all its changes: what the engine says of each pair before and after, against what the product says.

The product's own functions are driven: listing, profiles, schema diff, verdicts, repairs. Wrong and missed cases are
kept as sentences, so that a failed bench can be looked into.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.breakage_changes import Change
from bench.breakage_clusters import write_cluster
from bench.breakage_labs import Failed, Lab, Outcome, Ran, Side, Unchangeable
from bench.breakage_told import told
from bench.breakage_worlds import World
from vedder_core.cluster import Cluster
from vedder_core.errors import VedderError
from vedder_core.repair import Repair
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnMoved, ColumnRenamed, SchemaDiff, TableRenamed
from vedder_core.schema_diff import schema_diff
from vedder_core.sql.references import references
from vedder_pipelines.drift.baseline import Baseline, Facts
from vedder_pipelines.drift.running import example_values, run_pair
from vedder_pipelines.profiling import ProfilingReport, profile_cluster
from vedder_pipelines.repair import propose_repairs
from vedder_pipelines.validation import VerdictReport, granted_to, judge_cluster

AMBIGUOUS = frozenset({"rename beside a twin", "swap columns"})
"""Kinds in which nothing can tell what became of what."""

MOST_SENTENCES = 200


@dataclass
class Tally:
    """What was counted, by kind of change, and what went wrong, in sentences."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def add(self, kind: str, what: str, many: int = 1) -> None:
        self.counts[kind, what] += many

    def say(self, sentence: str) -> None:
        if len(self.wrong) < MOST_SENTENCES:
            self.wrong.append(sentence)

    def merge(self, other: "Tally") -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong[: MOST_SENTENCES - len(self.wrong)]

    def total(self, what: str) -> int:
        return sum(many for (_, name), many in self.counts.items() if name == what)


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


def break_world(world: World, lab: Lab, changes: Iterable[Change], folder: Path, *, perfect: bool = False) -> Tally:
    """Every change once, each from the world as it was. `perfect`: repairs are given the true changes."""
    tally = Tally()
    with lab.before() as side:
        held = _held(world, side, folder, tally)
    for change in changes:
        try:
            with lab.after(change) as side:
                _measure(held, change, side, tally, perfect=perfect)
        except Unchangeable:
            tally.add(change.kind, "not possible here")
    return tally


def _held(world: World, side: Side, folder: Path, tally: Tally) -> Held:
    cluster = write_cluster(world, folder, dialect=side.warehouse.dialect)
    catalog = side.warehouse.catalog()
    profiles = profile_cluster(cluster, catalog, side.warehouse, {}, progress=_quiet)
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


def _quiet(line: str) -> None:
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


def _measure(held: Held, change: Change, side: Side, tally: Tally, *, perfect: bool) -> None:
    after = {slug: side.rows.ask(held.world.pairs[slug].raw) for slug in held.outcomes}
    catalog = side.warehouse.catalog()
    profiles = profile_cluster(held.cluster, catalog, side.warehouse, held.profiles.profiles, progress=_quiet)
    found = schema_diff(held.catalog, catalog, profiles_before=held.profiles.profiles, profiles_after=profiles.profiles)
    used = told(change, held.catalog, catalog) if perfect else found
    report = judge_cluster(held.cluster, catalog, side.warehouse, held.report.judged, used)
    repairs = propose_repairs(held.cluster, report, used, catalog, side.warehouse, held.baselines, held.files)
    tally.add(change.kind, "changes")
    _count_verdicts(held, change, after, report, tally)
    _count_touched(held, change, report, tally)
    if change.kind not in AMBIGUOUS:
        _count_renames(change, used, side.warehouse.dialect, tally)
        _count_names(held, change, after, report, tally)
    for slug in held.outcomes:
        if isinstance(after[slug], Failed) and slug in repairs:
            _count_repair(held, change, side, repairs[slug], catalog, tally)


def _count_verdicts(
    held: Held, change: Change, after: Mapping[str, Outcome], report: VerdictReport, tally: Tally
) -> None:
    said = report.broken()
    tally.add(change.kind, "cases", len(after))
    for slug, outcome in after.items():
        if isinstance(outcome, Failed) and outcome.binds:
            tally.add(change.kind, "fail only on the data")
        broken = isinstance(outcome, Failed) and not outcome.binds
        tally.add(change.kind, "broken", int(broken))
        tally.add(change.kind, "found", int(broken and slug in said))
        if broken == (slug in said):
            continue
        what = "missed" if broken else "false alarm"
        tally.add(change.kind, what)
        why = outcome.reason if isinstance(outcome, Failed) else said[slug].reason
        tally.say(f"{what}: {_where(held, change, slug)}: {why.splitlines()[0]}\n    {held.world.pairs[slug].raw!r}")


def _where(held: Held, change: Change, slug: str) -> str:
    return f"{held.world.name}/{slug} after {change.kind} ({'; '.join(change.statements)[:300]})"


def _count_touched(held: Held, change: Change, report: VerdictReport, tally: Tally) -> None:
    """Exactly those pairs are judged again that read what was changed, themselves or through a view."""
    wanted = {slug for slug, tables in held.reads.items() if tables & change.touched}
    again = set(report.rejudged)
    tally.add(change.kind, "touched", len(wanted))
    tally.add(change.kind, "judged again", len(again))
    for slug in sorted(again ^ wanted):
        what = "judged needlessly" if slug in again else "not judged again"
        tally.add(change.kind, what)
        tally.say(f"{what}: {_where(held, change, slug)}")


def _reads(world: World, slug: str, dialect: str) -> frozenset[str]:
    """The tables and views that a pair's SQL names, by the parser's plain list of them, and all below them."""
    names = {name.casefold(): name for name in (*world.tables, *world.views)}
    tables = references(world.pairs[slug].raw, dialect=dialect).tables
    read = (world.below(names[one.casefold()]) for one in tables if one.casefold() in names)
    return frozenset[str]().union(*read)


def _count_renames(change: Change, diff: SchemaDiff, dialect: str, tally: Tally) -> None:
    """Each true rename once: is it in the diff? And how many renames does the diff name that were none?"""
    said = {}
    for one in diff.changes:
        if isinstance(one, TableRenamed):
            said[one.table] = one.now
        elif isinstance(one, ColumnRenamed):
            said[f"{one.table}.{one.column}"] = f"{one.table}.{one.now}"
        elif isinstance(one, ColumnMoved):
            said[f"{one.table}.{one.column}"] = f"{one.to_table}.{one.to_column}"
    true = {**change.tables, **change.columns}
    if dialect == "duckdb":
        true = {old: new for old, new in true.items() if old.casefold() != new.casefold()}
    what = "moves" if any(_table(old) != _table(new) for old, new in change.columns.items()) else "renames"
    for old, new in true.items():
        tally.add(change.kind, what)
        tally.add(change.kind, f"{what} in the diff", int(said.get(old) == new))
        if said.get(old) != new:
            tally.say(f"not in the diff: {old} is {new} ({change.kind}); said {said.get(old)}")
    for old, new in said.items():
        if old not in true and old.casefold() != new.casefold():
            tally.add(change.kind, "renames that were none")
            tally.say(f"no rename: {old} said to be {new} ({change.kind}: {'; '.join(change.statements)[:200]})")


def _table(dotted: str) -> str:
    return dotted.rpartition(".")[0]


def _count_names(held: Held, change: Change, after: Mapping[str, Outcome], report: VerdictReport, tally: Tally) -> None:
    """Of broken pairs whose verdict names what was renamed: does it name what it is called now?"""
    true = {old.casefold(): new for old, new in (*change.tables.items(), *change.columns.items())}
    for slug, verdict in report.broken().items():
        gone = verdict.missing_table or verdict.missing_column
        if slug not in after or not isinstance(after[slug], Failed) or not true:
            continue
        tally.add(change.kind, "broken by a rename")
        new = true.get((gone or "").casefold())
        if new is None:
            tally.add(change.kind, "not named what is gone")
            continue
        table = change.tables.get((verdict.missing_table or ""), _table(gone or ""))
        right = (verdict.probably or "").casefold() in (new.casefold(), new.removeprefix(f"{table}.").casefold())
        tally.add(change.kind, "right new name", int(right))
        if not right:
            tally.say(f"wrong new name: {_where(held, change, slug)}: {gone} probably {verdict.probably}")


def _count_repair(held: Held, change: Change, side: Side, repair: Repair, catalog: Catalog, tally: Tally) -> None:
    """A repair is right when it gives the rows that the pair gave, here and with other rows, of the right columns."""
    pair = held.world.pairs[repair.slug]
    sql = pair.filled(repair.sql)
    here, there = side.rows.ask(sql), side.others.ask(sql)
    was, other = held.outcomes[repair.slug], held.others[repair.slug]
    same = isinstance(here, Ran) and here.rows == was.rows
    alike = not isinstance(other, Ran) or (isinstance(there, Ran) and there.rows == other.rows)
    meant = _means(held, change, pair.raw, sql, catalog)
    right = same and alike and meant
    tally.add(change.kind, "repairs")
    tally.add(change.kind, "repairs that are right", int(right))
    tally.add(change.kind, "repairs proven", int(repair.proof.proven))
    if not right:
        tally.say(f"wrong repair: {_where(held, change, repair.slug)}: {same=} {alike=} {meant=}\n    {sql!r}")
    if repair.proof.proven and not right:
        tally.add(change.kind, "wrong repairs proven")


def _means(held: Held, change: Change, raw: str, sql: str, catalog: Catalog) -> bool:
    """Does the repaired SQL name the columns that the old ones truly became?"""
    try:
        old = references(raw, dialect=catalog.dialect, catalog=held.catalog).columns
        new = references(sql, dialect=catalog.dialect, catalog=catalog).columns
    except VedderError:
        return False
    wanted = {change.column_now(f"{table}.{column}").casefold() for table, column in old}
    named = {f"{table}.{column}".casefold() for table, column in new}
    moved = any(_table(before) != _table(now) for before, now in change.columns.items())
    return wanted <= named if moved else wanted == named
