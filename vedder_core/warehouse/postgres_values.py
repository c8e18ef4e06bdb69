"""Rows of the server as Arrow columns of the nearest type.

A column with a value that its Arrow type cannot hold (NaN among decimals, the date `infinity`, years beyond 9999,
arrays of arrays) comes as text in the server's own spelling, and is never rounded or left out. Enums, UUIDs, JSON,
networks and whatever else has no Arrow type are texts, too.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import psycopg
import pyarrow as pa
from psycopg import pq
from psycopg.abc import Transformer as Loaders
from psycopg.adapt import Transformer

Raw = Sequence[bytes | None]

INTERVAL = 1186
BYTEA = 17
NUMERIC = 1700
WHOLE_DIGITS = (38, 76)

TYPES: dict[int, pa.DataType] = {
    16: pa.bool_(),
    21: pa.int16(),
    23: pa.int32(),
    20: pa.int64(),
    26: pa.int64(),
    700: pa.float32(),
    701: pa.float64(),
    BYTEA: pa.binary(),
    1082: pa.date32(),
    1083: pa.time64("us"),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
    1000: pa.list_(pa.bool_()),
    1005: pa.list_(pa.int16()),
    1007: pa.list_(pa.int32()),
    1016: pa.list_(pa.int64()),
    1021: pa.list_(pa.float32()),
    1022: pa.list_(pa.float64()),
    1009: pa.list_(pa.string()),
    1014: pa.list_(pa.string()),
    1015: pa.list_(pa.string()),
    1182: pa.list_(pa.date32()),
    1115: pa.list_(pa.timestamp("us")),
    1185: pa.list_(pa.timestamp("us", tz="UTC")),
}
"""The engine's types by number -> Arrow's. Those of numeric and interval depend on the values."""

ISO_INTERVAL = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?[\d.]+)S)?)?"
)


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """A column of a result: its name, the number of its type and the type's modifier."""

    name: str
    type: int
    modifier: int

    @property
    def width(self) -> int:
        """Bytes that a value takes in Arrow, at least, beside its text."""
        kind = TYPES.get(self.type)
        return 16 if self.type in (NUMERIC, INTERVAL) else kind.bit_width // 8 if _is_fixed(kind) and kind else 0


def columns_of(result: pq.abc.PGresult) -> list[ResultColumn]:
    """The columns of a result; of the names only what is UTF-8."""
    return [
        ResultColumn((result.fname(n) or b"").decode(errors="replace"), result.ftype(n), result.fmod(n))
        for n in range(result.nfields)
    ]


def to_table(columns: Sequence[ResultColumn], values: Sequence[Raw], connection: psycopg.Connection) -> pa.Table:
    """Arrow columns of the values as the server wrote them, in the order of the columns."""
    loaders = Transformer(connection)
    arrays = [_array(column, raw, loaders) for column, raw in zip(columns, values, strict=True)]
    return pa.Table.from_arrays(arrays, names=[column.name for column in columns])


def _array(column: ResultColumn, raw: Raw, loaders: Loaders) -> "pa.Array[pa.Scalar[pa.DataType]]":
    try:
        if column.type == NUMERIC:
            return _decimals(_loaded(raw, lambda value: Decimal(value.decode())), column.modifier)
        if column.type == INTERVAL:
            return pa.array(_loaded(raw, _interval), pa.month_day_nano_interval())
        if (kind := TYPES.get(column.type)) is not None:
            return pa.array(_loaded(raw, loaders.get_loader(column.type, pq.Format.TEXT).load), kind)
    except (psycopg.DataError, pa.ArrowException, ValueError, ArithmeticError, TypeError):
        pass  # a value beyond the type: see above
    return pa.array(_loaded(raw, lambda value: value.decode(errors="replace")), pa.string())


def _loaded(raw: Raw, load: Callable[[bytes], object]) -> list[object]:
    return [None if value is None else load(value) for value in raw]


def _decimals(values: Sequence[object], modifier: int) -> "pa.Array[pa.Scalar[pa.DataType]]":
    """As wide as the column's type says; where it says nothing, as the values need."""
    if modifier >= 4:
        precision, scale = (modifier - 4) >> 16, (modifier - 4) & 0x7FF
        if scale <= precision <= WHOLE_DIGITS[0]:
            return pa.array(values, pa.decimal128(precision, scale))
    known = [value.as_tuple() for value in values if isinstance(value, Decimal)]
    scale = max((max(-int(each.exponent), 0) for each in known), default=0)
    whole = max((len(each.digits) + int(each.exponent) for each in known), default=0)
    digits = scale + max(whole, 1)
    if digits <= WHOLE_DIGITS[0]:
        return pa.array(values, pa.decimal128(WHOLE_DIGITS[0], scale))
    return pa.array(values, pa.decimal256(WHOLE_DIGITS[1], scale))


def _interval(text: bytes) -> pa.MonthDayNano:
    """An ISO 8601 interval as months, days and nanoseconds, none made of another."""
    found = ISO_INTERVAL.fullmatch(text.decode())
    if found is None:
        raise ValueError("This is no interval.")
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    seconds = Decimal(found[7] or 0)
    nanoseconds = (hours * 3600 + minutes * 60) * 10**9 + int(seconds * 10**9)
    return pa.MonthDayNano([years * 12 + months, weeks * 7 + days, nanoseconds])  # type: ignore[arg-type, call-arg]


def _is_fixed(kind: pa.DataType | None) -> bool:
    return kind is not None and pa.types.is_primitive(kind)
