"""What the context teaches, in the form that answering needs: candidates, grants, values as the engine types them.

Deliberately not here: finding entries (`vedder_core.context.search`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from vedder_core.context.entry import DatasetCard, Entry, Payload, TaughtPair
from vedder_core.matching.phrasing import Candidate, candidate
from vedder_core.sql.guard import ParameterValue

WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "UTINY", "USMALL", "UINT", "UBIG", "UHUGE")
BROKEN_NUMBERS = ("FLOAT", "REAL", "DOUBLE")

REMEMBERED = 16_384
"""Entries whose content is kept as read, more than a large context has: a cache smaller than what every question goes
through forgets each entry just before it is needed again. Entries that a publish left alone stay known."""


@lru_cache(maxsize=REMEMBERED)
def candidate_of(entry: Entry) -> Candidate | None:
    """A pair's entry, ready to be compared with questions; None for an entry of another kind."""
    content = entry.carried()
    return candidate(entry.id, content) if isinstance(content, TaughtPair) else None


@lru_cache(maxsize=REMEMBERED)
def content_of(entry: Entry) -> Payload:
    """What an entry carries, read once for as long as the entry stays the same."""
    return entry.carried()


def cards_of(entries: Iterable[Entry]) -> Mapping[str, DatasetCard]:
    """The datasets among these entries, by name."""
    contents = (content_of(entry) for entry in entries)
    return {card.dataset.name: card for card in contents if isinstance(card, DatasetCard)}


def typed(
    taught: TaughtPair, values: Mapping[str, ParameterValue], cards: Mapping[str, DatasetCard]
) -> dict[str, ParameterValue]:
    """The values as their columns' types want them: a value that came from a column is known as text only."""
    return {name: _typed(value, _engine_type(taught, name, cards)) for name, value in values.items()}


def _engine_type(taught: TaughtPair, parameter: str, cards: Mapping[str, DatasetCard]) -> str:
    """The engine's type of the column whose values fill this parameter; empty for a parameter with its own type."""
    column = taught.pair.parameters[parameter].values
    if column is None:
        return ""
    for name, card in cards.items():
        if card.table is not None and column.casefold().startswith(f"{name.casefold()}."):
            found = card.table.column(column[len(name) + 1 :])
            return found.type.upper() if found is not None else ""
    return ""


def _typed(value: ParameterValue, engine_type: str) -> ParameterValue:
    if not isinstance(value, str):
        return value
    try:
        if engine_type.startswith(WHOLE) and not engine_type.startswith("INTERVAL"):
            return int(value)
        if engine_type.startswith(BROKEN_NUMBERS):
            return float(value)
        if engine_type == "DATE":
            return date.fromisoformat(value)
    except ValueError:
        return value  # not the column's own spelling; the engine says so
    if engine_type.startswith("BOOL"):
        return value.casefold() == "true"
    return value
