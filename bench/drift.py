"""Does drift come to light, and does everything else stay silent? Planted and benign changes of many real databases.

Every pair is looked at as it was vetted, then one thing is done to a copy of its database, and it is looked at again.
A pair has to be found where it relies on what was planted and its result is another by that. It may be found where it
reads that column at all; every other finding, and every one after a benign change, is a false alarm. Thresholds were
chosen on the databases at even places, and are reported on those at odd ones (`--even` shows the others).
Engines are in `drift_labs`, worlds in `drift_worlds` and `drift_calendars`.

    python -m bench.drift [--engine duckdb | postgres] [--even] [--databases N] [--skip N] [--dated] [--verbose]

Fails when recall is below 0.95 for any kind, or more than 1 % of the looks at unchanged pairs give a false alarm.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import duckdb

from bench import postgres
from bench.drift_benign import benign
from bench.drift_calendars import calendar_worlds
from bench.drift_events import Event, Room
from bench.drift_labs import DuckLab, Lab, PostgresLab, Rows, Unchangeable
from bench.drift_parts import lost_parts, moving_windows
from bench.drift_planted import planted
from bench.drift_targets import targets_of
from bench.drift_worlds import FEWEST_PAIRS, World, sample_worlds, spider_world
from bench.spider import open_spider
from vedder_core.cluster import Cluster
from vedder_core.profile import Profile
from vedder_core.verdict import Drifted
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.watching import DriftReport, Watched, watch_cluster
from vedder_pipelines.validation import Judged, judge_cluster

RECALL = 0.95
FALSE_ALARMS = 0.01
EVENTS_OF_KIND = 2

W = TypeVar("W")


@dataclass
class Tally:
    """What became of one kind of event."""

    events: int = 0
    events_found: int = 0
    wanted: int = 0
    found: int = 0
    named: int = 0
    looked: int = 0
    false: int = 0
    events_false: int = 0
    false_by: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Vetted:
    """A world as it was when its pairs were vetted."""

    world: World
    profiles: Mapping[str, Profile]
    judged: Mapping[str, Judged]
    watched: Mapping[str, Watched]
    rows: Mapping[str, Rows]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("duckdb", "postgres"), default="duckdb")
    parser.add_argument("--even", action="store_true", help="the databases on which the thresholds were chosen")
    parser.add_argument("--databases", type=int, default=1000, help="at most so many databases of Spider")
    parser.add_argument("--skip", type=int, default=0, help="leave out so many of them, and the samples (a hold-out)")
    parser.add_argument("--dated", action="store_true", help="the made-up calendars and the samples alone")
    parser.add_argument("--verbose", action="store_true", help="tell every miss and every false alarm")
    given = parser.parse_args()
    if open_spider() is None:
        print("not measured: VEDDER_TEST_DATA names no folder with Spider", file=sys.stderr)
        return 0
    started, tallies, queries = time.process_time(), defaultdict[str, Tally](Tally), Counter[str]()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            server = stack.enter_context(postgres.server()) if given.engine == "postgres" else ""
        except postgres.NoPostgres as missing:
            print(f"not measured: {missing}", file=sys.stderr)
            return 0
        chosen = Chosen(given.engine, given.even, given.skip, 0 if given.dated else given.databases)
        try:
            for world in worlds(folder, chosen):
                _measure_on(world, folder, server, tallies, queries, verbose=given.verbose)
        except KeyboardInterrupt:
            print("interrupted: this is what was measured until then", file=sys.stderr)
    return report(tallies, queries, time.process_time() - started)


def _measure_on(
    world: World, folder: Path, server: str, tallies: dict[str, Tally], queries: Counter[str], *, verbose: bool
) -> None:
    """One world on its engine; one that cannot be built there is told, and left out."""
    try:
        with closing(PostgresLab(world, folder, server) if server else DuckLab(world, folder)) as lab:
            measure(lab, tallies, queries, verbose=verbose)
        done = sum(one.events for one in tallies.values())
        print(f"{world.name} is done: {done} events", file=sys.stderr, flush=True)
    except Unchangeable as error:
        print(f"left out: {world.name}: {str(error)[:150]}", file=sys.stderr)
    world.file.unlink()


@dataclass(frozen=True)
class Chosen:
    """Which worlds, and on which engine."""

    engine: str
    even: bool
    skip: int
    most: int

    def half(self, worlds: Iterable[W]) -> list[W]:
        """Those at even places, or at odd ones."""
        return [world for place, world in enumerate(worlds) if place % 2 == (0 if self.even else 1)]


def worlds(folder: Path, chosen: Chosen) -> Iterator[World]:
    """The calendars, the samples and Spider's databases; after the skipped ones the latter alone."""
    spider = open_spider()
    samples = Path(os.environ.get("VEDDER_TEST_DATA", "../shared/data"), "samples")
    if not chosen.skip:
        yield from chosen.half(calendar_worlds(folder, chosen.engine))
        yield from chosen.half(sample_worlds(folder, samples, chosen.engine))
    names = chosen.half(spider.databases()) if spider is not None else []
    for name in names[chosen.skip : chosen.skip + chosen.most]:
        found = spider_world(spider, name, folder, chosen.engine) if spider is not None else None
        if found is not None:
            yield found


