"""One world through all its changes: what the engine says of each pair before and after, against what the product says.

The product's own functions are driven: listing, profiles, schema diff, verdicts, repairs.
"""

from collections.abc import Iterable
from pathlib import Path

from bench.breakage.changes import Change
from bench.breakage.counting import count_names, count_renames, count_repair, count_touched, count_verdicts
from bench.breakage.held import Held, hold, quiet
from bench.breakage.labs import Failed, Lab, Side, Unchangeable
from bench.breakage.on_data import count_on_data
from bench.breakage.tally import Tally
from bench.breakage.told import told
from bench.breakage.worlds import World
from vedder_core.schema_diff import schema_diff
from vedder_pipelines.profiling import profile_cluster
from vedder_pipelines.repair.proposing import propose_repairs
from vedder_pipelines.validation import judge_cluster

AMBIGUOUS = frozenset({"rename beside a twin", "swap columns"})
"""Kinds in which nothing can tell what became of what."""


def break_world(world: World, lab: Lab, changes: Iterable[Change], folder: Path, *, perfect: bool = False) -> Tally:
    """Every change once, each from the world as it was. `perfect`: repairs are given the true changes."""
    tally = Tally()
    with lab.side(()) as side:
        held = hold(world, side, folder, tally)
    for change in changes:
        try:
            with lab.side(change.statements) as side:
                _measure(held, change, side, tally, perfect=perfect)
        except Unchangeable:
            tally.add(change.kind, "not possible here")
    return tally


def _measure(held: Held, change: Change, side: Side, tally: Tally, *, perfect: bool) -> None:
    pairs = {slug: held.world.pairs[slug] for slug in held.outcomes}
    after = {slug: side.rows.ask(pair.raw, pair.blank, pair.sources) for slug, pair in pairs.items()}
    catalog = side.warehouse.catalog()
    profiles = profile_cluster(held.cluster, catalog, side.warehouse, held.profiles.profiles, progress=quiet)
    found = schema_diff(held.catalog, catalog, profiles_before=held.profiles.profiles, profiles_after=profiles.profiles)
    used = told(change, held.catalog, catalog) if perfect else found
    report = judge_cluster(held.cluster, catalog, side.warehouse, held.report.judged, used)
    repairs = propose_repairs(held.cluster, report, used, catalog, side.warehouse, held.baselines, held.files)
    tally.add(change.kind, "changes")
    count_verdicts(held, change, after, report, tally)
    count_on_data(held, change, after, side, catalog, (profiles, report), tally)
    count_touched(held, change, report, tally)
    if change.kind not in AMBIGUOUS:
        count_renames(change, used, side.warehouse.dialect, tally)
        count_names(held, change, after, report, tally)
    for slug in held.outcomes:
        if isinstance(after[slug], Failed) and slug in repairs:
            count_repair(held, change, side, repairs[slug], catalog, tally)
