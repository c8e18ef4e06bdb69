"""Signal: did a person look at the cluster's pairs lately?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vedder_core.cluster import Pair
from vedder_core.health import Reading
from vedder_pipelines.health.signal import Facts, Remedy

NAMED = 3
"""How many of the oldest pairs the actions name: a list of everything is a list that nobody starts."""


class CurationAge:
    """The share of the cluster's pairs that an expert vetted recently enough.

    Formula: pairs with `vetted_on` no longer ago than `thresholds.vet_again_after` / (all pairs + pairs that were
    taught lately and are gone): deleting an old pair makes nothing younger. No pairs: not measured.
    Inputs: the pairs' headers, what was taught before, and today's date.
    Threshold: `vet_again_after` of the cluster, 365 days where it says nothing.
    Action: vet the oldest pairs again: read question and SQL, look at the result, then set `vetted_on` and
    `vetted_by`.
    """

    name = "curation_age"
    weight = 0.1

    def read(self, facts: Facts) -> Reading:
        pairs = sorted(facts.cluster.pairs, key=lambda pair: (pair.vetted_on, pair.slug))
        if not pairs:
            return Reading(self.name, None, self.weight, ("There are no pairs that could have been vetted.",))
        within = facts.cluster.thresholds.vet_again_after
        young = len(pairs) - len(_old(facts))
        evidence = (
            f"{young} of {len(pairs)} pairs were vetted in the last {within.days} days.",
            f"The oldest is `{pairs[0].slug}`, of {pairs[0].vetted_on:%d %B %Y}.",
        )
        return Reading(self.name, young / (len(pairs) + len(facts.gone_pairs())), self.weight, evidence)

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        old = _old(facts)
        yield from (_vet(facts, pair) for pair in old[:NAMED])
        if len(old) > NAMED:
            before = facts.now - facts.cluster.thresholds.vet_again_after
            text = f"Then vet the {len(old) - NAMED} other pairs of before {before:%d %B %Y}."
            yield Remedy(text, lambda facts: _vetted(facts, old[NAMED:]))


def _old(facts: Facts) -> list[Pair]:
    """The oldest first."""
    since = (facts.now - facts.cluster.thresholds.vet_again_after).date()
    old = (pair for pair in facts.cluster.pairs if pair.vetted_on < since)
    return sorted(old, key=lambda pair: (pair.vetted_on, pair.slug))


def _vet(facts: Facts, pair: Pair) -> Remedy:
    file = f"{facts.cluster.name}/pairs/{pair.slug}.sql"
    text = f"Vet {file} again and set `vetted_on`: {pair.vetted_by} last did on {pair.vetted_on:%d %B %Y}."
    return Remedy(text, lambda facts: _vetted(facts, [pair]))


def _vetted(facts: Facts, pairs: Sequence[Pair]) -> Facts:
    slugs, today = {pair.slug for pair in pairs}, facts.now.date()
    done = tuple(p.model_copy(update={"vetted_on": today}) if p.slug in slugs else p for p in facts.cluster.pairs)
    return replace(facts, cluster=facts.cluster.model_copy(update={"pairs": done}))