def measure(lab: Lab, tallies: dict[str, Tally], queries: Counter[str], *, verbose: bool) -> None:
    """All events of one world."""
    world = lab.world
    if len(world.cluster.pairs) < FEWEST_PAIRS:
        return
    with closing(duckdb.connect(str(world.file), read_only=True)) as engine:
        room = Room(world, targets_of(world, engine), engine, random.Random(world.name))
        events = [*planted(room, EVENTS_OF_KIND), *lost_parts(room), *benign(room), *moving_windows(room)]
    with lab.before() as side:
        rows = {pair.slug: side.rows(pair.sql) for pair in world.cluster.pairs}
        report, profiles, judged = look(world.cluster, side.warehouse, {}, {}, {})
    queries["pairs"] += len(report.looked)
    queries["statements"] += report.queries
    if report.drifted:
        raise AssertionError(f"{world.name}: drift at the first look: {report.drifted}")
    vetted = Vetted(world, profiles, judged, report.watched, rows)
    for event in events:
        try:
            _measure_event(vetted, event, lab, tallies[event.kind], verbose=verbose)
        except Unchangeable as error:
            if verbose:
                print(f"  cannot be done: {world.name}: {event.name}: {str(error)[:150]}")


def look(
    cluster: Cluster,
    warehouse: Warehouse,
    profiles: Mapping[str, Profile],
    watched: Mapping[str, Watched],
    before: Mapping[str, Judged],
) -> tuple[DriftReport, Mapping[str, Profile], Mapping[str, Judged]]:
    """Judge and watch, with profiles as they were but for the mark of the data."""
    catalog = warehouse.catalog()
    tables = {dataset.name: (catalog.find(dataset.name), dataset) for dataset in cluster.datasets}
    versions = warehouse.data_versions(table for table, _ in tables.values() if table is not None)
    known = {
        name: replace(profiles[name], data_version=versions[table.name])
        if name in profiles
        else warehouse.profile(table, dataset, versions[table.name])
        for name, (table, dataset) in tables.items()
        if table is not None
    }
    judged = judge_cluster(cluster, catalog, warehouse, before)
    return watch_cluster(cluster, catalog, warehouse, judged, known, watched), known, judged.judged


def _measure_event(vetted: Vetted, event: Event, lab: Lab, tally: Tally, *, verbose: bool) -> None:
    with lab.after(event) as side:
        now = {pair.slug: side.rows(pair.sql) for pair in vetted.world.cluster.pairs}
        cluster = _with_event(vetted.world.cluster, event)
        seen, _, _ = look(cluster, side.warehouse, vetted.profiles, vetted.watched, vetted.judged)
    wanted = wanted_of(event, vetted.rows, now) & set(seen.looked)
    if event.kind != "benign" and not wanted:
        return
    may = wanted | event.aimed | event.reads
    false = {slug: one for slug, one in seen.drifted.items() if slug not in may}
    _count(tally, event, wanted, seen, false, others=len(set(seen.looked) - may))
    if verbose:
        _tell(vetted, event, wanted - set(seen.drifted), false)


