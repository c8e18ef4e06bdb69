"""Do two results say the same? Compared as people would: names and order of columns do not matter, numbers within
rounding are equal, and the order of rows counts only where the question is about an order.

The rules are those of execution accuracy as Spider and Defog's sql-eval have it. Deliberately not here: running SQL.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from vedder_core.answer import Cell, Row
from vedder_core.evaluation import Likeness

DIGITS = 6
"""Significant digits in which two numbers must agree."""

MOST_ORDERS = 200
"""Ways to pair columns that are tried: more only come up where many columns hold the very same values."""

Key = tuple[str, object]


def likeness(gold: Sequence[Row], found: Sequence[Row], *, ordered: bool = False) -> Likeness:
    """How far `found` says what `gold` says. Rows of both have one width each."""
    if len(gold) != len(found):
        return "differs"
    if not gold:
        return "same"
    wanted = [tuple(map(key, row)) for row in gold]
    given = [tuple(map(key, row)) for row in found]
    width, wider = len(wanted[0]), len(given[0])
    if width > wider:
        return "differs"
    for tried, places in enumerate(_pairings(wanted, given)):
        chosen = [tuple(row[place] for place in places) for row in given]
        if chosen == wanted or (not ordered and Counter(chosen) == Counter(wanted)):
            return "same" if width == wider else "holds"
        if tried >= MOST_ORDERS:
            break
    return "differs"


def key(cell: Cell) -> Key:
    """What is compared of a cell: numbers by their leading digits, whatever type carries them; days as days."""
    match cell:
        case None:
            return ("none", None)
        case bool():
            return ("number", float(cell))
        case int() | float() | Decimal():
            return ("number", _rounded(float(cell)))
        case datetime():
            midnight = (cell.hour, cell.minute, cell.second, cell.microsecond) == (0, 0, 0, 0)
            return ("text", cell.date().isoformat() if midnight else cell.replace(tzinfo=None).isoformat(sep=" "))
        case date():
            return ("text", cell.isoformat())
        case _:
            return _of_text(str(cell))


def _of_text(text: str) -> Key:
    try:
        number = float(text)  # a decimal that came through JSON
    except ValueError:
        plain = text.strip()
        day, _, clock = plain.replace("T", " ").partition(" ")
        return ("text", day if clock in ("00:00:00", "00:00:00Z") else plain)
    return ("number", _rounded(number)) if math.isfinite(number) and "_" not in text else ("text", text.strip())


def _rounded(number: float) -> float | str:
    return float(f"{number:.{DIGITS}g}") + 0.0 if math.isfinite(number) else str(number)


def _pairings(wanted: Sequence[tuple[Key, ...]], given: Sequence[tuple[Key, ...]]) -> Iterator[tuple[int, ...]]:
    """For each wanted column a different given one that holds the same values; every way to choose them."""
    columns = [Counter(row[place] for row in wanted) for place in range(len(wanted[0]))]
    offered = [Counter(row[place] for row in given) for place in range(len(given[0]))]
    fitting = [[place for place, values in enumerate(offered) if values == column] for column in columns]

    def choose(column: int, taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if column == len(fitting):
            yield taken
            return
        for place in fitting[column]:
            if place not in taken:
                yield from choose(column + 1, (*taken, place))

    return choose(0, ())
