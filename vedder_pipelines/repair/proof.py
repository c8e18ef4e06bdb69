"""What speaks for a repair: it binds, and gives the very result that the pair gave when it was vetted.

An equal result counts only where it tells this repair from others: where the result is hollow, or another column in
the place of the new one gives it too, nothing is proven, and a sentence says so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vedder_core.cluster import Cluster, Pair
from vedder_core.judging import Ground, granted_to, judge_pair, touched_by
from vedder_core.repair import Comparison, Proof
from vedder_core.schema import Catalog
from vedder_core.sql.guard import Granted
from vedder_core.verdict import Valid
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.baseline import Baseline, Filled, ResultFacts
from vedder_pipelines.drift.running import run_pair

MOST_RIVALS = 12
"""So many other columns or tables are tried in the place of each new one."""


@dataclass(frozen=True)
class Rival:
    """The pair with something else in the place of what is new: a name for it, and what fills its blanks instead."""

    name: str
    pair: Pair
    parameters: Mapping[str, Filled] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A pair as repaired, in its cluster as repaired. `rivals` are made one by one: the first that does as well is
    enough.
    """

    pair: Pair
    cluster: Cluster
    rivals: Callable[[], Iterator[Rival]] = field(default=lambda: iter(()))
    unnamed: frozenset[int] = frozenset()
    """Places of result columns whose names the engine makes of the expression, so that they may change."""


def prove(candidate: Candidate, catalog: Catalog, warehouse: Warehouse, baseline: Baseline | None) -> Proof | None:
    """The proof of a repair, as far as it can be had; None where it does not even bind."""
    granted = granted_to(candidate.cluster, catalog)
    ground = Ground(catalog, granted)
    verdict = judge_pair(candidate.pair, touched_by(candidate.pair, catalog), ground, warehouse)
    if not isinstance(verdict, Valid):
        return None
    result, missing = _compared(candidate, granted, warehouse, baseline)
    return Proof(binds=True, result=result, missing=missing)


def _compared(
    candidate: Candidate, granted: Granted, warehouse: Warehouse, baseline: Baseline | None
) -> tuple[Comparison, tuple[str, ...]]:
    stored = baseline.result if baseline is not None else None
    if not candidate.cluster.watch.run_pairs:
        return "not_compared", ("The cluster wants none of its pairs to be run, so the result was not compared.",)
    if stored is None:
        return "not_compared", ("No result was kept from when the pair held, so there is nothing to compare with.",)
    if silent := _silent(stored):
        return "not_compared", (silent,)
    now = run_pair(candidate.pair, granted, warehouse, parameters=stored.parameters)
    if now is None:
        return "not_compared", ("The repaired SQL binds, but did not run to its end.",)
    if now.truncated or now.digest is None:
        return "not_compared", ("The result is too long, or not for telling, so that it was not compared.",)
    if differs := _difference(candidate, stored, now):
        return "differs", (differs,)
    for rival in candidate.rivals():
        other = run_pair(rival.pair, granted, warehouse, parameters={**stored.parameters, **rival.parameters})
        if other is not None and other.digest == now.digest:
            why = (
                f"The result is the same with {rival.name} in its place, so it does not tell which of the two is right."
            )
            return "not_compared", (why,)
    return "equal", ()


def _silent(stored: ResultFacts) -> str:
    """Why the stored result could not tell right from wrong; nothing where it can."""
    if stored.truncated:
        return "The result that was kept is cut off, so it cannot be compared."
    if stored.hollow:
        return "When the pair held, its result held nothing but nothing, 0 or NULL; equality with that proves nothing."
    if stored.digest is None:
        return "The result holds values that are not for telling, so nothing was kept to compare with."
    return ""


def _difference(candidate: Candidate, stored: ResultFacts, now: ResultFacts) -> str:
    """How a result differs from the stored one, as a sentence; nothing where it does not."""
    if now.digest != stored.digest:
        return "The result differs from the one that was kept: the data changed since, or the repair is wrong."
    names = list(zip(stored.columns, now.columns, strict=False))
    for number, (was, name) in enumerate(names):
        if was.casefold() != name.casefold() and number not in candidate.unnamed:
            return f"The result's column `{was}` is called `{name}` now."
    return ""
