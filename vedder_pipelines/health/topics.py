"""Questions in groups that mean about the same, each named by its most typical words.

Agglomerative clustering with average linkage over the vectors of the embedder: well known, no number of groups to
guess, deterministic, and for a few hundred questions a few milliseconds of numpy; a library for it would bring SciPy
along. Deliberately not here: what a topic lacks.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from vedder_core.context.lance import telling
from vedder_core.embedder.vectors import Vectors
from vedder_pipelines.health.asked import Asked

ALIKE = 0.4
"""How alike the questions of a topic are on average: the cosine, as far as it is above what is usual in the context."""

WORDS = 3
"""That name a topic."""

SAID_BY = 2
"""People who must have used a word before it is told, unless curators use it: a word of one person may be a secret."""


@dataclass(frozen=True)
class Topic:
    """Questions that are alike; the first is the most typical one. `words` name them, as far as they may be told."""

    asked: tuple[Asked, ...]
    words: tuple[str, ...]

    @property
    def times(self) -> int:
        return sum(one.times for one in self.asked)

    @property
    def people(self) -> int:
        return len({one.last.caller for one in self.asked})


def topics_of(
    asked: Sequence[Asked], vectors: Mapping[str, Vectors], *, usual: float, known_words: frozenset[str]
) -> tuple[Topic, ...]:
    """The questions that have a vector, in topics; those that were asked most come first."""
    placed = [one for one in asked if one.last.turn in vectors]
    if not placed:
        return ()
    matrix = np.stack([vectors[one.last.turn] for one in placed])
    likeness = (matrix @ matrix.T - usual) / max(1 - usual, 1e-6)
    rarity = _rarity(placed)
    topics = []
    for group in _grouped(likeness):
        typical = sorted(group, key=lambda place: (-likeness[place, group].mean(), placed[place].last.turn))
        together = tuple(placed[place] for place in typical)
        topics.append(Topic(together, _words(together, rarity, known_words)))
    return tuple(sorted(topics, key=lambda topic: (-topic.times, topic.asked[0].last.turn)))


def _grouped(likeness: Vectors) -> list[list[int]]:
    """Average linkage: the two groups that are most alike become one, as long as they are alike enough."""
    groups: dict[int, list[int]] = {place: [place] for place in range(len(likeness))}
    linked = likeness.astype(np.float64)
    np.fill_diagonal(linked, -np.inf)
    while len(groups) > 1:
        one, other = (int(place) for place in np.unravel_index(int(linked.argmax()), linked.shape))
        if linked[one, other] < ALIKE:
            break
        sizes = len(groups[one]), len(groups[other])
        mean = (linked[one] * sizes[0] + linked[other] * sizes[1]) / sum(sizes)
        linked[one], linked[:, one] = mean, mean
        linked[other], linked[:, other] = -np.inf, -np.inf
        linked[one, one] = -np.inf
        groups[one] += groups.pop(other)
    return list(groups.values())


def words_in(question: str) -> list[str]:
    """Its words as they are written, each once."""
    return list(dict.fromkeys(re.findall(r"\w+", question.casefold())))


def _rarity(asked: Sequence[Asked]) -> Mapping[str, float]:
    """Of each word that tells, how much: the fewer questions have it, the more."""
    spoken = Counter(word for one in asked for word in words_in(one.last.question))
    kept = telling(spoken)
    return {word: log(1 + len(asked) / times) for word, times in spoken.items() if word in kept}


def _words(asked: Sequence[Asked], rarity: Mapping[str, float], known_words: frozenset[str]) -> tuple[str, ...]:
    said: dict[str, set[str]] = {}
    used = Counter(word for one in asked for word in words_in(one.last.question))
    for one in asked:
        for word in words_in(one.last.question):
            said.setdefault(word, set()).add(one.last.caller)
    told = [word for word in used if word in rarity and (word in known_words or len(said[word]) >= SAID_BY)]
    told.sort(key=lambda word: (-used[word] * rarity[word], word))
    return tuple(told[:WORDS])
