"""What an answer rests on: the pairs and who vetted them, the datasets, and the docs about the columns that it uses.

A pair or doc counts because it uses or names what the SQL uses, not because its words resemble the question.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from vedder_api.agent.taught import content_of
from vedder_core.answer import RanQuery, Source
from vedder_core.context.entry import DatasetCard, Entry, Passage, TaughtPair
from vedder_core.sql.resolved import resolved

MOST_PAIRS = 3
MOST_DOCS = 3
LONGEST_EXCERPT = 240


@dataclass(frozen=True, slots=True)
class Used:
    """What SQL reads: names of datasets, and of columns as `dataset.column`, case-folded."""

    datasets: frozenset[str]
    columns: frozenset[str]


def sources(
    pair: Entry, taught: TaughtPair, *, beside: Sequence[Entry], near: Mapping[str, float]
) -> tuple[Source, ...]:
    """The sources of a vetted pair's answer in the order of their weight: the pair, datasets, docs.

    `beside` are the datasets and docs of its cluster; `near` says of docs by id how near they are, from 0 to 1.
    """
    used = Used(_folded(taught.datasets), _folded(taught.columns))
    return (_of_pair(pair, taught), *_beside(beside, used, near))


def sources_of_sql(
    queries: Sequence[RanQuery],
    *,
    shown: Iterable[Entry],
    cards: Sequence[tuple[Entry, DatasetCard]],
    dialect: str,
) -> tuple[Source, ...]:
    """The sources of an answer by SQL that is no pair's own: shown pairs that share its columns, datasets, shown docs.

    `cards` are all datasets there are. One that several clusters list is told of those whose entries were shown.
    """
    looked_at = [entry for entry in shown if entry.status == "valid"]
    used = _used_by(queries, [card for _, card in cards], dialect)
    pairs = [(entry, taught) for entry in looked_at if isinstance(taught := content_of(entry), TaughtPair)]
    pairs = [(entry, taught) for entry, taught in pairs if _folded(taught.datasets) & used.datasets]
    pairs.sort(key=lambda pair: (-len(_folded(pair[1].columns) & used.columns), pair[0].id))
    clusters = {entry.cluster for entry in looked_at}
    listed = [entry for entry, card in cards if card.dataset.name.casefold() in used.datasets]
    own = [entry for entry in listed if entry.cluster in clusters] or listed
    docs = [entry for entry in looked_at if entry.kind == "doc"]
    near = {entry.id: 0.0 for entry in docs}
    return (*(_of_pair(entry, taught) for entry, taught in pairs[:MOST_PAIRS]), *_beside([*own, *docs], used, near))


def _used_by(queries: Sequence[RanQuery], cards: Sequence[DatasetCard], dialect: str) -> Used:
    """What these queries read; of SQL that cannot be followed the datasets alone."""
    tables = {card.table.name: card.table for card in cards if card.table is not None}
    columns: set[str] = set()
    for query in queries:
        read = [tables[name] for name in query.datasets if name in tables]
        shape = resolved(query.asked, read, dialect=dialect)
        columns.update(f"{one.dataset}.{one.column}" for one in (shape.columns() if shape is not None else ()))
    return Used(_folded(name for query in queries for name in query.datasets), _folded(columns))


def _of_pair(entry: Entry, taught: TaughtPair) -> Source:
    pair = taught.pair
    return _source(entry, "pair", f"vetted by {pair.vetted_by} on {pair.vetted_on:%Y-%m-%d}: {pair.teaches}")


def _beside(beside: Sequence[Entry], used: Used, near: Mapping[str, float]) -> tuple[Source, ...]:
    return (
        *(_source(entry, "dataset", card.dataset.description) for entry, card in _datasets(beside, used)),
        *(_source(entry, "doc", passage.text) for entry, passage in _best(beside, used, near)),
    )


def _datasets(beside: Iterable[Entry], used: Used) -> list[tuple[Entry, DatasetCard]]:
    contents = ((entry, content_of(entry)) for entry in beside)
    cards = [(entry, card) for entry, card in contents if isinstance(card, DatasetCard)]
    return [(entry, card) for entry, card in cards if card.dataset.name.casefold() in used.datasets]


def _best(docs: Iterable[Entry], used: Used, near: Mapping[str, float]) -> list[tuple[Entry, Passage]]:
    """Passages about the columns used, or near ones about the datasets, the best first.

    Best is how much of what a passage names the SQL uses, and the other way round; a column that few passages name
    tells more than one that all of them do. Being near counts as much again.
    """
    read = [(entry, passage) for entry in docs if isinstance(passage := content_of(entry), Passage)]
    columns, datasets = used.columns, used.datasets
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
    return Source(entry.id, kind, entry.title, entry.cluster, entry.content_hash, cut, entry.status)
