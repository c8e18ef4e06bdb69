"""The questions that people really asked, as the signals see them: each once a person, and whether it was answered.

Questions may hold personal data: they are read for one measuring and kept nowhere else. What leaves is counts, words
that curators use or that several people said, and the ids of turns.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from vedder_core.embedder.vectors import Vectors
from vedder_core.state.usage import AskedTurn
from vedder_core.wording import form


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of one person, however often they asked it: its newest turn, and the opinions on all answers."""

    last: AskedTurn
    times: int
    good: int
    bad: int

    @property
    def answered_then(self) -> bool:
        """By a vetted pair, or by SQL that rests on what experts teach; and nobody called the last answer wrong."""
        return self.last.kind == "answer" and self.last.trust != "exploratory" and "bad" not in self.last.opinions


@dataclass(frozen=True)
class Usage:
    """What was asked of a cluster since a moment. `vectors` are of the questions that were not answered, by turn;
    `usual` is how alike any two things are in this context, as a cosine.
    """

    asked: tuple[Asked, ...]
    since: datetime
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    usual: float = 0.0

    def with_answered(self, turns: Iterable[str]) -> "Usage":
        """As if these questions had been answered by new SQL that nobody called wrong."""
        done = frozenset(turns)
        asked = (_answered(one) if one.last.turn in done else one for one in self.asked)
        return replace(self, asked=tuple(asked))


def _answered(one: Asked) -> Asked:
    last = replace(one.last, kind="answer", trust="grounded", opinions=())
    return Asked(last, one.times, good=one.good, bad=0)


def each_once(turns: Sequence[AskedTurn]) -> tuple[Asked, ...]:
    """One a person and wording; `turns` are the newest first. Questions back to the asker are no answers and no
    failures: what came of them is another turn.
    """
    found: dict[tuple[str, str], list[AskedTurn]] = {}
    for turn in turns:
        if turn.kind != "clarify":
            found.setdefault((turn.caller, form(turn.question)), []).append(turn)
    return tuple(_together(same) for same in found.values())


def _together(same: Sequence[AskedTurn]) -> Asked:
    opinions = [opinion for turn in same for opinion in turn.opinions]
    return Asked(same[0], len(same), good=opinions.count("good"), bad=opinions.count("bad"))
