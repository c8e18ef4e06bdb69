"""Leave one pair out: would its question still find the cluster, the datasets and the columns that its SQL needs?

It is the search that the agent uses, over everything that is published, with the pair's own vector for its question:
no text is embedded. Left out of each result are the pair and all pairs of the same SQL or the same wording; of the
cluster's words, those of the pair. Deliberately not here: what the share means (`retrieval_self_test`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vedder_core.context.bm25 import SATURATION
from vedder_core.context.entry import Entry, EntryKind, Passage, TaughtPair
from vedder_core.context.lance import words_of
from vedder_core.context.routing import LENGTH_WEIGHT, NEAREST_DATASET, NEAREST_PAIR, WORDS
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.vectors import Vectors
from vedder_core.sql.sameness import plain_form
from vedder_core.wording import form

FIRST: Mapping[EntryKind, int] = {"pair": 6, "doc": 4, "dataset": 8}
"""How many of each kind count as recalled: about what a model is shown at first."""

OPENED, CLEARLY_NEAR = 3, 0.25
"""A cluster is opened for a question when it is one of so many likeliest, with so much of the likeliest one's share."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """What came of one pair's question. `place` is that of its cluster among all (1: the likeliest)."""

    place: int
    opened: bool
    missed: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return self.opened and not self.missed


def recall_cluster(snapshot: Snapshot, cluster: str, *, dialect: str) -> dict[str, Recalled]:
    """By slug, for each pair of the cluster that teaches."""
    held = snapshot.slice
    own = list(held.among(("pair",), (cluster,)).tolist())
    if not own:
        return {}
    twins = _Twins([held.entries[place] for place in own], dialect)
    routing = _Routing(snapshot, cluster)
    found = {}
    for place in own:
        entry = held.entries[place]
        taught = entry.carried()
        if isinstance(taught, TaughtPair):
            out = twins.of(entry)
            found[taught.pair.slug] = _recalled(snapshot, routing, entry, taught, held.vectors[place], out)
    return found


def _recalled(
    snapshot: Snapshot, routing: "_Routing", entry: Entry, taught: TaughtPair, vector: Vectors, out: frozenset[str]
) -> Recalled:
    question = entry.text.partition("\n")[0]
    ranked = routing.ranked(question, vector, out)
    place = next(place for place, (name, _) in enumerate(ranked, start=1) if name == entry.cluster)
    least = CLEARLY_NEAR * ranked[0][1]
    opened = tuple(name for name, share in ranked[:OPENED] if share >= least)
    if entry.cluster not in opened:
        return Recalled(place, opened=False)
    search = Search(snapshot, _Known(vector))
    seen = list(_seen(search, question, opened, out))
    datasets = {name.casefold() for one in seen for name in one.datasets}
    columns = {name.casefold() for one in seen for name in _columns(one)}
    told = {one.title.casefold() for one in seen if one.kind == "dataset"}  # such an entry tells all its columns
    missed = [name for name in taught.datasets if name.casefold() not in datasets]
    for column in taught.columns:
        dataset = column.rpartition(".")[0]
        known = dataset.casefold() in told or column.casefold() in columns
        if not known and dataset not in missed:
            missed.append(column)
    return Recalled(place, opened=True, missed=tuple(missed))


def _seen(search: Search, question: str, opened: Sequence[str], out: frozenset[str]) -> Iterator[Entry]:
    for kind, first in FIRST.items():
        hits = search.find(question, kinds=(kind,), clusters=opened, limit=first + len(out))
        yield from [hit.entry for hit in hits if hit.entry.id not in out][:first]


def _columns(entry: Entry) -> tuple[str, ...]:
    if entry.kind == "dataset":
        return ()
    carried = entry.carried()
    return carried.columns if isinstance(carried, TaughtPair | Passage) else ()


@dataclass(frozen=True, eq=False)
class _Known:
    """An embedder that knows one vector, that of the question that is asked."""

    vector: Vectors
    name = "known"

    @property
    def dimension(self) -> int:
        return len(self.vector)

    def embed(self, texts: Sequence[str]) -> Vectors:  # noqa: ARG002
        return self.vector[np.newaxis]


class _Twins:
    """Which pairs give a pair's answer away?"""

    def __init__(self, entries: Iterable[Entry], dialect: str) -> None:
        self._marks: dict[str, frozenset[str]] = {}
        self._bearers: dict[str, set[str]] = {}
        for entry in entries:
            taught = entry.carried()
            if isinstance(taught, TaughtPair):
                sql = f"sql {plain_form(taught.pair.sql, dialect=dialect)}"
                marks = frozenset({sql, *map(form, taught.pair.questions())})
                self._marks[entry.id] = marks
                for mark in marks:
                    self._bearers.setdefault(mark, set()).add(entry.id)

    def of(self, entry: Entry) -> frozenset[str]:
        return frozenset().union(*(self._bearers[mark] for mark in self._marks[entry.id]))


