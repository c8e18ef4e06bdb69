"""Signal: could the cluster answer before what it cannot answer now?"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from vedder_core.health import Reading
from vedder_core.wording import Phrasings
from vedder_pipelines.health.asked import Usage
from vedder_pipelines.health.signal import Facts, Remedy, listed, without
from vedder_pipelines.health.taught import REMEMBERED, Taught, TaughtPairBefore
from vedder_pipelines.health.vetting import mark

DOC = 0.25
"""What a doc counts, where a pair that nobody asked for counts 1."""


class KeptTeaching:
    """The share of what the cluster taught in the last 90 days that it still teaches: its own past is what it is held
    to.

    Formula: what is kept / all that teaches now or did in the last 90 days. A pair counts 1 and once more for each
    answer that it gave in that time, a doc 0.25. A pair is kept while a valid pair has its name or asks its question,
    and says what was vetted: one whose SQL, parameters or wordings were changed and not vetted again is not kept. A
    doc is kept while one has its name or its title. Nothing was ever taught: not measured.
    Inputs: pairs and docs as they were remembered at each measuring, the verdicts, verified answers of the
    conversations.
    Threshold: none of its own, but the cluster's score is never above this reading: lost questions are lost answers.
    Action: write the pair or the doc again, or mend or vet the pair, what was asked for most first. What was retired
    on purpose is forgotten after 90 days.
    """

    name = "kept_teaching"
    weight = 0.2

    def read(self, facts: Facts) -> Reading:
        weights = _weights(facts)
        docs = {**facts.taught.docs, **{doc.slug: doc for doc in facts.cluster.docs}}
        whole = sum(weights.values()) + DOC * len(docs)
        if not whole:
            return Reading(self.name, None, self.weight, ("Nothing was ever taught here.",))
        lost, lost_docs = _lost(facts), facts.gone_docs()
        kept = whole - sum(weights[slug] for slug in lost) - DOC * len(lost_docs)
        evidence = [
            f"{len(weights) - len(lost)} of {len(weights)} pairs and {len(docs) - len(lost_docs)} of {len(docs)}"
        ]
        evidence[0] += f" docs of the last {REMEMBERED.days} days still teach."
        if facts.not_vetted:
            evidence.append(f"They were changed, and not vetted since: {listed(sorted(facts.not_vetted))}.")
        if lost:
            asked = sum(weights[slug] - 1 for slug in lost)
            evidence.append(f"No longer answered: {listed(lost)}, which gave {asked:.0f} answers in that time.")
        return Reading(self.name, max(0.0, kept / whole), self.weight, tuple(evidence))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        weights, gone = _weights(facts), facts.gone_pairs()
        for slug, before in sorted(_lost(facts).items(), key=lambda lost: -weights[lost[0]]):
            if slug in gone:  # one that is still there is mended or vetted, as the signal of pair validity says
                said = f"“{before.questions[0]}” (it was {facts.cluster.name}/pairs/{slug}.sql)"
                yield Remedy(f"Write a pair again for {said}.", partial(_forgotten, slug=slug))
        for slug, title in facts.gone_docs().items():
            text = f"Write the doc “{title}” again (it was {facts.cluster.name}/docs/{slug}.md)."
            yield Remedy(text, partial(_doc_forgotten, slug=slug))


def _weights(facts: Facts) -> dict[str, float]:
    """By slug, what each pair counts that teaches now or did."""
    slugs = dict.fromkeys((*facts.taught.pairs, *(pair.slug for pair in facts.valid_pairs())))
    answers = Counter(slug for slug in _answered_by(facts) if slug is not None)
    return {slug: 1.0 + answers[slug] for slug in slugs}


def _answered_by(facts: Facts) -> Iterator[str | None]:
    if isinstance(facts.usage, Usage):
        pair_of = pair_of_sql(facts)
        for one in facts.usage.asked:
            if one.last.trust == "verified":
                yield pair_of(one.last.sql)


def pair_of_sql(facts: Facts) -> Callable[[str], str | None]:
    """Which pair, of now or of before, has this SQL?"""
    slugs = {sql: slug for slug, before in facts.taught.pairs.items() for sql in before.sqls}
    slugs |= {mark(pair.sql): pair.slug for pair in facts.cluster.pairs}
    return lambda sql: slugs.get(mark(sql))


def _lost(facts: Facts) -> dict[str, TaughtPairBefore]:
    valid = [pair for pair in facts.valid_pairs() if pair.slug not in facts.not_vetted]
    slugs = {pair.slug for pair in valid}
    asked = Phrasings(question for pair in valid for question in pair.questions())
    before = facts.taught.pairs.items()
    return {slug: one for slug, one in before if slug not in slugs and not any(map(asked.ask, one.questions))}


def _forgotten(facts: Facts, *, slug: str) -> Facts:
    """A pair that is written again is as good as one that was never gone."""
    taught = Taught(without(facts.taught.pairs, slug), facts.taught.docs)
    return replace(facts, taught=taught)


def _doc_forgotten(facts: Facts, *, slug: str) -> Facts:
    return replace(facts, taught=Taught(facts.taught.pairs, without(facts.taught.docs, slug)))
