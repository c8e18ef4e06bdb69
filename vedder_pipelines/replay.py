"""How sure is the fast path? Every vetted question is asked again: as it is written, with its own phrasing held out,
and with its pair held out, so that nobody may answer it.

An answer is wrong when it is by another SQL than the question's own. It is the matching of the API itself, over the
pairs that are nearest by the vectors that the context holds. Deliberately not here: running any SQL.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from vedder_core.calibration import FastPath, Theft
from vedder_core.context.entry import Entry, TaughtPair
from vedder_core.context.slice import Slice
from vedder_core.matching.fast_path import Filled, match
from vedder_core.matching.phrasing import Candidate, candidate
from vedder_core.sql.sameness import plain_form
from vedder_pipelines.health.bounds import at_least

NEAREST = 10
"""Pairs that a question is compared with, as when somebody asks."""

THEFTS_NAMED = 20
ROWS = 256


@dataclass(frozen=True, eq=False, slots=True)
class _Vetted:
    """A pair ready for matching: its cluster, its questions with the blanks filled, and its SQL in one form."""

    entry: Entry
    candidate: Candidate
    questions: tuple[str, ...]
    sql: str


@dataclass
class _Counts:
    right: int = 0
    wrong: int = 0
    declined: int = 0
    thefts: dict[tuple[str, str], Theft] = field(default_factory=dict)

    def fast_path(self) -> FastPath:
        given = self.right + self.wrong
        certainty = at_least(self.right, given) if given else None
        return FastPath(self.right, self.wrong, self.declined, certainty, tuple(self.thefts.values())[:THEFTS_NAMED])


def replayed(held: Slice, *, dialect: str) -> Mapping[str, FastPath]:
    """What the fast path did, by the cluster that answered (or, where nobody did, whose question it was)."""
    places = held.among(kinds=("pair",))
    vetted = [_read(held.entries[place], dialect) for place in places]
    counts: defaultdict[str, _Counts] = defaultdict(_Counts)
    for row, near in enumerate(_nearest(held.vectors[places])):
        own = vetted[row]
        if own is not None:
            _replay(own, [one for place in near if (one := vetted[place]) is not None and one is not own], counts)
    return {name: counted.fast_path() for name, counted in counts.items()}


def _read(entry: Entry, dialect: str) -> _Vetted | None:
    content = entry.carried()
    if not isinstance(content, TaughtPair):
        return None
    questions = tuple(entry.text.split("\n"))
    ready = candidate(entry.id, content)
    if len(questions) != len(ready.phrasings):
        questions = ()  # a question of several lines
    return _Vetted(entry, ready, questions, plain_form(content.pair.sql, dialect=dialect))


def _replay(own: _Vetted, others: Sequence[_Vetted], counts: Mapping[str, _Counts]) -> None:
    strangers = [one for one in others if one.sql != own.sql]
    for place, question in enumerate(own.questions):
        kept = tuple(phrasing for number, phrasing in enumerate(own.candidate.phrasings) if number != place)
        without = replace(own, candidate=replace(own.candidate, phrasings=kept))
        for among in ([own, *others], [without, *others] if kept else None, strangers):
            if among is not None:
                _count(own, question, among, counts)


def _count(own: _Vetted, question: str, among: Iterable[_Vetted], counts: Mapping[str, _Counts]) -> None:
    by_id = {one.entry.id: one for one in among}
    found = match(question, [one.candidate for one in by_id.values()], explain=False)
    if not isinstance(found, Filled):
        counts[own.entry.cluster].declined += 1
        return
    answering = by_id[found.candidate.entry]
    counted = counts[answering.entry.cluster]
    if answering.sql == own.sql:
        counted.right += 1
        return
    counted.wrong += 1
    thief, owner = answering.entry.id, own.entry.id
    counted.thefts.setdefault((thief, owner), Theft(thief, owner, question))


def _nearest(vectors: NDArray[np.float32]) -> Iterator[list[int]]:
    """For each vector the places of those nearest to it, itself among them."""
    most = min(NEAREST + 1, len(vectors))
    for start in range(0, len(vectors), ROWS):
        cosines = vectors[start : start + ROWS] @ vectors.T
        best = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
        yield from best.tolist()
