"""With how much of the context is a question asked? All of it, without pairs, or with the schemas alone.

A variant is a change of entries; the context itself stays as it is. Deliberately not here: asking (`trial`).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from vedder_api.agent.taught import content_of
from vedder_core.cluster import Dataset
from vedder_core.context.entry import PAYLOADS, ClusterCard, DatasetCard, Entry
from vedder_core.context.snapshot import Snapshot
from vedder_core.evaluation import Variant


class Reduced:
    """A reader of one snapshot, less what a variant and a question leave out."""

    def __init__(self, snapshot: Snapshot, variant: Variant, left_out: Collection[str] = ()) -> None:
        self._left_out = frozenset(left_out)
        self._change = CHANGES[variant]
        changes = variant != "context" or bool(snapshot.get(self._left_out))
        self._snapshot = snapshot.changed(self._entry) if changes else snapshot

    def snapshot(self) -> Snapshot:
        """The reduced snapshot; it has the version of the whole one."""
        return self._snapshot

    def at(self, version: int) -> Snapshot:  # noqa: ARG002 - there is only one
        """The same."""
        return self._snapshot

    def _entry(self, entry: Entry) -> Entry | None:
        return None if entry.id in self._left_out else self._change(entry)


def _whole(entry: Entry) -> Entry | None:
    return entry


def _without_pairs(entry: Entry) -> Entry | None:
    return None if entry.kind == "pair" else entry


def _schema_alone(entry: Entry) -> Entry | None:
    """Names, types and comments, as an information schema has them: no words of an expert but the clusters' names and
    titles, no profile."""
    match content_of(entry):
        case DatasetCard(dataset, table, _):
            hidden = {name: note for name, note in dataset.columns.items() if note.hidden}
            bare = Dataset(name=dataset.name, description=dataset.name, columns=hidden)
            names = " ".join(column.name for column in table.columns) if table else ""  # hidden ones are not published
            return _with(entry, DatasetCard(bare, table, None), text=f"{dataset.name} {names}")
        case ClusterCard() as card:
            return _with(entry, replace(card, summary=card.title, pairs=0, docs=0), text=card.title)
        case _:
            return None


def _with(entry: Entry, payload: DatasetCard | ClusterCard, *, text: str) -> Entry:
    return replace(entry, payload=PAYLOADS[entry.kind].dump_json(payload).decode(), text=text)


CHANGES: Mapping[Variant, Callable[[Entry], Entry | None]] = {
    "context": _whole,
    "no-pairs": _without_pairs,
    "schemas-only": _schema_alone,
}
