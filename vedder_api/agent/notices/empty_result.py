"""Notice: nothing was found, and the profiles know why: a value that no row has, or a range beyond the data.

Values of hidden, sensitive and withheld columns are never told, nor how near a guess at them is.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from vedder_api.agent.notices.about import About
from vedder_api.telling import printable
from vedder_core.answer import Notice, RanQuery
from vedder_core.profile import ColumnProfile
from vedder_core.sql.comparisons import Comparison, comparisons
from vedder_core.sql.resolved import Resolved
from vedder_core.sql.results import counting_places

NEAR = 3
FEW = 6
LONGEST = 40
TEXTS = ("VARCHAR", "TEXT", "STRING", "CHAR", "ENUM")
BEYOND = {"<": "below", "<=": "up to", ">": "above", ">=": "from", "=": "at"}


def empty_result(query: RanQuery, about: About) -> Iterator[Notice]:
    """For each value that the query asks for and no row has: values near it, or the range that there is."""
    shape = about.shape(query)
    if shape is None or not _is_empty(query, shape):
        return
    for one in comparisons(shape):
        known = about.told(one.column)
        if known is None or not one.values or one.part:
            continue
        said = _beyond(one, known) or _absent(one, known)
        if said is not None:
            yield Notice("empty_result", said, one.column.dataset)


def _is_empty(query: RanQuery, shape: Resolved) -> bool:
    """No rows; or one row of aggregates, all of them NULL or counts of nothing."""
    if not query.rows:
        return not query.truncated
    counting = counting_places(shape) if len(query.rows) == 1 else None
    if counting is None:
        return False
    cells = list(enumerate(query.rows[0]))
    return all(cell is None or (cell == 0 and place in counting) for place, cell in cells)


def _absent(one: Comparison, known: ColumnProfile) -> str | None:
    """A sentence on values that the column does not have; None where it has one, or where not all it has are known."""
    if (
        not known.complete
        or known.type.upper().startswith("TIMESTAMP")
        or one.operator not in ("=", "in", "like", "ilike")
    ):
        return None
    values = [common.value for common in known.common_values]
    if _has_any(one, values):
        return None
    asked = ", ".join(f"`{_shown(value)}`" for value in one.values[:NEAR])
    named = one.values if known.type.upper().startswith(TEXTS) else ()  # no number is meant by another
    near = dict.fromkeys(found for value in named for found in _near(value.strip("%"), values))
    place = f"`{one.column.dataset}.{one.column.column}`"
    if near:
        return f"No row has {asked} in {place}; near it are {_listed(list(near)[:NEAR])}."
    there = f"; it holds {_listed(values)}" if 0 < len(values) <= FEW else ""
    return f"No row has {asked} in {place}{there}."


def _has_any(one: Comparison, values: list[str]) -> bool:
    """Is there a value that the comparison lets through?"""
    if one.operator in ("=", "in"):
        numbers = {_number(value) for value in one.values} - {None}
        return not set(one.values).isdisjoint(values) or (
            bool(numbers) and any(_number(has) in numbers for has in values)
        )
    if any("\\" in value for value in one.values):
        return True  # an escape, which differs between engines
    parts = ({"%": ".*", "_": "."}.get(mark, re.escape(mark)) for mark in one.values[0])
    pattern = re.compile("".join(parts), re.DOTALL | (re.IGNORECASE if one.operator == "ilike" else 0))
    return any(pattern.fullmatch(has) for has in values)


def _near(value: str, values: list[str]) -> list[str]:
    """Values that differ in case or hold the text; where there are none, those that are spelled alike."""
    folded = value.casefold().strip()
    if not folded:
        return []
    same = [has for has in values if has.casefold().strip() == folded]
    holding = [has for has in values if len(folded) > 2 and folded in has.casefold()]
    if same or holding:
        return list(dict.fromkeys((*same, *holding)))[:NEAR]
    by_folded = {has.casefold(): has for has in reversed(values) if abs(len(has) - len(folded)) <= 1 + len(folded) // 2}
    return [by_folded[name] for name in get_close_matches(folded, by_folded, n=NEAR, cutoff=0.6)]


def _beyond(one: Comparison, known: ColumnProfile) -> str | None:
    """A sentence on a range or value outside of the column's range; None where it lies within, or that is not known."""
    low, high = _comparable(known.minimum), _comparable(known.maximum)
    asked = [_comparable(value) for value in one.values]
    if (
        known.type.upper().startswith(TEXTS)
        or one.operator not in BEYOND
        or low is None
        or high is None
        or asked[0] is None
    ):
        return None
    if not (type(low) is type(high) is type(asked[0])):
        return None
    if not _misses(one.operator, asked[0], low, high):
        return None
    place = f"`{one.column.dataset}.{one.column.column}`"
    wanted = f"values {BEYOND[one.operator]} {_shown(one.values[0])}"
    return f"{place} reaches from {known.minimum} to {known.maximum}; the query asks for {wanted}."


def _misses(operator: str, asked: Decimal | float, low: Decimal | float, high: Decimal | float) -> bool:
    match operator:
        case "<":
            return asked <= low
        case "<=":
            return asked < low
        case ">":
            return asked >= high
        case ">=":
            return asked > high
        case _:
            return not low <= asked <= high


def _comparable(value: object) -> Decimal | float | None:
    """Numbers as decimals, dates and times as seconds; None for other texts."""
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return (moment.replace(tzinfo=None) - datetime.combine(date.min, datetime.min.time())).total_seconds()
    return _number(str(value)) if isinstance(value, int | float | str) and not isinstance(value, bool) else None


def _number(value: str) -> Decimal | None:
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _listed(values: list[str]) -> str:
    return ", ".join(f"`{_shown(value)}`" for value in values)


def _shown(value: str) -> str:
    plain = printable(value)
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
