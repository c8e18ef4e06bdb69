"""What an answer rests on: the pair and who vetted it, the datasets, and the docs about the columns that it uses.

A doc counts because it names what the SQL uses, not because its words resemble the question.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from vedder_api.agent.taught import dataset_of, passage_of
from vedder_core.answer import Source
from vedder_core.context.entry import Entry, Passage, TaughtPair

MOST_DOCS = 3
LONGEST_EXCERPT = 240


def sources(
    pair: Entry, taught: TaughtPair, *, datasets: Iterable[Entry], docs: Iterable[Entry], near: Sequence[str]
) -> tuple[Source, ...]:
    """The sources in the order of their weight. `near` are ids of entries, the nearest to the question first."""
    used = {name.casefold() for name in taught.datasets}
    vetted = f"vetted by {taught.pair.vetted_by} on {taught.pair.vetted_on:%Y-%m-%d}: {taught.pair.teaches}"
    return (
        _source(pair, "pair", vetted),
        *(_dataset(entry) for entry in datasets if entry.title.casefold() in used),
        *(_source(entry, "doc", passage.text) for entry, passage in _best(docs, taught, near)),
    )


def _best(docs: Iterable[Entry], taught: TaughtPair, near: Sequence[str]) -> list[tuple[Entry, Passage]]:
    """Passages about the pair's columns first, rare ones before common ones; then near ones about its datasets."""
    read = [(entry, passage) for entry in docs if (passage := passage_of(entry)) is not None]
    columns = {name.casefold() for name in taught.columns}
    datasets = {name.casefold() for name in taught.datasets}
    naming = Counter(name for _, passage in read for name in _folded(passage.columns))
    rank = {id_: place for place, id_ in enumerate(near)}

    def weight(passage: Passage) -> float:
        return sum(1 / naming[name] for name in _folded(passage.columns) & columns)

    about = [(e, p) for e, p in read if weight(p) or (e.id in rank and _folded(p.datasets) & datasets)]
    return sorted(about, key=lambda ep: (-weight(ep[1]), rank.get(ep[0].id, len(rank)), ep[0].id))[:MOST_DOCS]


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _dataset(entry: Entry) -> Source:
    card = dataset_of(entry)
    return _source(entry, "dataset", card.dataset.description if card is not None else "")


def _source(entry: Entry, kind: Literal["pair", "doc", "dataset"], excerpt: str) -> Source:
    said = " ".join(excerpt.split())
    cut = said if len(said) <= LONGEST_EXCERPT else f"{said[:LONGEST_EXCERPT].rsplit(' ', 1)[0]} …"
    return Source(entry.id, kind, entry.title, entry.cluster, entry.content_hash, cut)
