"""From an Arrow result to plain rows, and from those to JSON; nothing is rounded on the way.

Whole numbers stay numbers, decimals with a fraction become text so that no reader turns them into a float; NaN and
infinities, which JSON does not have, become null. Deliberately not here: pandas, which Arrow would fall back to.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
import pyarrow as pa
from pydantic import BaseModel

from vedder_core.answer import Cell

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def rows_of(table: pa.Table) -> tuple[tuple[Cell, ...], ...]:
    """The rows of a result in order; every cell is a type that `as_json` writes without loss."""
    columns = [_cells(column) for column in table.columns]
    return tuple(zip(*columns, strict=True)) if columns else ()


def as_json(value: object) -> bytes:
    """JSON of an outcome or of any of our nouns."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def _cells(column: "pa.ChunkedArray[Any]") -> Sequence[Cell]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return _as_text(column)  # Python's datetime ends at microseconds
    if pa.types.is_decimal(kind):
        return _whole(column) if kind.scale == 0 else column.to_numpy().tolist()
    if pa.types.is_date32(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
        return _moments(column)
    try:
        values = column.to_pylist()
    except (ValueError, OverflowError):  # a date beyond Python's years
        return _as_text(column)
    if _is_simple(kind):
        return values
    return [None if value is None else _text_of(value) for value in values]


def _is_simple(kind: pa.DataType) -> bool:
    simple = (
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_date,
        pa.types.is_time,
        pa.types.is_timestamp,
        pa.types.is_null,
    )
    return any(test(kind) for test in simple)


def _as_text(column: "pa.ChunkedArray[Any]") -> Sequence[Cell]:
    """What Python cannot hold, in Arrow's words: a year beyond its own, inside of a list as well."""
    kind = column.type
    if pa.types.is_nested(kind):
        worded: pa.ChunkedArray[Any] = column.cast(_worded(kind))
        values = worded.to_pylist()
        return [None if value is None else _text_of(value) for value in values]
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit))  # with its zone, Arrow would write another year without a word
    return column.cast(pa.string()).to_pylist()


def _worded(kind: pa.DataType) -> pa.DataType:
    """A nested type with text in the place of dates and times."""
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_worded(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_worded(kind.key_type), _worded(kind.item_type))
    if pa.types.is_nested(kind) and hasattr(kind, "value_type"):
        return pa.list_(_worded(kind.value_type))
    return pa.string() if pa.types.is_temporal(kind) else kind


def _whole(column: "pa.ChunkedArray[Any]") -> Sequence[Cell]:
    """Integers wider than 64 bits: numbers where all of them fit, else text for the whole column."""
    try:
        return column.cast(pa.int64()).to_pylist()
    except pa.ArrowInvalid:
        return _as_text(column)


def _moments(column: "pa.ChunkedArray[Any]") -> Sequence[Cell]:
    """Dates, or moments without a zone. NumPy makes them many times faster than Arrow does."""
    values: list[Cell] = column.to_numpy().tolist()
    return _as_text(column) if int in map(type, values) else values  # a year that Python does not have is left a number


def _text_of(value: object) -> str:
    """Lists and structs as JSON, bytes as hexadecimal digits, anything else as Python writes it."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, pa.MonthDayNano):
        return _interval(value)
    if isinstance(value, list | dict):
        return orjson.dumps(value, default=str).decode()
    return str(value)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, frozenset | set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no JSON.")


def _interval(value: pa.MonthDayNano) -> str:
    """A length of time as people write it: `1 month 5 days 04:05:06`."""
    months, days, nanoseconds = int(value[0]), int(value[1]), int(value[2])
    told = [f"{n} {unit}{'' if abs(n) == 1 else 's'}" for n, unit in ((months, "month"), (days, "day")) if n]
    if nanoseconds or not told:
        seconds, rest = divmod(abs(nanoseconds), 10**9)
        fraction = f".{rest:09}".rstrip("0") if rest else ""
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"
        told.append(f"-{clock}" if nanoseconds < 0 else clock)
    return " ".join(told)
