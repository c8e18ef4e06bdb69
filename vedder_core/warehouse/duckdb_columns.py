"""What a profile has found out about one column so far, and what of it may be published.

No SQL here: `duckdb_profile` asks, this judges (kinds of types, prose, personal data, likely keys) and keeps.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Self

import pyarrow as pa
import pyarrow.compute as pc

from vedder_core.privacy import personal_value, withheld_by_values
from vedder_core.profile import ColumnProfile, CommonValue, Figure, Mark, Value
from vedder_core.schema import Column

Kind = Literal["number", "text", "time", "flag", "opaque"]

FEW = 2_000
"""Up to here distinct counts and common values are exact, and a text column's values are kept in full."""

TOP = 20
LONGEST = 80
LOOKED_AT = 200
"""So many values of a column are looked at for personal data."""

TYPES: dict[Kind, frozenset[str]] = {
    "number": frozenset(
        "TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT DECIMAL FLOAT DOUBLE".split()
    ),
    "text": frozenset({"VARCHAR", "ENUM", "UUID"}),
    "time": frozenset(
        {
            "DATE",
            "TIME",
            "TIME_NS",
            "TIMESTAMP",
            "TIMESTAMP_S",
            "TIMESTAMP_MS",
            "TIMESTAMP_NS",
            "TIMESTAMP WITH TIME ZONE",
        }
    ),
    "flag": frozenset({"BOOLEAN"}),
}


def kind_of(engine_type: str) -> Kind:
    """How a type can be profiled; of `opaque` ones (nested, binary) only nulls are counted."""
    if engine_type.endswith("]"):
        return "opaque"
    plain = engine_type.split("(")[0]
    return next((kind for kind, names in TYPES.items() if plain in names), "opaque")


@dataclass(frozen=True)
class Sampled:
    """Values of one column in a part of the rows: `present` that are not NULL, `distinct`, the most frequent first."""

    present: int
    distinct: int
    frequent: tuple[tuple[str, int], ...]
    is_prose: bool

    @classmethod
    def of(cls, values: "pa.ChunkedArray[pa.Scalar[pa.DataType]]") -> Self:
        counted = pc.value_counts(values.drop_null())
        seen, rows = counted.field("values"), counted.field("counts")
        order = pc.sort_indices(rows, sort_keys=[("", "descending")])[: max(TOP, LOOKED_AT)]
        frequent = sorted(
            (
                (str(value), n)
                for value, n in zip(seen.take(order).to_pylist(), rows.take(order).to_pylist(), strict=True)
            ),
            key=lambda pair: (-pair[1], pair[0]),
        )
        return cls(len(values) - values.null_count, len(seen), tuple(frequent), _is_prose(seen, len(values)))


def _is_prose(seen: "pa.Array[pa.Scalar[pa.DataType]]", rows: int) -> bool:
    """Texts of several words that hardly repeat."""
    if not pa.types.is_string(seen.type) or len(seen) * 2 < rows or len(seen) == 0:
        return False
    lengths = pc.mean(pc.utf8_length(seen)).as_py()
    with_blanks = pc.sum(pc.match_substring(seen, " ")).as_py()
    return lengths >= 16 and with_blanks * 2 >= len(seen)


