"""Are two results the same? Compared as JSON has them, because that is how answers are kept.

Order counts only where the SQL asks for one; the last digits of broken numbers do not: engines add in any order.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from vedder_api.cells import as_json
from vedder_core.answer import Row

MOST_DIFFERENCES = 5
SameAs = Literal["same", "rows_differ", "columns_differ", "cut"]


@dataclass(frozen=True, slots=True)
class Rows:
    """A result, or the part of it that the limits let through."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """A row as it was and as it is; None where there is none at its place."""

    then: Row | None
    now: Row | None


@dataclass(frozen=True, slots=True)
class Compared:
    """How two results compare, in a sentence, with the first few differences."""

    kind: SameAs
    said: str
    differences: tuple[Difference, ...] = ()


def compare(then: Rows, now: Rows, *, ordered: bool) -> Compared:
    """The result that was kept, and the one that the same SQL gives now."""
    if then.columns != now.columns:
        was, are = (", ".join(f"`{name}`" for name in columns) for columns in (then.columns, now.columns))
        return Compared("columns_differ", f"The columns were {was} and are {are}.")
    cut = then.truncated or now.truncated
    if cut and not ordered:
        return Compared("cut", "The rows were cut in no certain order, so that only the columns could be compared.")
    before, after = ([_plain(row) for row in rows] for rows in (then.rows, now.rows))
    if cut:
        shortest = min(len(before), len(after))
        before, after = before[:shortest], after[:shortest]
    found = _in_order(before, after) if ordered else _in_any_order(before, after)
    if not found:
        part = f"the first {len(before):,} rows are" if cut else "the result is"
        return Compared("same", f"The same SQL was run again, and {part} the same.")
    counts = f"; there were {len(before):,} rows and are {len(after):,}" if len(before) != len(after) else ""
    what = "1 row differs" if len(found) == 1 else f"{len(found):,} rows differ"
    return Compared("rows_differ", f"{what}{counts}.", tuple(found[:MOST_DIFFERENCES]))


def _plain(row: Row) -> Row:
    """A row as JSON has it, with broken numbers to ten digits."""
    cells = orjson.loads(as_json(row))
    return tuple(float(f"{cell:.10g}") if isinstance(cell, float) else cell for cell in cells)


def _in_order(before: Sequence[Row], after: Sequence[Row]) -> list[Difference]:
    longest = max(len(before), len(after))
    pairs = ((_at(before, place), _at(after, place)) for place in range(longest))
    return [Difference(then, now) for then, now in pairs if then != now]


def _at(rows: Sequence[Row], place: int) -> Row | None:
    return rows[place] if place < len(rows) else None


def _in_any_order(before: Sequence[Row], after: Sequence[Row]) -> list[Difference]:
    """Rows that are in one and not in the other, side by side as far as they go."""
    was, are = Counter(before), Counter(after)
    return _in_order(list((was - are).elements()), list((are - was).elements()))