def _with_event(cluster: Cluster, event: Event) -> Cluster:
    datasets = tuple(
        one.model_copy(update={"deprecated_by": event.deprecated_by}) if one.name == event.table else one
        for one in cluster.datasets
    )
    return cluster.model_copy(update={"datasets": datasets}) if event.deprecated_by else cluster


def wanted_of(event: Event, before: Mapping[str, Rows], now: Mapping[str, Rows]) -> set[str]:
    """The pairs that rely on what was planted, and whose result is another by it."""
    if event.kind == "benign":
        return set()
    if event.kind == "deprecated_dataset":
        return set(event.aimed)
    changed = {slug for slug in event.aimed if before[slug] != now[slug]}
    if event.kind == "result_collapsed":
        return {slug for slug in changed if not is_hollow(before[slug]) and is_hollow(now[slug])}
    return changed


def is_hollow(rows: Rows) -> bool:
    return all(not row.strip("(), ").replace("None", "").replace("0", "").strip("., ") for row in rows)


def _count(
    tally: Tally, event: Event, wanted: set[str], seen: DriftReport, false: Mapping[str, Drifted], *, others: int
) -> None:
    found = {slug for slug in wanted if slug in seen.drifted}
    tally.events += 1
    tally.events_found += bool(found)
    tally.wanted += len(wanted)
    tally.found += len(found)
    tally.named += sum(any(d.detector == event.kind for d in seen.drifted[slug].drifts) for slug in found)
    tally.looked += others
    tally.false += len(false)
    tally.events_false += bool(false)
    tally.false_by.update(drift.detector for one in false.values() for drift in one.drifts)


def _tell(vetted: Vetted, event: Event, missed: Iterable[str], false: Mapping[str, Drifted]) -> None:
    pairs = {pair.slug: " ".join(pair.sql.split()) for pair in vetted.world.cluster.pairs}
    for slug in missed:
        print(f"  missed {event.kind}: {event.name} | {vetted.world.name} {pairs[slug][:220]}")
    for slug, one in false.items():
        print(f"  false alarm after {event.kind} {event.name}: {one.drifts[0].said[:200]} | {pairs[slug][:220]}")


def report(tallies: Mapping[str, Tally], queries: Counter[str], seconds: float) -> int:
    """A row for each kind; 1 where a target is missed."""
    print(f"{'kind':20} {'events':>6} {'found':>6} {'pairs':>6} {'recall':>7} {'named':>6} {'silent':>7} {'false':>6}")
    missed = []
    for kind, one in sorted(tallies.items()):
        recall, named = one.found / max(one.wanted, 1), one.named / max(one.found, 1)
        told = f"{recall:7.3f} {named:6.2f}" if kind != "benign" else f"{'':7} {'':6}"
        print(f"{kind:20} {one.events:6} {one.events_found:6} {one.wanted:6} {told} {one.looked:7} {one.false:6}")
        if kind != "benign" and recall < RECALL:
            missed.append(f"recall of {kind} {recall:.3f} is below {RECALL}")
    quiet = tallies.get("benign", Tally())
    false, looked = sum(one.false for one in tallies.values()), sum(one.looked for one in tallies.values())
    by = sum((one.false_by for one in tallies.values()), Counter[str]())
    print(
        f"false alarms: {false} of {looked} looks ({false / max(looked, 1):.4f}), by {dict(by)}; after benign changes "
        f"{quiet.false} of {quiet.looked} pairs ({quiet.false / max(quiet.looked, 1):.4f}), in {quiet.events_false} of "
        f"{quiet.events} events"
    )
    asked = queries["statements"] / max(queries["pairs"], 1)
    print(f"{queries['pairs']} pairs, {asked:.2f} statements for each at the first look; {seconds:.0f} CPU s")
    if quiet.false > FALSE_ALARMS * quiet.looked or false > FALSE_ALARMS * looked:
        missed.append(f"more than {FALSE_ALARMS:.0%} false alarms")
    print("\n".join(f"MISSED: {one}" for one in missed) or "all targets met")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