class _Routing:
    """The router's ranking as it would be without some pairs of one cluster, at the price of a question.

    The router's own witnesses are corrected, because to make a router without a pair takes as long as to make it at
    all: the pair's cosine is taken for a usual one, and its words are taken out of its cluster's.
    """

    def __init__(self, snapshot: Snapshot, cluster: str) -> None:
        self._held, self._router = snapshot.slice, snapshot.router
        names = {name: place for place, name in enumerate(self._router.names)}
        self._own = names[cluster]
        self._pairs = self._held.among(("pair",))
        self._places = {entry.id: place for place, entry in enumerate(self._held.entries)}
        said = self._held.said
        self._texts_by_word = np.argsort(said.words, kind="stable")
        self._starts = np.searchsorted(said.words[self._texts_by_word], np.arange(len(said.numbers) + 1))
        self._cluster_of = np.array([names[entry.cluster] for entry in self._held.entries], dtype=np.intp)
        self._text_lengths = np.bincount(said.texts, minlength=said.size)
        self._lengths = np.bincount(self._cluster_of, weights=self._text_lengths, minlength=len(names))

    def ranked(self, question: str, vector: Vectors, out: frozenset[str]) -> list[tuple[str, float]]:
        """Clusters with their shares, the likeliest first."""
        places = np.array([self._places[id_] for id_ in out if id_ in self._places], dtype=np.intp)
        cosines, words = self._held.cosines(vector).copy(), words_of(question)
        cosines[places] = self._unremarkable(cosines, places)
        heard = self._router.witnesses(words, cosines)
        votes = WORDS * self._said(words, places) + NEAREST_PAIR * heard.pair + NEAREST_DATASET * heard.dataset
        shares = np.exp(votes - votes.max())
        shares /= shares.sum()
        order = sorted(range(len(shares)), key=lambda place: (-shares[place], self._router.names[place]))
        return [(self._router.names[place], float(shares[place])) for place in order]

    def _unremarkable(self, cosines: Vectors, out: NDArray[np.intp]) -> float:
        """A cosine for what is left out: as usual, and no better than the best of the cluster's other pairs."""
        others = self._pairs[~np.isin(self._pairs, out)]
        own = others[self._cluster_of[others] == self._own]
        if not len(own):
            return float(cosines.min())
        return float(min(cosines[others].mean(), cosines[own].max()))

    def _said(self, words: Sequence[str], out: NDArray[np.intp]) -> NDArray[np.float64]:
        """BM25 of what each cluster says, as the router has it, without some texts of the one."""
        gone = self._text_lengths[out].sum()
        lengths = self._lengths.copy()
        lengths[self._own] -= gone
        size = len(lengths)
        norms = SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * lengths / max(lengths.sum() / max(size, 1), 1.0))
        scores = np.zeros(size)
        for word in words:
            number = self._held.said.numbers.get(word)
            if number is None:
                continue
            texts = self._held.said.texts[self._texts_by_word[self._starts[number] : self._starts[number + 1]]]
            times = np.bincount(self._cluster_of[texts[~np.isin(texts, out)]], minlength=size)
            held = np.count_nonzero(times)
            rarity = np.log(1 + (size - held + 0.5) / (held + 0.5))
            scores += rarity * times * (SATURATION + 1) / (times + norms)
        return scores
