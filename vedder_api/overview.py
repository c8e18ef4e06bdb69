"""What people may see of the clusters: the list, and the page of one with its datasets, pairs, docs and health.

Broken and drifted pairs are shown with the reason, for their curators. What any cluster hides or withholds of a
dataset is not told on the page of another one that lists it as well. Deliberately not here: answering.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from vedder_api.agent.showing_veil import Veil, veil_of
from vedder_api.agent.taught import content_of
from vedder_api.agent.told_verdicts import told_repair, told_verdict
from vedder_api.pages import (
    ClusterLine,
    ClusterList,
    ClusterPage,
    ColumnSummary,
    DatasetSummary,
    DocSummary,
    HealthPage,
    HealthPoint,
    PairSummary,
)
from vedder_api.told_health import told_health
from vedder_core.context.entry import ClusterCard, DatasetCard, Entry, Passage, Status, TaughtPair
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import VedderError
from vedder_core.health import Health
from vedder_core.problem import did_you_mean
from vedder_core.profile import Partitions
from vedder_core.schema import Column

VALUES_SHOWN = 5


class UnknownCluster(VedderError):
    """No cluster of this name is in the context."""


def cluster_list(snapshot: Snapshot, healths: HealthHistory) -> ClusterList:
    """Every cluster with its owner, its size and its health."""
    latest = healths.latest([card.name for card in snapshot.cluster_cards()])
    found = Counter((entry.cluster, entry.status) for entry in snapshot.listing(kinds=("pair",)))
    lines = (_line(card, found, latest.get(card.name)) for card in snapshot.cluster_cards())
    return ClusterList(snapshot.version, tuple(lines))


def cluster_page(snapshot: Snapshot, healths: HealthHistory, name: str) -> ClusterPage:
    """One cluster in full. Raises UnknownCluster."""
    card = card_named(snapshot, name)
    history, veil = healths.history(name), veil_of(snapshot)
    entries = snapshot.listing(clusters=(name,))
    carried = [(entry, entry.carried()) for entry in entries if entry.kind in {"dataset", "pair"}]
    return ClusterPage(
        context_version=snapshot.version,
        name=card.name,
        title=card.title,
        summary=card.summary,
        kind=card.kind,
        owner=card.owner,
        datasets=tuple(_dataset(content, veil) for _, content in carried if isinstance(content, DatasetCard)),
        pairs=tuple(_pair(entry, content, veil) for entry, content in carried if isinstance(content, TaughtPair)),
        docs=tuple(_docs(entries)),
        health=told_health(history[-1], veil) if history else None,
    )


def health_page(snapshot: Snapshot, healths: HealthHistory, name: str) -> HealthPage:
    """The health of one cluster and its course, oldest first. Raises UnknownCluster."""
    card = card_named(snapshot, name)
    history = healths.history(name)
    points = tuple(HealthPoint(health.measured_at, health.score, health.band) for health in history)
    latest = told_health(history[-1], veil_of(snapshot)) if history else None
    return HealthPage(card.name, card.owner, latest, points)


def health_list(snapshot: Snapshot, healths: HealthHistory) -> tuple[Health, ...]:
    """The newest health of each measured cluster that the context holds, by name; withdrawn ones are left out."""
    latest = healths.latest([card.name for card in snapshot.cluster_cards()])
    return tuple(told_health(latest[name], veil_of(snapshot)) for name in sorted(latest))


def card_named(snapshot: Snapshot, name: str) -> ClusterCard:
    """The card of a cluster. Raises UnknownCluster."""
    cards = {card.name: card for card in snapshot.cluster_cards()}
    if name not in cards:
        raise UnknownCluster(f"There is no cluster `{name}`.", hint=did_you_mean(name, cards))
    return cards[name]


def _line(card: ClusterCard, found: Mapping[tuple[str, Status], int], health: Health | None) -> ClusterLine:
    return ClusterLine(
        name=card.name,
        title=card.title,
        summary=card.summary,
        kind=card.kind,
        owner=card.owner,
        datasets=len(card.datasets),
        pairs=card.pairs,
        broken_pairs=found.get((card.name, "broken"), 0),
        drifted_pairs=found.get((card.name, "drifted"), 0),
        docs=card.docs,
        score=health.score if health else None,
        band=health.band if health else None,
    )


def _dataset(card: DatasetCard, veil: Veil) -> DatasetSummary:
    profile, name = card.profile, card.dataset.name
    columns = card.table.columns if card.table else ()
    return DatasetSummary(
        name=name,
        description=card.dataset.description,
        missing=card.table is None,
        deprecated_by=card.dataset.deprecated_by,
        rows=profile.rows if profile else None,
        partitions=_partitions(card, veil),
        profiled_at=profile.profiled_at if profile else None,
        columns=tuple(_column(column, card, veil) for column in columns if not veil.hides(name, column.name)),
    )


def _partitions(card: DatasetCard, veil: Veil) -> Partitions | None:
    """As the profile has them, unless they name a hidden column or tell values of a withheld one."""
    found, name = card.profile.partitions if card.profile else None, card.dataset.name
    if found is None or any(veil.hides(name, column) for column in found.columns):
        return None
    tells = any(veil.why_withheld(name, column) is not None for column in found.columns)
    return replace(found, first=None, last=None) if tells else found


def _column(column: Column, card: DatasetCard, veil: Veil) -> ColumnSummary:
    notes = {name.casefold(): note for name, note in card.dataset.columns.items()}
    note = notes.get(column.name.casefold())
    said = (note.note if note else None) or column.comment
    found = card.profile.column(column.name) if card.profile else None
    withheld = veil.why_withheld(card.dataset.name, column.name)
    told = found if withheld is None else None
    return ColumnSummary(
        name=column.name,
        type=column.type,
        note=None if said is None or veil.betrays(said) else said,
        use=note.use if note else None,
        nulls=found.nulls if found else None,
        distinct=found.distinct if found else None,
        minimum=told.minimum if told else None,
        maximum=told.maximum if told else None,
        common_values=told.common_values[:VALUES_SHOWN] if told else (),
        withheld=withheld if found else None,
    )


def _pair(entry: Entry, taught: TaughtPair, veil: Veil) -> PairSummary:
    pair = taught.pair
    return PairSummary(
        slug=pair.slug,
        question=pair.question,
        phrasings=pair.phrasings,
        parameters=dict(pair.parameters),
        status=entry.status,
        verdict=told_verdict(taught.verdict, veil),
        teaches=pair.teaches,
        vetted_by=pair.vetted_by,
        vetted_on=pair.vetted_on,
        sql=pair.sql,
        datasets=taught.datasets,
        columns=taught.columns,
        repair=told_repair(taught, veil),
    )


def _docs(entries: Sequence[Entry]) -> Iterator[DocSummary]:
    contents = (content_of(entry) for entry in entries if entry.kind == "doc")
    passages = sorted((c for c in contents if isinstance(c, Passage)), key=lambda p: (p.slug, p.part))
    for slug, parts in groupby(passages, key=lambda p: p.slug):
        whole = list(parts)
        datasets = _in_order(name for passage in whole for name in passage.datasets)
        text = "\n\n".join(passage.text for passage in whole)
        yield DocSummary(slug, whole[0].title, whole[0].kind, text, datasets)


def _in_order(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
