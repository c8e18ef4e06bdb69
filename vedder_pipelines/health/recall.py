"""Leave one pair out: would its question still find the cluster, the datasets and the columns that its SQL needs?

It is the search that the agent uses, over everything that is published, with the pair's own vector for its question:
no text is embedded. Left out of each result are the pair and all pairs of the same SQL or the same wording.
Deliberately not here: which clusters are opened without them (`routing_without`), and what the share means
(`retrieval_self_test`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.context.entry import Entry, EntryKind, Passage, TaughtPair
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.vectors import Vectors
from vedder_core.sql.sameness import plain_form
from vedder_core.wording import form
from vedder_pipelines.health.routing_without import RoutingWithout

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
    routing = RoutingWithout(snapshot, cluster)
    found = {}
    for place, cosines in zip(own, held.cosines_to_each(held.vectors[own]), strict=True):
        entry = held.entries[place]
        taught = entry.carried()
        if isinstance(taught, TaughtPair):
            found[taught.pair.slug] = _recalled(snapshot, routing, entry, taught, cosines, twins.of(entry))
    return found


def _recalled(
    snapshot: Snapshot, routing: RoutingWithout, entry: Entry, taught: TaughtPair, cosines: Vectors, out: frozenset[str]
) -> Recalled:
    question = entry.text.partition("\n")[0]
    ranked = routing.ranked(question, cosines, out)
    place = next(place for place, (name, _) in enumerate(ranked, start=1) if name == entry.cluster)
    least = CLEARLY_NEAR * ranked[0][1]
    opened = tuple(name for name, share in ranked[:OPENED] if share >= least)
    if entry.cluster not in opened:
        return Recalled(place, opened=False)
    search = Search(snapshot)
    search.hear(question, cosines)
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
