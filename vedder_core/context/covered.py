"""Does any cluster cover a question? What speaks for each cluster and against it, as numbers that can be added up.

Rare words count more than common ones, and what nobody has ever said counts most; the words that every question is
made of (*how many*, *list*) count nothing. How much each witness weighs, and from where on a question counts as
covered, is in `vedder_core.calibration`. Deliberately not here: which cluster a question is about (`routing.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from vedder_core.calibration import log_odds
from vedder_core.context.entry import EntryKind
from vedder_core.context.lance import telling, words_of
from vedder_core.context.slice import Slice
from vedder_core.embedder.vectors import Vectors

WITNESSES = (
    "missing share",
    "known names",
    "words of a pair",
    "words of a dataset",
    "nearest pair",
    "nearest dataset",
)
"""What is heard about each cluster: how much of the question it does not know, the names that it knows, the words that
its best pair and its best dataset or doc know, and how near its nearest pair and dataset or doc are.

A calibration holds for the witnesses that it names: who changes how one is heard gives it another name."""

NAME = 0.5
"""How much a name counts in the missing share beside a word: covered questions, too, name people that nobody taught."""

TOGETHER, HANDICAP = 4, 1.0
"""A question may be about two of the best so many clusters; together they must then reach so much more."""

_ASKING = (
    "above alphabetical any ascending average biggest both common contain correspond count descending "
    "different display distinct does each either every fewest find first four frequent from give greater "
    "greatest had has have her higher highest his how larger largest last least less list lower lowest many "
    "maximum mean minimum more most much number one order other please return second show smaller smallest "
    "sort sum tell than their three top total two unique what when where which who whose would"
)
_NAMED = re.compile(r"\"[^\"]*\"|“[^”]*”|‘[^’]*’|(?<!\w)'[^']*'(?!\w)|(?<=[\w,;:'] )[A-Z][\w'.-]*")
"""What stands in quotes or begins with a capital inside of a sentence: a value, which few clusters have been told."""

_WRITTEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Words:
    """What tells in a question: its words without those of any question, and which of them are names of something."""

    plain: tuple[str, ...]
    named: tuple[str, ...]


def telling_words(question: str) -> Words:
    """The words of a question that say what it is about, each once."""
    words = _told(question)
    named = _told(" ".join(match.group() for match in _NAMED.finditer(question)))
    return Words(tuple(sorted(words - named)), tuple(sorted(words & named)))


def _told(text: str) -> set[str]:
    words = {word for word in words_of(text) if not word.isdigit()}
    return telling(words) - _asking() if words else set()


@lru_cache(maxsize=1)
def _asking() -> frozenset[str]:
    return frozenset(words_of(_ASKING))


@dataclass(frozen=True, eq=False, slots=True)
class Without:
    """What is to be taken for unknown: some entries, by place, and one cluster with all that is of it."""

    entries: Sequence[int] = ()
    cluster: int | None = None


NOTHING = Without()


class Covered:
    """Hears the witnesses for all clusters of one version at once, from memory."""

    def __init__(self, held: Slice) -> None:
        self.names = tuple(sorted({entry.cluster for entry in held.entries}))
        place = {name: index for index, name in enumerate(self.names)}
        self.cluster_of = np.array([place[entry.cluster] for entry in held.entries], dtype=np.intp)
        self.pairs = _Group(held, ("pair",), self.cluster_of)
        self._texts = _Group(held, ("dataset", "doc"), self.cluster_of)
        said = held.said.telling()
        order = np.argsort(said.words, kind="stable")
        self._numbers, self._saying = said.numbers, said.texts[order]
        self._starts = np.searchsorted(said.words[order], np.arange(len(said.numbers) + 1))

    def witnesses(self, words: Words, cosines: Vectors, *, without: Without = NOTHING) -> NDArray[np.float64]:
        """A row a cluster in the order of `names`, a column a witness in the order of `WITNESSES`.

        `cosines` are of all entries. The row of a cluster that is left out means nothing.
        """
        alive = self._alive(without)
        missing, named, told = self._heard_words(words, alive, without)
        near = self._nearness(cosines, alive)
        columns = (
            missing,
            named,
            self.pairs.best(told, alive, len(self.names)),
            self._texts.best(told, alive, len(self.names)),
            self.pairs.best(near, alive, len(self.names)),
            self._texts.best(near, alive, len(self.names)),
        )
        return np.stack(columns, axis=1)

    def _nearness(self, cosines: Vectors, alive: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Of every entry: 0 is no nearer than the average pair, 1 is the same."""
        pairs = self.pairs.places[alive[self.pairs.places]]
        usual = float(cosines[pairs].mean()) if pairs.size else float(cosines.mean())
        return np.asarray(np.maximum((cosines - usual) / max(1 - usual, 1e-6), 0.0), dtype=np.float64)

    def nearest(
        self, words: Words, cosines: Vectors, *, weights: tuple[float, ...], thresholds: NDArray[np.float64]
    ) -> tuple[int, float]:
        """The place of the cluster that covers a question best, and how far above its threshold, alone or with another
        cluster."""
        heard = self.witnesses(words, cosines)
        above = log_odds(heard, weights) - thresholds
        best = np.argsort(-above, kind="stable")[:TOGETHER].tolist()
        margin = float(above[best[0]])
        if margin < 0:
            for two in combinations(best, 2):
                score = float(log_odds(self._together(words, heard, list(two)), weights))
                margin = max(margin, score - HANDICAP - float(thresholds[list(two)].max()))
        return best[0], margin

    def _together(self, words: Words, heard: NDArray[np.float64], two: list[int]) -> NDArray[np.float64]:
        """What is heard of two clusters as if they were one: missing is what neither knows, and each adds its pair."""
        row: NDArray[np.float64] = np.max(heard[two], axis=0)
        found = [self._known(word, two) for word in (*words.plain, *words.named)]
        known, rarity = np.array([one[0] for one in found], dtype=bool), np.array([one[1] for one in found])
        row[0] = _missing_share(words, rarity, known[:, None])[0]
        row[1] = (known * rarity)[len(words.plain) :].sum()
        row[2] = heard[two, 2].sum()
        return row

    def _known(self, word: str, clusters: list[int]) -> tuple[bool, float]:
        """Whether one of these clusters knows a word, and how rare it is."""
        knowing = np.unique(self.cluster_of[self._who_says(word)])
        return not set(clusters).isdisjoint(knowing.tolist()), _rarity(len(knowing), len(self.names))

    def unknown(self, question: str, cluster: str) -> tuple[str, ...]:
        """The telling words of a question that a cluster does not know, as they stand there."""
        place = self.names.index(cluster)
        written = dict.fromkeys(_WRITTEN.findall(question))
        return tuple(word for word in written if any(not self._known_by(place, stem) for stem in _told(word)))

    def _known_by(self, cluster: int, word: str) -> bool:
        return bool((self.cluster_of[self._who_says(word)] == cluster).any())

    def _alive(self, without: Without) -> NDArray[np.bool_]:
        alive = np.ones(len(self.cluster_of), dtype=bool)
        alive[list(without.entries)] = False
        if without.cluster is not None:
            alive[self.cluster_of == without.cluster] = False
        return alive

    def _heard_words(
        self, words: Words, alive: NDArray[np.bool_], without: Without
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """By cluster the share of the question that it does not know and the names that it knows, by entry the words
        that it knows. A word counts by how few clusters know it, at most 1."""
        clusters, all_words = len(self.names), (*words.plain, *words.named)
        others = clusters - (without.cluster is not None)
        known, rarity = np.zeros((len(all_words), clusters), dtype=bool), np.zeros(len(all_words))
        told = np.zeros(len(self.cluster_of))
        for row, word in enumerate(all_words):
            saying = self._who_says(word)
            saying = saying[alive[saying]]
            known[row, self.cluster_of[saying]] = True
            rarity[row] = _rarity(int(known[row].sum()), others)
            told[saying] += rarity[row]
        names = slice(len(words.plain), None)
        return _missing_share(words, rarity, known), rarity[names] @ known[names], told

    def _who_says(self, word: str) -> NDArray[np.intp]:
        """The entries that have this word, each once."""
        number = self._numbers.get(word)
        if number is None:
            return np.empty(0, dtype=np.intp)
        return np.unique(self._saying[self._starts[number] : self._starts[number + 1]])


class _Group:
    """Entries of some kinds, sorted by cluster, so that the best of each cluster is found in one pass."""

    def __init__(self, held: Slice, kinds: Sequence[EntryKind], cluster_of: NDArray[np.intp]) -> None:
        places = held.among(kinds=kinds)
        self.places = places[np.argsort(cluster_of[places], kind="stable")]
        self._clusters, self._starts = np.unique(cluster_of[self.places], return_index=True)

    def best(self, values: NDArray[np.float64], alive: NDArray[np.bool_], clusters: int) -> NDArray[np.float64]:
        """The highest value of each cluster; 0 where there is none."""
        found = np.zeros(clusters)
        if self.places.size:
            own = np.where(alive[self.places], values[self.places], 0.0)
            found[self._clusters] = np.maximum.reduceat(own, self._starts)
        return found


def _missing_share(words: Words, rarity: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of a question each cluster does not know, 0 to 1. `known` has a row a word, a column a cluster."""
    weights = rarity * np.repeat([1.0, NAME], [len(words.plain), len(words.named)])
    return np.asarray(weights @ ~known / max(weights.sum(), 1e-6))


def _rarity(clusters: int, among: int) -> float:
    """How few clusters know a word: 1 where none does."""
    return float(np.log(1 + (among - clusters + 0.5) / (clusters + 0.5)) / np.log(1 + (among + 0.5) / 0.5))
