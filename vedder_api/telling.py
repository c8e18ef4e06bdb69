"""An answer in words, made by rule from its rows: the same rows always say the same. No chat model speaks here."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from vedder_core.answer import Cell

ROWS_TOLD = 3
COLUMNS_TOLD = 4
NAMES_NOT_AMOUNTS = frozenset({"year", "id", "code", "number", "time", "date", "zip", "hour", "tailnum"})
"""Words in a column's name that say that its numbers name something: `2013` is then no `2,013`."""
YEARS = range(1800, 2200)
NEVER_BELOW_ONE = frozenset({"0", "-0", "1", "-1"})
LONGEST = 12
"""How many places after the point people read; what is nearer to zero is written with an exponent."""


def told(
    columns: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    truncated: bool,
    defaults: Sequence[tuple[str, str]] = (),
) -> str:
    """What the rows say, which defaults (name, value) stood in, and whether there would be more rows."""
    sentences = [_result(columns, rows, truncated=truncated)]
    sentences += [f"The question does not say {name}: {value} is assumed." for name, value in defaults]
    if truncated:
        sentences.append("The warehouse has more rows than are given here.")
    return " ".join(sentences)


def shown(cell: Cell, *, amount: bool = True) -> str:
    """A cell for people's eyes: amounts with separators, long fractions cut. JSON has it in full."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, int | float | Decimal):
        return _number(cell, amount=amount)
    return printable(str(cell))


def shown_row(row: Sequence[Cell], amounts: Collection[int]) -> tuple[str, ...]:
    """A row for people's eyes; `amounts` are the places of the columns that count or measure."""
    return tuple(shown(cell, amount=place in amounts) for place, cell in enumerate(row))


def printable(text: str) -> str:
    """Text without control characters: a value of the warehouse must not steer a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def amounts(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> frozenset[int]:
    """The places of the columns whose numbers count or measure: not named like a name, and not all of them years."""

    def is_amount(place: int, column: str) -> bool:
        numbers = [row[place] for row in rows if isinstance(row[place], int | float | Decimal)]
        words = column.casefold().replace(".", "_").split("_")
        return bool(numbers) and NAMES_NOT_AMOUNTS.isdisjoint(words) and not all(number in YEARS for number in numbers)

    return frozenset(place for place, column in enumerate(columns) if is_amount(place, column))


def _result(columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, truncated: bool) -> str:
    if not rows and truncated:
        return "The first row alone is larger than what an answer may hold, so that no row is given here."
    if not rows:
        return "No rows: nothing in the data fits the question."
    counted = amounts(columns, rows)
    if len(rows) == 1 and not truncated:
        cells = shown_row(rows[0], counted)
        if len(cells) == 1:
            return f"{cells[0]} ({printable(columns[0])})."
        return f"{', '.join(f'{printable(column)}: {cell}' for column, cell in zip(columns, cells, strict=True))}."
    first = "; ".join(_beginning(shown_row(row, counted)) for row in rows[:ROWS_TOLD])
    more = "; …" if len(rows) > ROWS_TOLD else "."
    return f"{len(rows):,} rows: {first}{more}"


def _beginning(cells: Sequence[str]) -> str:
    return ", ".join(cells[:COLUMNS_TOLD]) + (", …" if len(cells) > COLUMNS_TOLD else "")


def _number(value: float | Decimal, *, amount: bool) -> str:
    if isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value()):
        return f"{int(value):,}" if amount else str(int(value))
    if not math.isfinite(value):
        return "–"
    if value >= 1 or value <= -1:
        return _cut(f"{value:,.2f}")
    rounded = _cut(f"{value:.4f}")
    if value and rounded in NEVER_BELOW_ONE:
        return _below_one(Decimal(repr(value)) if isinstance(value, float) else value)
    return "0" if rounded == "-0" else rounded


def _below_one(value: Decimal) -> str:
    """As many digits as it takes to show that it is neither zero nor one: three, after all zeros or all nines."""
    if value.adjusted() < -LONGEST:
        return f"{value:.2e}"
    gap = min(value.copy_abs(), 1 - value.copy_abs())
    return _cut(f"{value:.{2 - gap.adjusted()}f}")


def _cut(written: str) -> str:
    return written.rstrip("0").rstrip(".")
