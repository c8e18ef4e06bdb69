"""A dataset's columns as a chat model reads them: one line each, short or with all that the profile has.

Deliberately not here: the dataset around them (`showing`), and how a value is quoted (`showing_values`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vedder_api.agent.showing_values import LONGEST_COMMENT, cut, harmless, named, prose, quoted
from vedder_api.agent.showing_veil import Veil
from vedder_core.cluster import ColumnNote
from vedder_core.context.entry import DatasetCard
from vedder_core.profile import ColumnProfile, CommonValue, Figure, Profile, Value
from vedder_core.schema import Column

LONGEST_TYPE = 60
FEW_VALUES = 12
"""So many values of a column are told in whole in its short line, where they are all there are."""

VALUES_SHORT = 5
VALUES_LONG = 25
NUMBERS_LONG = 8
NOTABLE_NULLS = 0.01
MARKS = {"exact": "", "approximate": "about ", "sampled": "in a sample "}

_TEXT = re.compile(r"VARCHAR|TEXT|STRING|CHAR|ENUM|UUID", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d{1,20}(\.\d{1,20})?")
_ENUM = re.compile(r"ENUM\s*\(.*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column that may be shown, with what is known of it. `withheld` says why its values may not be told."""

    column: Column
    note: ColumnNote
    profile: ColumnProfile | None
    withheld: str | None

    @property
    def is_text(self) -> bool:
        return _TEXT.search(self.column.type) is not None

    def value(self, value: Value) -> str:
        """One of its values: in quotes, but for numbers."""
        return value if isinstance(value, str) and _NUMBER.fullmatch(value) and not self.is_text else quoted(value)

    def common(self) -> tuple[CommonValue, ...]:
        """The values that may be told, most frequent first; numbers in their own order where they are all there are."""
        if self.profile is None or self.withheld is not None:
            return ()
        values = self.profile.common_values
        numbers = not self.is_text and all(_NUMBER.fullmatch(value.value) for value in values)
        ordered = self.profile.complete and numbers
        return tuple(sorted(values, key=lambda value: float(value.value))) if ordered else values


def columns_of(card: DatasetCard, veil: Veil) -> tuple[ShownColumn, ...]:
    """The columns in the order of the table, without hidden ones."""
    notes = {name.casefold(): note for name, note in card.dataset.columns.items()}
    name = card.dataset.name
    return tuple(
        ShownColumn(
            column=column,
            note=notes.get(column.name.casefold(), ColumnNote()),
            profile=card.profile.column(column.name) if card.profile else None,
            withheld=veil.why_withheld(name, column.name),
        )
        for column in (card.table.columns if card.table else ())
        if not veil.hides(name, column.name)
    )


def short_line(shown: ShownColumn, profile: Profile | None, veil: Veil) -> str:
    """Name, type, what an expert says of it, and some of its values or their range."""
    facts = (*_said(shown, veil), _values_short(shown), _nulls(shown, profile))
    return _line(shown, facts)


def long_line(shown: ShownColumn, profile: Profile | None, veil: Veil) -> str:
    """The same with all that was measured."""
    facts = (
        *_said(shown, veil),
        _nulls(shown, profile, exactly=True),
        _distinct(shown),
        _range(shown),
        _values_long(shown),
        "" if shown.column.nullable else "never NULL by its schema",
    )
    return _line(shown, facts)


def figure(found: Figure, what: str) -> str:
    """A number with how it was found."""
    return f"{MARKS[found.mark]}{found.value:,} {what}"


def _line(shown: ShownColumn, facts: tuple[str, ...]) -> str:
    told = "; ".join(fact for fact in facts if fact)
    return f"- {named(shown.column.name)} {_type(shown.column.type)}{f': {told}' if told else ''}"


def _type(engine_type: str) -> str:
    """The engine's own spelling, without the values that an enumeration spells out."""
    return cut(harmless(_ENUM.sub("ENUM", engine_type)), LONGEST_TYPE)


def _said(shown: ShownColumn, veil: Veil) -> Iterator[str]:
    if shown.note.use is not None:
        yield f"**{shown.note.use}**"
    if shown.note.note is not None and not veil.betrays(shown.note.note):
        yield prose(shown.note.note).rstrip(".")
    elif shown.note.note is None and shown.column.comment and not veil.betrays(shown.column.comment):
        yield f"comment {quoted(shown.column.comment, longest=LONGEST_COMMENT)}"


def _values_short(shown: ShownColumn) -> str:
    if shown.withheld is not None:
        return "values withheld"
    common = shown.common()
    if common and shown.profile and shown.profile.complete and len(common) <= FEW_VALUES:
        return f"only {', '.join(shown.value(value.value) for value in common)}"
    if common and shown.is_text:
        return f"e.g. {', '.join(shown.value(value.value) for value in common[:VALUES_SHORT])}"
    return _range(shown)


def _range(shown: ShownColumn) -> str:
    profile = shown.profile
    if profile is None or shown.withheld is not None or profile.minimum is None or profile.maximum is None:
        return ""
    return f"{shown.value(profile.minimum)} to {shown.value(profile.maximum)}"


def _values_long(shown: ShownColumn) -> str:
    profile = shown.profile
    if shown.withheld is not None:
        return f"values withheld: {prose(shown.withheld)}"
    if profile is None or not profile.common_values:
        return ""
    common = shown.common()
    most = VALUES_LONG if shown.is_text or profile.complete else NUMBERS_LONG
    told = ", ".join(f"{shown.value(value.value)} ({value.rows:,})" for value in common[:most])
    whole = profile.complete and len(common) <= most
    counted = {"sampled": ", counted in a sample", "approximate": ", counted roughly"}.get(
        profile.common_mark or "", ""
    )
    return f"{'all values' if whole else 'common values, not all'} (rows{counted}): {told}"


def _nulls(shown: ShownColumn, profile: Profile | None, *, exactly: bool = False) -> str:
    """The share that is NULL, where it is notable or wanted; of a sample no share is made."""
    nulls = shown.profile.nulls if shown.profile else None
    if nulls is None or profile is None or not profile.rows.value or "sampled" in (nulls.mark, profile.rows.mark):
        return ""
    share = nulls.value / profile.rows.value
    if not nulls.value:
        return "never NULL" if exactly and nulls.mark == "exact" else ""
    if share < NOTABLE_NULLS:
        return "less than 1 % NULL" if exactly else ""
    return "always NULL" if share >= 1 else f"{MARKS[nulls.mark]}{min(share, 0.99):.0%} NULL".replace("%", " %")


def _distinct(shown: ShownColumn) -> str:
    distinct = shown.profile.distinct if shown.profile else None
    return figure(distinct, "distinct") if distinct is not None else ""
