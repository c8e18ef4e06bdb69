"""How sure it is that one thing is another under a new name: weights, and the choice of who is whom.

The weights were set on known changes of every second database of Spider and BIRD, and checked on the others
(`bench.breakage`). A confidence counts all rivals, and that the thing is simply gone.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from vedder_core.column_likeness import Likeness

Old = TypeVar("Old", bound=Hashable)
New = TypeVar("New", bound=Hashable)

HIGHEST = 12.0
LEAST = 0.7
"""A proposal below this confidence would be a guess, and is not made."""

WEIGHTS: Mapping[str, float] = {
    "nothing": -5.0,
    "same_type": 1.5,
    "other_family": -2.0,
    "between": 3.0,
    "end": 1.5,
    "name": 4.0,
    "good_name": 2.0,
    "profile": 0.7,
    "unlike": 0.3,
    "unprofiled_name": 2.0,
    "unprofiled_place": -0.8,
}


def features(one: Likeness) -> dict[str, float]:
    """What the weights are multiplied with."""
    return {
        "nothing": 1.0,
        "same_type": float(one.same_type),
        "other_family": float(not one.same_family),
        "between": float(one.place == "between"),
        "end": float(one.place == "end"),
        "name": one.name,
        "good_name": float(one.name >= 0.75),
        "profile": one.profile,
        "unlike": min(0.0, one.profile),
        "unprofiled_name": 0.0 if one.profiled else one.name,
        "unprofiled_place": 0.0 if one.profiled else float(one.place != "moved"),
    }


def log_odds(one: Likeness) -> float:
    """How much more likely it is that the two columns are one than that they are two."""
    return sum(WEIGHTS[name] * value for name, value in features(one).items())


@dataclass(frozen=True, slots=True)
class Match(Generic[Old, New]):
    """`now` is what became of `was`."""

    was: Old
    now: New
    confidence: float


def matches(
    gone: Iterable[Old], new: Iterable[New], score: Callable[[Old, New], float | None], *, least: float = LEAST
) -> list[Match[Old, New]]:
    """Each thing at most once, the surest first. `score` gives log odds, None where it cannot be.

    Who is whom is chosen over all of them: what another is surely called is no rival any more.
    """
    free = list(new)
    scores = {(was, now): likely for was in gone for now in free if (likely := score(was, now)) is not None}
    odds = {pair: math.exp(min(likely, HIGHEST)) for pair, likely in scores.items()}
    of_was, of_now = defaultdict[Old, float](float), defaultdict[New, float](float)
    for (was, now), one in odds.items():
        of_was[was] += one
        of_now[now] += one
    chosen: list[Match[Old, New]] = []
    while odds:
        # The odds of each pair among all that want one of the two, and that there is nothing.
        sure = {(w, n): one / (1 + of_was[w] + of_now[n] - one) for (w, n), one in odds.items()}
        was, now = max(sure, key=lambda pair: (sure[pair], odds[pair]))
        if sure[was, now] < least:
            break
        chosen.append(Match(was, now, round(sure[was, now], 3)))
        for pair in [pair for pair in odds if pair[0] == was or pair[1] == now]:
            one = odds.pop(pair)
            of_was[pair[0]] -= one
            of_now[pair[1]] -= one
    return chosen