@dataclass
class Measured:
    """One column on its way through the plan. `readable` columns may have their values looked at."""

    column: Column
    kind: Kind
    min_rows: int
    withheld: str | None
    guess: int | None = None
    nulls: Figure | None = None
    distinct: Figure | None = None
    minimum: Value = None
    maximum: Value = None
    common: tuple[CommonValue, ...] = ()
    mark: Mark | None = None
    complete: bool = False
    prose: bool = False
    grouped: bool = False
    repeats: bool = False

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def readable(self) -> bool:
        return self.kind != "opaque" and self.withheld is None

    def is_empty(self) -> None:
        """The table has no rows."""
        self.nulls = self.distinct = Figure(0, "exact")
        self.complete = self.readable
        self.mark = "exact" if self.readable else None

    def bound(self, low: object, high: object) -> None:
        self.minimum, self.maximum = self._value(low), self._value(high)

    def take_groups(self, groups: Sequence[tuple[str | None, int]]) -> None:
        """All values with their rows, each exactly counted."""
        held = sorted(((value, n) for value, n in groups if value is not None), key=lambda pair: (-pair[1], pair[0]))
        self.grouped = True
        self.nulls = Figure(sum(n for value, n in groups if value is None), "exact")
        self.distinct = Figure(len(held), "exact")
        if self.kind == "text" and held:
            self.bound(min(value for value, _ in held), max(value for value, _ in held))
        self._keep(held, "exact", most=FEW if self.kind == "text" and len(held) <= FEW else TOP)

    def take_sample(self, sampled: Sampled, *, rows: int) -> None:
        """Values seen in a part of the rows; values that the part holds less than once in 1,000 rows are not common."""
        whole = sampled.present >= rows
        if whole and self.distinct is None:
            self.nulls, self.distinct = Figure(0, "exact"), Figure(sampled.distinct, "exact")
        self.repeats = sampled.distinct < sampled.present
        self.prose = sampled.is_prose
        if self.prose and rows > 10 * sampled.present and self.distinct is None:
            self.distinct = Figure(sampled.distinct, "sampled")
        if self.prose:
            self.minimum = self.maximum = None
        often = max(2, sampled.present // 1000)
        self._keep([(v, n) for v, n in sampled.frequent], "exact" if whole else "sampled", most=TOP, often=often)

    def is_likely_key(self, rows: int) -> bool:
        """No NULLs, no repetition seen, and a sketched count near the number of rows."""
        if self.distinct is None or self.distinct.mark != "approximate" or self.repeats or self.prose:
            return False
        return bool(self.nulls and self.nulls.value == 0) and self.distinct.value >= rows * 0.85

    def is_key(self, rows: int) -> bool:
        exact = self.distinct is not None and self.distinct.mark == "exact"
        return rows > 0 and exact and self.distinct == Figure(rows, "exact") and self.nulls == Figure(0, "exact")

    def profile(self) -> ColumnProfile:
        """What may be published of this column."""
        told = self.readable
        return ColumnProfile(
            name=self.name,
            type=self.column.type,
            nulls=self.nulls,
            distinct=self.distinct,
            minimum=self._told_bound(self.minimum) if told else None,
            maximum=self._told_bound(self.maximum) if told else None,
            common_values=self.common if told else (),
            common_mark=self.mark if told else None,
            complete=self.complete if told else False,
            withheld=self.withheld,
        )

    def _keep(self, values: Sequence[tuple[str, int]], mark: Mark, *, most: int, often: int = 1) -> None:
        """Keep the most frequent values, without those that are too rare or personal; judge the column by them."""
        if self._may_be_personal():
            self.withheld = withheld_by_values(value for value, _ in values[:LOOKED_AT])
        if self.withheld or self.prose:
            return
        fewest = max(self.min_rows, often)
        kept = [(value, n) for value, n in values[:most] if n >= fewest]
        if self.kind == "text":
            kept = [(value, n) for value, n in kept if personal_value(value) is None]
        self.common = tuple(CommonValue(value[:LONGEST], n) for value, n in kept)
        self.mark = mark
        whole = self.distinct is not None and self.distinct.mark == "exact" and len(kept) == self.distinct.value
        self.complete = mark == "exact" and whole and all(len(value) <= LONGEST for value, _ in kept)

    def _may_be_personal(self) -> bool:
        """Texts, and whole numbers as long as a card's."""
        long_number = isinstance(self.maximum, int) and self.maximum >= 10**12
        return self.kind == "text" or (self.kind == "number" and long_number)

    def _told_bound(self, bound: Value) -> Value:
        """A text at the end of the order is a value like any other: not if it is personal or too rare."""
        if not isinstance(bound, str) or self.kind != "text":
            return bound
        if personal_value(bound) is not None:
            return None
        common = {value.value for value in self.common}
        return bound if self.min_rows == 1 or bound in common else None

    def _value(self, raw: object) -> Value:
        if raw is None or isinstance(raw, bool):
            return raw
        if isinstance(raw, int):
            return raw if -(2**63) <= raw < 2**63 else str(raw)
        if isinstance(raw, Decimal):
            exact = len(raw.as_tuple().digits) <= 15
            return float(raw) if exact else str(raw)
        if isinstance(raw, float):
            return raw if math.isfinite(raw) else str(raw)
        text = str(raw)
        return text.replace(" ", "T", 1) if self.kind == "time" else text[:LONGEST]
