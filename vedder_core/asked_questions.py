"""What the pairs of all clusters ask, at one version of the context: read once, to be compared with cluster by cluster.

What is compared of a question is its form, and the words in it that tell. Deliberately not here: what it means that
two are the same (`overlap`).
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vedder_core.cluster import Pair
from vedder_core.context.entry import TaughtPair
from vedder_core.context.lance import telling, words_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.wording import BLANK, form


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair as it is compared: the forms of its wordings, and the telling words of each."""

    slug: str
    sql: str
    forms: frozenset[str]
    telling: tuple[frozenset[str], ...]

    @classmethod
    def by(cls, pair: Pair) -> "Asked":
        questions = pair.questions()
        return cls(pair.slug, pair.sql, frozenset(map(form, questions)), tuple(map(_words_and_blanks, questions)))


class AskedQuestions:
    """`places` are those of all pairs in the version's slice, `cluster_of` gives each one's cluster."""

    def __init__(self, snapshot: Snapshot) -> None:
        held = snapshot.slice
        self._entries = held.entries
        self.places = held.among(("pair",))
        self.cluster_of = np.array([held.entries[place].cluster for place in self.places.tolist()], dtype=object)
        self._numbers: dict[str, int] = {}
        forms = [form(held.entries[place].title) for place in self.places.tolist()]
        self._titles = np.array([self._numbers.setdefault(one, len(self._numbers)) for one in forms], dtype=np.intp)
        self._read: dict[int, Asked | None] = {}

    def titled(self, asked: Asked) -> NDArray[np.bool_]:
        """Of each pair: is its question one of these wordings?"""
        return np.isin(self._titles, [self._numbers[one] for one in asked.forms if one in self._numbers])

    def at(self, place: int) -> Asked | None:
        """The pair at a place of the slice; None where it cannot be read."""
        if place not in self._read:
            taught = self._entries[place].carried()
            self._read[place] = Asked.by(taught.pair) if isinstance(taught, TaughtPair) else None
        return self._read[place]


@lru_cache(maxsize=1)
def asked_in(snapshot: Snapshot) -> AskedQuestions:
    """All that is asked at a version; of the last version that was compared, it is kept."""
    return AskedQuestions(snapshot)


def _words_and_blanks(question: str) -> frozenset[str]:
    """The words that say what is asked, and how many blanks there are."""
    words = telling(BLANK.sub(" ", question.casefold()).replace("?", " ").split())
    blanks = {f"{{}}{number}" for number, _ in enumerate(BLANK.findall(question))}
    return frozenset({*words_of(" ".join(words)), *blanks})
