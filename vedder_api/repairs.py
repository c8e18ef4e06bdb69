"""Proposed repairs as the published context has them, and their differences as one patch.

Nothing here writes to a file: a person reads the patch, and a person applies it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vedder_api.agent.showing_veil import veil_of
from vedder_api.agent.told_verdicts import told_repair
from vedder_api.overview import card_named
from vedder_core.context.entry import TaughtPair
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import VedderError
from vedder_core.problem import did_you_mean
from vedder_core.repair import Repair


class UnknownPair(VedderError):
    """No pair of this name is in the cluster."""


@dataclass(frozen=True, slots=True)
class RepairList:
    """The proposals of one version of the context, by cluster and pair. `withheld` are as many more, which would tell
    what some cluster hides or withholds.
    """

    context_version: int
    repairs: tuple[Repair, ...]
    withheld: int = 0


def repair_list(snapshot: Snapshot, place: str = "") -> RepairList:
    """All proposals, or those of a cluster (`weather`) or a pair (`weather/rain`).

    Raises UnknownCluster or UnknownPair.
    """
    cluster, _, slug = place.partition("/")
    clusters = (card_named(snapshot, cluster).name,) if cluster else ()
    carried = (entry.carried() for entry in snapshot.listing(kinds=("pair",), clusters=clusters))
    pairs = [one for one in carried if isinstance(one, TaughtPair)]
    if slug and slug not in (one.pair.slug for one in pairs):
        hint = did_you_mean(slug, (one.pair.slug for one in pairs))
        raise UnknownPair(f"The cluster `{cluster}` has no pair `{slug}`.", hint=hint)
    veil = veil_of(snapshot)
    found = [told_repair(one, veil) for one in pairs if one.repair is not None and slug in ("", one.pair.slug)]
    shown = tuple(repair for repair in found if repair is not None)
    return RepairList(snapshot.version, shown, len(found) - len(shown))


def patch(repairs: Iterable[Repair]) -> str:
    """One difference of all files; what several repairs need of their cluster's own file stands in it once."""
    return "".join(dict.fromkeys(part for repair in repairs for part in files(repair.diff)))


def files(diff: str) -> Iterator[str]:
    """The parts of a difference, one a file."""
    yield from (part for part in re.split(r"(?m)^(?=diff --git )", diff) if part)
