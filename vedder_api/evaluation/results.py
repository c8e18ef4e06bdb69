"""Do two results say the same? Compared as people would: names and order of columns do not matter, numbers within
rounding are equal, and the order of rows counts only as far as the question is about an order.

The rules are those of execution accuracy as Spider and Defog's sql-eval have it. Deliberately not here: running SQL.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from vedder_core.answer import Cell, Row
from vedder_core.evaluation import Likeness

DIGITS = 6
"""Significant digits in which two numbers must agree; those before the point must agree all, up to `MOST_DIGITS`."""

MOST_DIGITS = 12
"""Digits that sums of floats agree in, in whatever order they were added up."""

MOST_ORDERS = 200
"""Ways to pair columns that are tried: more only come up where many columns hold the very same values."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")

Key = tuple[str, object]


def likeness(gold: Sequence[Row], found: Sequence[Row], *, ordered_by: Sequence[int] = ()) -> Likeness:
    """How far `found` says what `gold` says. Rows of both have one width each.

    `ordered_by` are the places of gold's columns that its rows are ordered by. Rows that are equal in those may stand
    in any order; none of these columns, and all rows may. Where a LIMIT cut between equal ones, the gold's choice is
    the right one, though another would be as good: rows are compared as they were returned.
    """
    if len(gold) != len(found):
        return "differs"
    if not gold:
        return "same"
    wanted = [tuple(map(key, row)) for row in gold]
    given = [tuple(map(key, row)) for row in found]
    ranks, counted = _ranks(wanted, ordered_by), Counter(wanted)
    width, wider = len(wanted[0]), len(given[0])
    if width > wider:
        return "differs"
    for tried, places in enumerate(_pairings(wanted, given)):
        chosen = [tuple(row[place] for place in places) for row in given]
        if _ranks(chosen, ordered_by) == ranks and Counter(chosen) == counted:
            return "same" if width == wider else "holds"
        if tried >= MOST_ORDERS:
            break
    return "differs"


def _ranks(rows: Sequence[tuple[Key, ...]], ordered_by: Sequence[int]) -> list[tuple[Key, ...]]:
    """What the rows are ordered by, row by row."""
    return [tuple(row[place] for place in ordered_by) for row in rows]


def key(cell: Cell) -> Key:
    """What is compared of a cell: numbers by their leading digits, whatever type carries them; days as days."""
    match cell:
        case None:
            return ("none", None)
        case int() | float() | Decimal():
            return _of_number(float(cell))
        case datetime():
            return _of_moment(cell)
        case date():
            return ("text", cell.isoformat())
        case _:
            return _of_text(str(cell))


def _of_text(text: str) -> Key:
    """A decimal or a moment that came through JSON, or just text."""
    plain = text.strip()
    try:
        number = float(plain)
    except ValueError:
        return _of_written_moment(plain) if _MOMENT.match(plain) else ("text", plain)
    return _of_number(number) if math.isfinite(number) and "_" not in plain else ("text", plain)


def _of_written_moment(text: str) -> Key:
    try:
        return _of_moment(datetime.fromisoformat(text))
    except ValueError:  # nanoseconds, or a year that Python does not have
        return ("text", text.replace("T", " "))


def _of_moment(moment: datetime) -> Key:
    plain = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    midnight = (plain.hour, plain.minute, plain.second, plain.microsecond) == (0, 0, 0, 0)
    return ("text", plain.date().isoformat() if midnight else plain.isoformat(sep=" "))


def _of_number(number: float) -> Key:
    """What is no number (NaN) or has no end is none: JSON, through which answers come, knows neither."""
    return ("number", _rounded(number)) if math.isfinite(number) else ("none", None)


def _rounded(number: float) -> float:
    """Rounded twice, so that what is a tie but for the noise of floats is rounded like the tie."""
    quiet = float(f"{number:.{MOST_DIGITS}g}")
    before_point = len(str(int(abs(quiet))))
    return float(f"{quiet:.{min(max(DIGITS, before_point), MOST_DIGITS)}g}") + 0.0


def _pairings(wanted: Sequence[tuple[Key, ...]], given: Sequence[tuple[Key, ...]]) -> Iterator[tuple[int, ...]]:
    """For each wanted column a different given one that holds the same values; every way to choose them."""
    columns, offered = _columns(wanted), _columns(given)
    if Counter(columns) - Counter(offered):
        return iter(())  # some have no partner; to find that out by trying takes for ever where many are alike
    fitting = [[place for place, values in enumerate(offered) if values == column] for column in columns]

    def choose(column: int, taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if column == len(fitting):
            yield taken
            return
        for place in fitting[column]:
            if place not in taken:
                yield from choose(column + 1, (*taken, place))

    return choose(0, ())


def _columns(rows: Sequence[tuple[Key, ...]]) -> list[frozenset[tuple[Key, int]]]:
    """Each column as its values, each with how often it comes."""
    return [frozenset(Counter(row[place] for row in rows).items()) for place in range(len(rows[0]))]
