"""An answer in words, made by rule from its rows: the same rows always say the same. No chat model speaks here."""

import math
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from vedder_core.answer import Cell

ROWS_TOLD = 3
COLUMNS_TOLD = 4
NAMES_NOT_AMOUNTS = frozenset({"year", "id", "code", "number", "time", "date", "zip", "hour", "tailnum"})
"""Words in a column's name that say that its numbers name something: `2013` is then no `2,013`."""


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


def shown(cell: Cell, column: str) -> str:
    """A cell for people's eyes: amounts with separators, long fractions cut. JSON has it in full."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, int | float | Decimal):
        return _number(cell, column)
    return printable(str(cell))


def printable(text: str) -> str:
    """Text without control characters: a value of the warehouse must not steer a terminal."""
    return "".join(mark if mark.isprintable() else " " for mark in text)


def is_amount(column: str) -> bool:
    """Do the numbers of this column count or measure, judged by its name?"""
    return NAMES_NOT_AMOUNTS.isdisjoint(column.casefold().replace(".", "_").split("_"))


def _result(columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, truncated: bool) -> str:
    if not rows:
        return "No rows: nothing in the data fits the question."
    if len(rows) == 1 and not truncated:
        cells = [(printable(column), shown(cell, column)) for column, cell in zip(columns, rows[0], strict=True)]
        if len(cells) == 1:
            return f"{cells[0][1]} ({cells[0][0]})."
        return f"{', '.join(f'{column}: {cell}' for column, cell in cells)}."
    first = "; ".join(_row(columns, row) for row in rows[:ROWS_TOLD])
    more = "; …" if len(rows) > ROWS_TOLD else "."
    return f"{len(rows):,} rows: {first}{more}"


def _row(columns: Sequence[str], row: Sequence[Cell]) -> str:
    cells = [shown(cell, column) for column, cell in zip(columns, row, strict=True)]
    return ", ".join(cells[:COLUMNS_TOLD]) + (", …" if len(cells) > COLUMNS_TOLD else "")


def _number(value: float | Decimal, column: str) -> str:
    if isinstance(value, int) or (isinstance(value, Decimal) and value == value.to_integral_value()):
        return f"{int(value):,}" if is_amount(column) else str(int(value))
    if not math.isfinite(value):
        return "–"
    digits = 2 if abs(float(value)) >= 1 else 4
    return f"{value:,.{digits}f}".rstrip("0").rstrip(".")
