"""Signal: are the questions answered that people really ask of this cluster?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from vedder_core.cluster import Cluster
from vedder_core.health import Reading
from vedder_core.wording import Phrasings
from vedder_pipelines.health.asked import Asked, Usage
from vedder_pipelines.health.bounds import at_least
from vedder_pipelines.health.kept_teaching import pair_of_sql
from vedder_pipelines.health.signal import Facts, Remedy
from vedder_pipelines.health.topics import Topic, topics_of, words_in

FEWEST = 5
"""Questions without which a share says too little."""

TOPICS = 10
"""That actions are given for: the ones that were asked most."""


class Coverage:
    """The share of the questions that people asked here in the last 90 days that are answered, with some certainty.

    Formula: the lower bound (Wilson, 90 %) of answered questions / all questions. A question counts once a person,
    however often it was asked. Answered is one whose last answer was `verified` by a pair that is still valid, or
    `grounded`, and that nobody called wrong; also one that a valid pair asks by now. A question that came near several
    clusters and got no answer counts for the likeliest of them alone; questions back to the asker do not count. Fewer
    than 5: not measured.
    Inputs: ended turns of the state database that used this cluster or came near it, their trust marks and feedback,
    the pairs, and vectors of the questions that were not answered.
    Threshold: 5 questions. It only ever lowers the score: see `score`.
    Action: write a pair or a doc for each topic that is not answered, what was asked most first. A topic is named by
    words that its curators use or that two people said; the questions themselves are read by their turns.
    """

    name = "coverage"
    weight = 0.2

    def read(self, facts: Facts) -> Reading:
        if not isinstance(facts.usage, Usage):
            return Reading(self.name, None, self.weight, (facts.usage.why,))
        asked = facts.usage.asked
        since = f"since {facts.usage.since:%d %B %Y}"
        if len(asked) < FEWEST:
            said = f"{len(asked)} questions were asked {since}; fewer than {FEWEST} say too little."
            return Reading(self.name, None, self.weight, (said,))
        answered = len(asked) - len(_unanswered(facts))
        evidence = (
            f"{answered} of {len(asked)} questions that people asked {since} are answered.",
            "The reading is the share that this shows with a certainty of 90 %.",
        )
        return Reading(self.name, at_least(answered, len(asked)), self.weight, evidence)

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if not isinstance(facts.usage, Usage) or len(facts.usage.asked) < FEWEST:
            return
        known = _curators_words(facts.cluster)
        open_, usual = _unanswered(facts), facts.usage.usual
        for topic in topics_of(open_, facts.usage.vectors, usual=usual, known_words=known)[:TOPICS]:
            turns = tuple(one.last.turn for one in topic.asked)
            yield Remedy(_asks(topic), partial(_answered, turns=turns), turn=turns[0])


def _unanswered(facts: Facts) -> list[Asked]:
    if not isinstance(facts.usage, Usage):
        return []
    valid = facts.valid_pairs()
    slugs, pair_of = {pair.slug for pair in valid}, pair_of_sql(facts)
    pairs = Phrasings(question for pair in valid for question in pair.questions())

    def is_answered(one: Asked) -> bool:
        verified = one.last.trust == "verified"
        stands = one.answered_then and (not verified or pair_of(one.last.sql) in slugs)
        return stands or ("bad" not in one.last.opinions and pairs.ask(one.last.question))

    return [one for one in facts.usage.asked if not is_answered(one)]


def _asks(topic: Topic) -> str:
    """What to do about a topic: most of it had no answer, a thin one, or one that was called wrong."""
    named = f": {', '.join(topic.words)}" if topic.words else " like the one of the turn that is named"
    asked = f"asked {_times(topic.times)}, by {topic.people} {'person' if topic.people == 1 else 'people'}"
    wrong = sum("bad" in one.last.opinions for one in topic.asked)
    thin = sum(one.last.kind == "answer" and "bad" not in one.last.opinions for one in topic.asked)
    if wrong * 2 > len(topic.asked):
        return f"Answers were called wrong{named} ({asked}). Vet a pair, or write down what was not known."
    if thin * 2 > len(topic.asked):
        return f"Write a doc or a pair{named} ({asked}, answered from thin context)."
    return f"Write a pair for questions{named} ({asked}, not answered)."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _curators_words(cluster: Cluster) -> frozenset[str]:
    texts = [cluster.title, cluster.summary]
    texts += [question for pair in cluster.pairs for question in pair.questions()]
    texts += [text for doc in cluster.docs for text in (doc.title, doc.body)]
    return frozenset(word for text in texts for word in words_in(text))


def _answered(facts: Facts, *, turns: tuple[str, ...]) -> Facts:
    return replace(facts, usage=facts.usage.with_answered(turns)) if isinstance(facts.usage, Usage) else facts
