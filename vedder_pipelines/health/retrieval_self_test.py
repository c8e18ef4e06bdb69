"""Signal: would the search find what a question needs, if nobody had vetted that very question?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from vedder_core.health import Reading
from vedder_pipelines.health.recall import FIRST, OPENED, Recalled
from vedder_pipelines.health.signal import Facts, Remedy, Unknown

NAMED = 5


class RetrievalSelfTest:
    """The share of the cluster's pairs whose datasets and columns are still recalled when the pair is left out.

    Formula: pairs that pass / (all pairs + pairs that were taught lately and are gone). A pair passes when its
    question, asked of a context without the pair and its twins, still opens its cluster among all clusters, and the
    first entries that are found there name every dataset and column that its SQL needs. A pair that does not teach
    does not pass. No pair, or nothing published: not measured.
    Inputs: the published entries of all clusters with their vectors, what each pair's SQL touches.
    Threshold: its cluster is one of the 3 likeliest with at least a quarter of the likeliest one's share; the first 6
    pairs, 4 passages of docs and 8 datasets count as found.
    Action: describe the dataset in the words of the question, name it and its columns in a doc, or vet a second pair.
    """

    name = "retrieval_self_test"
    weight = 0.15

    def read(self, facts: Facts) -> Reading:
        pairs = facts.cluster.pairs
        if isinstance(facts.recalled, Unknown):
            return Reading(self.name, None, self.weight, (facts.recalled.why,))
        if not pairs:
            return Reading(self.name, None, self.weight, ("There are no pairs whose questions could be asked.",))
        passed = sum(pair.slug in facts.recalled and facts.recalled[pair.slug].passed for pair in facts.valid_pairs())
        lost = sum(pair.slug in facts.recalled and not facts.recalled[pair.slug].opened for pair in pairs)
        evidence = [f"{passed} of {len(pairs)} pairs would be recalled without themselves."]
        if lost:
            evidence.append(f"The questions of {lost} lead to other clusters.")
        if len(pairs) == 1:
            evidence.append("There is one pair: without it, datasets and docs alone are left to be found.")
        return Reading(self.name, passed / (len(pairs) + len(facts.gone_pairs())), self.weight, tuple(evidence))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if isinstance(facts.recalled, Unknown):
            return
        recalled = facts.recalled
        failing = [(pair, recalled[pair.slug]) for pair in facts.valid_pairs() if pair.slug in recalled]
        for pair, found in [one for one in failing if not one[1].passed][:NAMED]:
            yield Remedy(helps(pair.question, found), partial(_found, slug=pair.slug), names=found.missed)


def helps(question: str, found: Recalled) -> str:
    """What would make a question find what it needs."""
    if not found.opened:
        return (
            f"Say in summary, docs or a second pair what “{question}” is about: without its own pair it leads to other"
            f" clusters (this one is number {found.place}, too far to be among the {OPENED} that are opened)."
        )
    missed = ", ".join(f"`{name}`" for name in found.missed)
    return (
        f"Describe {missed} in the words of “{question}”, or name it in a doc: without its own pair, the first"
        f" {FIRST['pair']} pairs, {FIRST['doc']} passages and {FIRST['dataset']} datasets do not tell of it."
    )


def _found(facts: Facts, *, slug: str) -> Facts:
    if isinstance(facts.recalled, Unknown):
        return facts
    return replace(facts, recalled={**facts.recalled, slug: Recalled(1, opened=True)})
