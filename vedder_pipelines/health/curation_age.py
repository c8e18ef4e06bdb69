"""Signal: did a person look at the cluster's pairs lately?"""

from vedder_core.cluster import Pair
from vedder_core.health import Reading
from vedder_pipelines.health.signal import Facts

NAMED = 3
"""How many of the oldest pairs the actions name: a list of everything is a list that nobody starts."""


class CurationAge:
    """The share of the cluster's pairs that an expert vetted recently enough.

    Formula: pairs with `vetted_on` no longer ago than `thresholds.vet_again_after` / all pairs. No pairs: not measured.
    Inputs: the pairs' headers and today's date.
    Threshold: `vet_again_after` of the cluster, 365 days where it says nothing.
    Action: vet the oldest pairs again: read question and SQL, look at the result, then set `vetted_on` and `vetted_by`.
    """

    name = "curation_age"
    weight = 0.2

    def read(self, facts: Facts) -> Reading:
        pairs = sorted(facts.cluster.pairs, key=lambda pair: (pair.vetted_on, pair.slug))
        if not pairs:
            return Reading(self.name, None, self.weight, ("There are no pairs that could have been vetted.",))
        within = facts.cluster.thresholds.vet_again_after
        since = (facts.now - within).date()
        old = [pair for pair in pairs if pair.vetted_on < since]
        evidence = (
            f"{len(pairs) - len(old)} of {len(pairs)} pairs were vetted in the last {within.days} days.",
            f"The oldest is `{pairs[0].slug}`, of {pairs[0].vetted_on:%d %B %Y}.",
        )
        actions = tuple(_vet(facts, pair) for pair in old[:NAMED])
        if len(old) > NAMED:
            actions = (*actions, f"Then vet the {len(old) - NAMED} other pairs of before {since:%d %B %Y}.")
        return Reading(self.name, (len(pairs) - len(old)) / len(pairs), self.weight, evidence, actions)


def _vet(facts: Facts, pair: Pair) -> str:
    file = f"{facts.cluster.name}/pairs/{pair.slug}.sql"
    return f"Vet {file} again and set `vetted_on`: {pair.vetted_by} last did on {pair.vetted_on:%d %B %Y}."
