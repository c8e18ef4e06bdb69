"""What does a cluster share with others, and where do they contradict each other? For health, and for new clusters.

Compared are a cluster's files with what is published of all others: datasets, terms, questions, notes on columns. A
dataset that two clusters list is no conflict; two definitions of one word are. Deliberately not here: running SQL (two
questions conflict when they read the same and their SQL is not the same), and whose side is right.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import numpy as np

from vedder_core.asked_questions import Asked, asked_in
from vedder_core.cluster import Cluster, Doc, Owner, Pair
from vedder_core.context.entry import DatasetCard, Entry, Passage
from vedder_core.context.lance import telling, words_of
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.vectors import Vectors
from vedder_core.sql.sameness import plain_form

NEAR = 0.6
"""How near a question must be to another before their words are compared: the cosine above what is usual."""

SAME_WORDS = 0.8
"""The share of all telling words of two near questions that both must have, to be near the same question."""

FEWEST_WORDS = 2
"""Telling words without which near questions are not said to be the same: “How many are there?” suits everything."""

DEFINES = ("term", "definition")

SharedKind = Literal["dataset", "term", "question", "near_question", "note"]
"""near_question: it is near, in other words; it may well ask something else, and is no conflict."""


@dataclass(frozen=True, slots=True)
class Shared:
    """One thing that a cluster has in common with another one: whose it is there, and whether the two disagree.

    `own` and `other` are what stands in each: slugs of pairs or docs, `prefer` and `avoid`, or the dataset itself.
    """

    kind: SharedKind
    name: str
    own: str
    other: str
    cluster: str
    owner: Owner
    conflicts: bool


@dataclass(frozen=True, slots=True)
class Overlap:
    """Everything that a cluster shares; `of` counts what was compared: its datasets, defining docs and pairs."""

    shared: tuple[Shared, ...]
    of: int

    @property
    def conflicts(self) -> tuple[Shared, ...]:
        return tuple(one for one in self.shared if one.conflicts)


def overlap_of(cluster: Cluster, vectors: Mapping[str, Vectors], snapshot: Snapshot, *, dialect: str) -> Overlap:
    """What the cluster shares with the others of the context. `vectors` are of its pairs' questions, by slug."""
    owners = {card.name: card.owner for card in snapshot.cluster_cards()}
    held = snapshot.slice
    others = [entry for entry in held.entries if entry.cluster != cluster.name and entry.cluster in owners]
    defining = [doc for doc in cluster.docs if doc.kind in DEFINES]
    found = [
        *_datasets(cluster, others, owners),
        *_terms(defining, others, owners),
        *_questions(cluster.pairs, vectors, cluster.name, snapshot, owners, dialect),
    ]
    return Overlap(tuple(dict.fromkeys(found)), len(cluster.datasets) + len(defining) + len(cluster.pairs))


def _datasets(cluster: Cluster, others: Iterable[Entry], owners: Mapping[str, Owner]) -> Iterator[Shared]:
    """Datasets that several clusters list, and columns that one prefers and the other avoids.

    A column that any of them hides is not named.
    """
    own = {dataset.name.casefold(): dataset for dataset in cluster.datasets}
    shared = [entry for entry in others if entry.kind == "dataset" and entry.title.casefold() in own]
    cards = [(entry, card) for entry in shared if isinstance(card := entry.carried(), DatasetCard)]
    hidden = {(d.name.casefold(), c.casefold()) for d in cluster.datasets for c in d.hidden_columns()}
    hidden |= {(card.dataset.name.casefold(), c.casefold()) for _, card in cards for c in card.dataset.hidden_columns()}
    for entry, card in cards:
        name, owner = entry.title, owners[entry.cluster]
        yield Shared("dataset", name, name, name, entry.cluster, owner, conflicts=False)
        said = {column.casefold(): note.use for column, note in card.dataset.columns.items()}
        for column, note in own[name.casefold()].columns.items():
            there = said.get(column.casefold())
            if note.use and there and note.use != there and (name.casefold(), column.casefold()) not in hidden:
                yield Shared("note", f"{name}.{column}", note.use, there, entry.cluster, owner, conflicts=True)


def _terms(docs: Iterable[Doc], others: Iterable[Entry], owners: Mapping[str, Owner]) -> Iterator[Shared]:
    """Terms that another cluster defines under the same title; in other words, it is a conflict."""
    own = {_title(doc.title): doc for doc in docs}
    passages: dict[tuple[str, str], list[Passage]] = {}
    for entry in others if own else ():
        if entry.kind == "doc" and _title(entry.title) in own:
            passage = entry.carried()
            if isinstance(passage, Passage) and passage.kind in DEFINES:
                passages.setdefault((entry.cluster, passage.slug), []).append(passage)
    for (cluster, slug), parts in passages.items():
        doc = own[_title(parts[0].title)]
        text = " ".join(part.text for part in sorted(parts, key=lambda part: part.part))
        differs = words_of(text) != words_of(doc.body)
        yield Shared("term", doc.title, doc.slug, slug, cluster, owners[cluster], conflicts=differs)


def _title(title: str) -> frozenset[str]:
    """The words of a title, whatever their order and endings; *a*, *the* and the like tell nothing."""
    words = words_of(title)
    return frozenset(words_of(" ".join(telling(title.casefold().split())))) or frozenset(words)


def _questions(
    pairs: Sequence[Pair],
    vectors: Mapping[str, Vectors],
    cluster: str,
    snapshot: Snapshot,
    owners: Mapping[str, Owner],
    dialect: str,
) -> Iterator[Shared]:
    """Questions that others ask in the same or nearly the same words; with other SQL, it is a conflict."""
    held, asked = snapshot.slice, asked_in(snapshot)
    others = np.flatnonzero(asked.cluster_of != cluster)
    known = [pair for pair in pairs if pair.slug in vectors]
    if not known or not len(others):
        return
    theirs, mine = held.vectors[asked.places[others]], np.stack([vectors[pair.slug] for pair in known])
    usual = float(theirs.mean(axis=0) @ mine.mean(axis=0))
    near = (mine @ theirs.T - usual) / max(1 - usual, 1e-6) >= NEAR
    own = [Asked.by(pair) for pair in known]
    near |= np.stack([asked.titled(one)[others] for one in own])
    plain = cache(partial(plain_form, dialect=dialect))
    for number, place in np.argwhere(near).tolist():
        pair, other, entry = known[number], asked.at(at := asked.places[others[place]]), held.entries[at]
        if other is None:
            continue
        slugs, owner = (pair.slug, other.slug), owners[entry.cluster]
        if not _same_question(own[number], other):
            yield Shared("near_question", pair.question, *slugs, entry.cluster, owner, conflicts=False)
            continue
        yield Shared("question", pair.question, *slugs, entry.cluster, owner, plain(pair.sql) != plain(other.sql))


def _same_question(one: Asked, other: Asked) -> bool:
    """Some wording of the one is a wording of the other, or has nearly the same telling words."""
    if one.forms & other.forms:
        return True
    return any(_alike(mine, theirs) for mine in one.telling for theirs in other.telling)


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    words = sum(not word.startswith("{}") for word in one & other)
    return words >= FEWEST_WORDS and len(one & other) >= SAME_WORDS * len(one | other)
