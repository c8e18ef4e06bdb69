"""Signal: what do people think of the answers that rest on this cluster?"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from vedder_core.health import Reading
from vedder_pipelines.health.asked import Asked, Usage
from vedder_pipelines.health.bounds import at_least
from vedder_pipelines.health.signal import Facts, Remedy

FEWEST = 5
"""Opinions without which a share says too little."""

NAMED = 3


class Feedback:
    """The share of opinions that are good, with some certainty.

    Formula: the lower bound (Wilson, 90 %) of good / (good + bad), over the last opinion of each person on each answer
    of the last 90 days that rests on this cluster. Fewer than 5: not measured.
    Inputs: the feedback of the state database.
    Threshold: 5 opinions. It only ever lowers the score: see `score`.
    Action: look at the answers that were called wrong, by their turns: what its authors wrote is there.
    """

    name = "feedback"
    weight = 0.1

    def read(self, facts: Facts) -> Reading:
        if not isinstance(facts.usage, Usage):
            return Reading(self.name, None, self.weight, (facts.usage.why,))
        good = sum(one.good for one in facts.usage.asked)
        bad = sum(one.bad for one in facts.usage.asked)
        said = f"{good} of {good + bad} opinions since {facts.usage.since:%d %B %Y} are good"
        if good + bad < FEWEST:
            return Reading(self.name, None, self.weight, (f"{said}; fewer than {FEWEST} say too little.",))
        return Reading(self.name, at_least(good, good + bad), self.weight, (f"{said}.",))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if not isinstance(facts.usage, Usage) or sum(one.good + one.bad for one in facts.usage.asked) < FEWEST:
            return
        wrong = sorted((one for one in facts.usage.asked if one.bad), key=lambda one: -one.bad)
        for one in wrong[:NAMED]:
            called = "once" if one.bad == 1 else f"{one.bad} times"
            text = f"Look at the answer of turn {one.last.turn}, which was called wrong {called}."
            yield Remedy(text, partial(_mended, turn=one.last.turn), turn=one.last.turn)


def _mended(facts: Facts, *, turn: str) -> Facts:
    """As if what was called wrong had been called right."""
    if not isinstance(facts.usage, Usage):
        return facts

    def mended(one: Asked) -> Asked:
        last = replace(one.last, opinions=tuple("good" for _ in one.last.opinions))
        return Asked(last, one.times, good=one.good + one.bad, bad=0) if one.last.turn == turn else one

    return replace(facts, usage=replace(facts.usage, asked=tuple(map(mended, facts.usage.asked))))
