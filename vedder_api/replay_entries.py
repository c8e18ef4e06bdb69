"""What became of the entries of the context that an answer rests on, or that the chat model was shown for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from typing import Literal

from vedder_api.agent.taught import content_of
from vedder_core.answer import Answer
from vedder_core.context.entry import ClusterCard, DatasetCard, Entry, Passage, TaughtPair
from vedder_core.context.snapshot import Snapshot
from vedder_core.verdict import Broken, Drifted

State = Literal["unchanged", "changed", "broken", "drifted", "gone"]
NOT_KEPT = "What it was is not kept any more."


@dataclass(frozen=True, slots=True)
class EntryThenAndNow:
    """An entry that an answer rests on (`source`) or that was only shown; `diff` is what its curators changed.

    `why` says what is broken about it, or why there is no diff.
    """

    entry: str
    title: str
    source: bool
    state: State
    diff: str = ""
    why: str = ""


def entries_then_and_now(answer: Answer, then: Snapshot | None, now: Snapshot) -> tuple[EntryThenAndNow, ...]:
    """Every source, then every other entry that was shown. `then` is None where that version is not kept any more."""
    hashes = {shown.entry: shown.content_hash for shown in answer.receipt.shown}
    titles = {source.entry: source.title for source in answer.sources}
    hashes.update({source.entry: source.content_hash for source in answer.sources})
    was = _listed(then, hashes) if then is not None else {}
    is_ = _listed(now, hashes)
    hidden = hidden_in(now)
    ids = (*titles, *(id_ for id_ in hashes if id_ not in titles))
    return tuple(
        EntryThenAndNow(
            id_,
            titles.get(id_) or _title(id_, was, is_),
            id_ in titles,
            *_compared(hashes[id_], was.get(id_), is_.get(id_), hidden),
        )
        for id_ in ids
    )


def hidden_in(snapshot: Snapshot) -> Mapping[str, frozenset[str]]:
    """The columns that any cluster hides, by dataset, all case-folded."""
    hidden: dict[str, frozenset[str]] = {}
    for entry in snapshot.listing(kinds=("dataset",)):
        card = content_of(entry)
        if isinstance(card, DatasetCard):
            name = card.dataset.name.casefold()
            folded = {column.casefold() for column in card.dataset.hidden_columns()}
            hidden[name] = hidden.get(name, frozenset()) | folded
    return hidden


def _listed(snapshot: Snapshot, ids: Iterable[str]) -> dict[str, Entry]:
    """The entries with these ids, broken ones too."""
    wanted = set(ids)
    clusters = {id_.partition("/")[0] for id_ in wanted}
    return {entry.id: entry for entry in snapshot.listing(clusters=clusters) if entry.id in wanted} if wanted else {}


def _title(id_: str, was: Mapping[str, Entry], is_: Mapping[str, Entry]) -> str:
    found = was.get(id_) or is_.get(id_)
    return found.title if found is not None else id_


def _compared(
    hash_then: str, was: Entry | None, is_: Entry | None, hidden: Mapping[str, frozenset[str]]
) -> tuple[State, str, str]:
    """The state, the diff, and why."""
    if is_ is None:
        return "gone", "", "It is not in the context any more."
    diff = "\n".join(_diff(was, is_, hidden)) if was is not None else ""
    if is_.status == "broken":
        return "broken", diff, _broken(is_)
    if is_.status == "drifted":
        return "drifted", diff, _drifted(is_)
    if is_.content_hash == hash_then:
        return "unchanged", "", ""
    why = NOT_KEPT if was is None else "" if diff else "Only figures of its profile changed."
    return "changed", diff, why


def _broken(entry: Entry) -> str:
    content = content_of(entry)
    if isinstance(content, TaughtPair) and isinstance(content.verdict, Broken):
        probably = f" Probably it is `{content.verdict.probably}` now." if content.verdict.probably else ""
        return f"{content.verdict.reason.rstrip('.')}.{probably}"
    return "The warehouse does not have it any more."


def _drifted(entry: Entry) -> str:
    content = content_of(entry)
    found = content.verdict.drifts if isinstance(content, TaughtPair) and isinstance(content.verdict, Drifted) else ()
    return " ".join(drift.said for drift in found)


def _diff(was: Entry, is_: Entry, hidden: Mapping[str, frozenset[str]]) -> Iterator[str]:
    before, after = (list(_lines(entry, hidden)) for entry in (was, is_))
    return unified_diff(before, after, "then", "now", lineterm="", n=2)


def _lines(entry: Entry, hidden: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """What curators wrote of an entry, and what its data are like, as lines that can be compared."""
    match content_of(entry):
        case TaughtPair(pair=pair):
            yield from (f"question: {question}" for question in pair.questions())
            yield from (f"parameter {name}: {blank.model_dump_json()}" for name, blank in pair.parameters.items())
            yield f"teaches: {pair.teaches}"
            yield f"vetted by {pair.vetted_by} on {pair.vetted_on:%Y-%m-%d}"
            yield from pair.sql.splitlines()
        case Passage(title=title, text=text):
            yield title
            yield from text.splitlines()
        case DatasetCard() as card:
            yield from _dataset_lines(card, hidden.get(card.dataset.name.casefold(), frozenset()))
        case ClusterCard() as cluster:
            yield from (cluster.title, cluster.summary, f"owner: {cluster.owner.team}, {cluster.owner.contact}")
            yield from cluster.datasets


def _dataset_lines(card: DatasetCard, hidden: frozenset[str]) -> Iterator[str]:
    """A column that is hidden now is left out of what was, too."""
    yield card.dataset.description
    if card.dataset.deprecated_by is not None:
        yield f"deprecated by {card.dataset.deprecated_by}"
    if card.profile is not None:
        yield f"{card.profile.rows.value} rows"
    yield from card.failed_checks
    notes = {name.casefold(): note for name, note in card.dataset.columns.items()}
    for column in card.table.columns if card.table is not None else ():
        if column.name.casefold() not in hidden:
            note = notes.get(column.name.casefold())
            said = [note.use or "", note.note or ""] if note is not None else []
            yield " ".join(part for part in (column.name, column.type, *said) if part)
