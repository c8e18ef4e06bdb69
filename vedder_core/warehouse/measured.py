"""What a profile has found out about one column so far, and what of it may be published.

No SQL and no engine here: an engine's profile asks, this judges (prose, personal data, likely keys) and keeps.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import starmap
from typing import Literal

from vedder_core.cluster import Dataset
from vedder_core.privacy import may_be_personal, personal_among, personal_value, withheld_by_values
from vedder_core.profile import LONGEST_VALUE, ColumnProfile, CommonValue, Figure, Mark, Partitions, Value
from vedder_core.schema import Column
from vedder_core.warehouse.value_groups import FEW_IN_FULL, LOOKED_AT, TOP, Sampled, Values

Kind = Literal["number", "text", "time", "flag", "opaque"]

FEW = 2_000
"""Up to here distinct counts and common values are exact, and a text column's values are kept in full."""

GUESSED_FEW = FEW * 3 // 2
"""Stored statistics often err upwards by a third; an exact GROUP BY of 3,000 values costs no more than a sketch."""

SKETCHED_FEW = FEW * 6 // 5
"""A sketch errs by less than a fifth."""

FOLDED_TEXT = 12
"""The engine keeps the bounds of texts up to this many bytes; those of longer ones need a scan."""


@dataclass
class Measured:
    """One column on its way through the plan. `readable` columns may have their values looked at; numbers are `whole`,
    or fractions, which are no keys.
    """

    column: Column
    kind: Kind
    min_rows: int
    withheld: str | None
    whole: bool = True
    guess: int | None = None
    folds: bool = False
    nulls: Figure | None = None
    distinct: Figure | None = None
    minimum: Value = None
    maximum: Value = None
    common: tuple[CommonValue, ...] = ()
    mark: Mark | None = None
    complete: bool = False
    prose: bool = False
    grouped: bool = False
    bounded: bool = False
    repeats: bool = False

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def readable(self) -> bool:
        return self.kind != "opaque" and self.withheld is None

    @property
    def seems_few(self) -> bool:
        """So the stored statistics say; they are good for a plan, and never published as a count."""
        return self.guess is not None and self.guess <= GUESSED_FEW

    @property
    def proves_few(self) -> bool:
        """So a count or a sketch of all rows says."""
        return self.distinct is not None and not self.prose and self.distinct.value <= SKETCHED_FEW

    @property
    def counts_open(self) -> bool:
        return self.distinct is None and self.kind != "opaque"

    @property
    def bounds_open(self) -> bool:
        return self.readable and not self.prose and not self.bounded

    def is_empty(self) -> None:
        """The table has no rows."""
        self.nulls = self.distinct = Figure(0, "exact")
        self.complete = self.readable
        self.mark = "exact" if self.readable else None

    def take_stored(self, stored: object) -> None:
        """The engine's statistics of a stored column; what they leave open is asked of the data."""
        known = stored if isinstance(stored, dict) else {}
        guess = 2 if self.kind == "flag" else known.get("approx_unique")
        self.guess = guess if isinstance(guess, int) else None
        if known.get("has_null") is False:
            self.nulls = Figure(0, "exact")
        longest = known.get("max_string_length")
        short = isinstance(longest, int) and longest <= FOLDED_TEXT and not self.seems_few
        self.folds = self.kind in ("number", "time", "flag") or (self.kind == "text" and short)

    def bound(self, low: object, high: object) -> None:
        self.bounded = True
        self.minimum, self.maximum = self._value(low), self._value(high)

    def take_groups(self, groups: Values) -> None:
        """All values with their rows, each exactly counted."""
        self.grouped = True
        self.nulls = Figure(groups.nulls, "exact")
        self.distinct = Figure(groups.distinct, "exact")
        if self.kind == "text":
            texts = [value for value, _ in groups.frequent]
            self.bound(min(texts, default=None), max(texts, default=None))
        full = FEW if self.kind == "text" else FEW_IN_FULL
        self._keep(groups.frequent, "exact", most=full if groups.distinct <= full else TOP)

    def take_sample(self, sampled: Sampled, *, rows: int) -> None:
        """Values seen in a part of the rows; values that the part holds less than once in 1,000 rows are not common."""
        whole = sampled.looked_at >= rows
        if whole:
            self.nulls = Figure(rows - sampled.present, "exact")
            self.distinct = Figure(sampled.distinct, "exact")
        self.repeats = sampled.distinct < sampled.present
        self.prose = sampled.is_prose
        if self.prose and rows > 10 * sampled.looked_at and self.distinct is None:
            self.distinct = Figure(sampled.distinct, "sampled")
        if self.prose:
            self.minimum = self.maximum = None
        often = max(2, sampled.present // 1000)
        self._keep(sampled.frequent, "exact" if whole else "sampled", most=TOP, often=often)

    def is_likely_key(self, rows: int) -> bool:
        """No NULLs, no repetition seen, and a sketched count near the number of rows."""
        if self.distinct is None or self.distinct.mark != "approximate" or self.repeats or not self._may_be_key():
            return False
        return self.nulls == Figure(0, "exact") and self.distinct.value >= rows * 0.85

    def is_key(self, rows: int) -> bool:
        """Every row has a value of its own, and that is certain."""
        certain = self.distinct == Figure(rows, "exact") and self.nulls == Figure(0, "exact")
        return rows > 0 and certain and self._may_be_key()

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
        suspect = self._may_be_personal() and may_be_personal(value for value, _ in values)
        if suspect:
            self.withheld = withheld_by_values(value for value, _ in values[:LOOKED_AT])
        if self.withheld or self.prose:
            return
        in_full = mark == "exact" and self.distinct == Figure(len(values), "exact") and len(values) <= most
        fewest = max(self.min_rows, 1 if in_full else max(often, 2))
        kept = values[:most] if fewest == 1 else [(value, n) for value, n in values[:most] if n >= fewest]
        if suspect and self.kind == "text":
            personal = personal_among(value for value, _ in kept)
            kept = [(value, n) for value, n in kept if value not in personal]
        whole = not any(len(value) > LONGEST_VALUE for value, _ in kept)
        self.common = tuple(starmap(CommonValue, kept if whole else ((value[:LONGEST_VALUE], n) for value, n in kept)))
        self.mark = mark if in_full or kept else None
        self.complete = in_full and whole and len(kept) == len(values)

    def _may_be_key(self) -> bool:
        fraction = self.kind == "number" and not self.whole
        return self.kind in ("number", "text", "time") and not fraction and not self.prose

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
            exact = raw.is_finite() and len(raw.as_tuple().digits) <= 15
            return float(raw) if exact else str(raw)
        if isinstance(raw, float):
            return raw if math.isfinite(raw) else str(raw)
        text = str(raw)
        return text.replace(" ", "T", 1) if self.kind == "time" else text[:LONGEST_VALUE]


def partitions_told(
    partitions: Partitions | None, columns: Iterable[ColumnProfile], dataset: Dataset
) -> Partitions | None:
    """What may be published of partitions: nothing where a column is hidden, no values where they are withheld."""
    cut_by = {name.casefold() for name in partitions.columns} if partitions else set()
    if partitions is None or cut_by & {name.casefold() for name in dataset.hidden_columns()}:
        return None
    withheld = (column.name for column in columns if column.withheld)
    untold = {name.casefold() for name in (*dataset.unsampled_columns(), *withheld)}
    return replace(partitions, first=None, last=None) if cut_by & untold else partitions
