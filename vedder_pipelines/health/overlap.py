"""Signal: does the cluster agree with the others?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from vedder_core.health import Reading
from vedder_core.overlap import Overlap, Shared
from vedder_pipelines.health.signal import Facts, Remedy, Unknown, listed

NAMED = 5
KINDS_SHARED = ("dataset", "term", "question")


class OverlapAndConflict:
    """The share of what the cluster lists, defines and asks that no other cluster contradicts.

    Formula: 1 - things with a conflict / (datasets + docs that define + pairs). A pair or doc that was
    taught lately and is gone counts as contradicted: to delete it settles nothing. Conflicts are a term that another
    cluster defines in other words, a question that another one asks (nearly) alike and answers by other SQL, and a
    column that one prefers and the other avoids. What is shared without a conflict is named and does not lower the
    reading. Nothing published: not measured.
    Inputs: the cluster's files, and what is published of all other clusters with its vectors. No SQL is run.
    Threshold: questions are near the same from 80 % of their telling words in common, and near each other by their
    vectors.
    Action: talk to the other owner, who is named: agree on one definition, or say in the title what sets yours apart.
    """

    name = "overlap"
    weight = 0.05

    def read(self, facts: Facts) -> Reading:
        overlap = facts.overlap
        if isinstance(overlap, Unknown):
            return Reading(self.name, None, self.weight, (overlap.why,))
        things = {(one.kind, one.name) for one in _conflicts(facts, overlap)}
        evidence = [f"{len(things)} of {overlap.of} datasets, definitions and pairs are contradicted elsewhere."]
        agreed = [one for one in overlap.shared if one.kind in KINDS_SHARED and not one.conflicts]
        for cluster in sorted({one.cluster for one in agreed}):
            names = (one.name for one in agreed if one.cluster == cluster)
            evidence.append(f"Shared with `{cluster}`: {listed(names)}.")
        gone = len(facts.gone_pairs()) + len(facts.gone_docs())
        of = overlap.of + gone
        value = 1 - min(len(things) + gone, of) / of if of else 1.0
        return Reading(self.name, value, self.weight, tuple(evidence))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if isinstance(facts.overlap, Unknown):
            return
        for one in _conflicts(facts, facts.overlap)[:NAMED]:
            names = (one.name,) if one.kind == "note" else ()
            yield Remedy(told(one, facts.cluster.name), partial(_agreed, shared=one), names=names)


def _conflicts(facts: Facts, overlap: Overlap) -> list[Shared]:
    """Without those of pairs that do not teach: they contradict nobody."""
    slugs = {pair.slug for pair in facts.valid_pairs()}
    return [one for one in overlap.conflicts if one.kind != "question" or one.own in slugs]


def told(one: Shared, cluster: str) -> str:
    """What the two disagree about, and whom to talk to."""
    who = f"Talk to {one.owner.team} ({one.owner.contact})"
    match one.kind:
        case "term":
            return f"{who}: `{cluster}` and `{one.cluster}` define “{one.name}” in different words."
        case "question":
            mine, theirs = f"{cluster}/pairs/{one.own}.sql", f"{one.cluster}/pairs/{one.other}.sql"
            return f"{who}: {mine} and {theirs} ask the same, and their SQL differs."
        case "note":
            return f"{who}: of `{one.name}`, `{cluster}` says {one.own} and `{one.cluster}` says {one.other}."
        case "dataset" | "near_question":
            return f"{who}: `{cluster}` and `{one.cluster}` both have “{one.name}”."


def _agreed(facts: Facts, *, shared: Shared) -> Facts:
    if isinstance(facts.overlap, Unknown):
        return facts
    left = tuple(one for one in facts.overlap.shared if one != shared)
    return replace(facts, overlap=Overlap(left, facts.overlap.of))
