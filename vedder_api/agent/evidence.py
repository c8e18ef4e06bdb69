"""What an answer rests on: the pair and who vetted it, the datasets, and the docs about the columns that it uses.

A doc counts because it names what the SQL uses, not because its words resemble the question.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Literal

from vedder_api.agent.taught import content_of
from vedder_core.answer import Source
from vedder_core.context.entry import DatasetCard, Entry, Passage, TaughtPair

MOST_DOCS = 3
LONGEST_EXCERPT = 240


def sources(
    pair: Entry, taught: TaughtPair, *, beside: Sequence[Entry], near: Mapping[str, float]
) -> tuple[Source, ...]:
    """The sources in the order of their weight: the pair, datasets, docs.

    `beside` are the datasets and docs of its cluster; `near` says of docs by id how near they are, from 0 to 1.
    """
    vetted = f"vetted by {taught.pair.vetted_by} on {taught.pair.vetted_on:%Y-%m-%d}: {taught.pair.teaches}"
    return (
        _source(pair, "pair", vetted),
        *(_source(entry, "dataset", card.dataset.description) for entry, card in _datasets(beside, taught)),
        *(_source(entry, "doc", passage.text) for entry, passage in _best(beside, taught, near)),
    )


def _datasets(beside: Iterable[Entry], taught: TaughtPair) -> list[tuple[Entry, DatasetCard]]:
    used = _folded(taught.datasets)
    contents = ((entry, content_of(entry)) for entry in beside)
    return [(e, card) for e, card in contents if isinstance(card, DatasetCard) and card.dataset.name.casefold() in used]


def _best(docs: Iterable[Entry], taught: TaughtPair, near: Mapping[str, float]) -> list[tuple[Entry, Passage]]:
    """Passages about the pair's columns, or near ones about its datasets, the best first.

    Best is how much of what a passage names the SQL uses, and the other way round; a column that few passages name
    tells more than one that all of them do. Being near counts as much again.
    """
    read = [(entry, passage) for entry in docs if isinstance(passage := content_of(entry), Passage)]
    columns, datasets = _folded(taught.columns), _folded(taught.datasets)
    naming = Counter(name for _, passage in read for name in _folded(passage.columns))

    def telling(names: Iterable[str]) -> float:
        return sum(1 / naming[name] for name in names if naming[name])

    def weight(entry: Entry, passage: Passage) -> float:
        named = _folded(passage.columns)
        shared = telling(named & columns)
        return near.get(entry.id, 0.0) + (shared / sqrt(telling(named) * telling(columns)) if shared else 0.0)

    def is_about(entry: Entry, passage: Passage) -> bool:
        return bool(_folded(passage.columns) & columns or (entry.id in near and _folded(passage.datasets) & datasets))

    about = [found for found in read if is_about(*found)]
    return sorted(about, key=lambda found: (-weight(*found), found[0].id))[:MOST_DOCS]


def _folded(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _source(entry: Entry, kind: Literal["pair", "doc", "dataset"], excerpt: str) -> Source:
    said = " ".join(excerpt.split())
    cut = said if len(said) <= LONGEST_EXCERPT else f"{said[:LONGEST_EXCERPT].rsplit(' ', 1)[0]} …"
    return Source(entry.id, kind, entry.title, entry.cluster, entry.content_hash, cut)
