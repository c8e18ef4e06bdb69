"""Pairs that a change leaves binding, and that fail on the data alone: they are drift's to find, and this asks it."""

from collections.abc import Mapping

from bench.breakage.changes import Change
from bench.breakage.held import Held
from bench.breakage.labs import Failed, Outcome, Side
from bench.breakage.tally import Tally
from vedder_core.schema import Catalog
from vedder_pipelines.drift.watching import Looked, Watched, watch_cluster
from vedder_pipelines.profiling import ProfilingReport
from vedder_pipelines.validation import VerdictReport


def count_on_data(
    held: Held,
    change: Change,
    after: Mapping[str, Outcome],
    side: Side,
    catalog: Catalog,
    seen: tuple[ProfilingReport, VerdictReport],
    tally: Tally,
) -> None:
    """Each of them once: does a look at it find anything?"""
    failing = {slug for slug, outcome in after.items() if isinstance(outcome, Failed) and outcome.binds}
    tally.add(change.kind, "fail only on the data", len(failing))
    if not failing:
        return
    profiles, report = seen
    pairs = tuple(pair for pair in held.cluster.pairs if pair.slug in failing)
    cluster = held.cluster.model_copy(update={"pairs": pairs})
    vetted = {slug: Watched(held.baselines[slug], Looked("")) for slug in failing}
    found = watch_cluster(cluster, catalog, side.warehouse, report, profiles.profiles, vetted).drifted
    tally.add(change.kind, "of these found as drift", len(failing & found.keys()))
    for slug in sorted(failing - found.keys()):
        tally.say(f"fails on the data, and is no drift: {held.place(change, slug)}\n    {held.world.pairs[slug].raw!r}")
