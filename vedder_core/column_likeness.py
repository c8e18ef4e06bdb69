"""What speaks for a column that is gone and a column that is new being the same one, as numbers.

Type, place, name, and what their profiles count and list. A column whose values are withheld is compared by counts
alone. How the numbers become a confidence is in `rename_model`.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from vedder_core.name_likeness import name_likeness
from vedder_core.profile import ColumnProfile, Figure, Profile
from vedder_core.schema import Column, Table

Place = Literal["between", "end", "moved"]
FAMILIES = (
    ("number", ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "U", "FLOAT", "DOUBLE", "REAL", "DEC", "NUM")),
    ("time", ("DATE", "TIME")),
    ("text", ("VARCHAR", "CHAR", "TEXT", "STRING", "BPCHAR", "CHARACTER", "ENUM")),
    ("truth", ("BOOL",)),
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """`type` and `place` are 1 of what fits best; `profile` is about -8 to 8, 0 where nothing is known."""

    same_type: bool
    same_family: bool
    place: Place
    name: float
    profile: float
    profiled: bool


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a table, its profile if there is one, and the columns that both sides have."""

    table: Table
    profile: Profile | None
    kept: frozenset[str]

    def column(self, name: str) -> ColumnProfile | None:
        return self.profile.column(name) if self.profile is not None else None

    @cached_property
    def gaps(self) -> Mapping[str, tuple[str, str, int]]:
        """For each column that is not kept: the kept ones left and right of it, and which it is between them."""
        names = [column.name for column in self.table.columns]
        found: dict[str, tuple[str, str, int]] = {}
        left, waiting = "", list[str]()
        for name in (*names, ""):
            if name and name.casefold() not in self.kept:
                waiting.append(name)
                continue
            right = name.casefold()
            found |= {one: (left, right, number) for number, one in enumerate(waiting)}
            left, waiting = right, []
        return found


def likeness(one: Column, other: Column, before: Side, after: Side) -> Likeness:
    """Of a column of `before` and one of `after`."""
    alike, profiled = _profiles(before.column(one.name), after.column(other.name), before.profile, after.profile)
    return Likeness(
        same_type=one.type.casefold() == other.type.casefold(),
        same_family=family(one.type) == family(other.type),
        place=_place(before.gaps.get(one.name), after.gaps.get(other.name)),
        name=name_likeness(one.name, other.name),
        profile=alike,
        profiled=profiled,
    )


def family(type_: str) -> str:
    """What kind of values a type holds: number, time, text, truth, or a kind of its own."""
    written = type_.upper()
    if written.endswith("[]") or "(" in written.split("(")[0]:
        return written
    return next((name for name, starts in FAMILIES if written.startswith(starts)), written)


def _place(one: tuple[str, str, int] | None, other: tuple[str, str, int] | None) -> Place:
    """`end`: a column that is dropped and one that is added can meet there by chance, since columns are added there."""
    if one is None or other is None or one != other:
        return "moved"
    return "between" if one[1] else "end"


def _profiles(
    one: ColumnProfile | None, other: ColumnProfile | None, before: Profile | None, after: Profile | None
) -> tuple[float, bool]:
    if one is None or other is None or before is None or after is None:
        return 0.0, False
    rows, now = before.rows.value, after.rows.value
    if rows == 0 or now == 0:
        return 0.0, False
    same_rows = rows == now
    found = _nulls(one.nulls, other.nulls, rows, now) + _distinct(one.distinct, other.distinct, rows, now)
    if one.withheld is None and other.withheld is None:
        found += _ends(one, other, same_rows=same_rows) + _common(one, other, same_rows=same_rows)
    return max(-8.0, min(8.0, found)), True


def _nulls(one: Figure | None, other: Figure | None, rows: int, now: int) -> float:
    if one is None or other is None:
        return 0.0
    share, share_now = one.value / rows, other.value / now
    if max(share, share_now) == 0:
        return 0.2
    apart = abs(share - share_now)
    return 1.5 if apart < 0.002 and share < 1 else -min(3.0, 10 * apart)


def _distinct(one: Figure | None, other: Figure | None, rows: int, now: int) -> float:
    if one is None or other is None:
        return 0.0
    exact = one.mark == other.mark == "exact"
    most = max(one.value, other.value, 1)
    apart = abs(one.value - other.value) / most
    if apart <= (0.0 if exact and rows == now else 0.05):
        are_keys = one.value == rows and other.value == now
        return 1.0 if are_keys else min(2.0, 0.4 * math.log2(one.value + 1))
    by_share = abs(one.value / rows - other.value / now)
    apart = apart if rows == now else min(apart, by_share)
    return -min(4.0, 6 * apart) if rows == now or apart > 0.2 else 0.0


def _ends(one: ColumnProfile, other: ColumnProfile, *, same_rows: bool) -> float:
    if family(one.type) != family(other.type):
        return 0.0
    found = 0.0
    for end, end_now in ((one.minimum, other.minimum), (one.maximum, other.maximum)):
        if end is None or end_now is None:
            continue
        if end == end_now:
            found += 0.4 if end in (0, 1, "", True, False) else 1.2
        else:
            found -= 1.5 if same_rows else 0.4
    return found


def _common(one: ColumnProfile, other: ColumnProfile, *, same_rows: bool) -> float:
    """The values that both list, weighed by their rows; a list says nothing of a column whose values are all rare."""
    if not one.common_values or not other.common_values:
        return 0.0
    listed = _shares([(common.value, common.rows) for common in one.common_values])
    now = _shares([(common.value, common.rows) for common in other.common_values])
    shared = sum(min(share, now.get(value, 0.0)) for value, share in listed.items())
    telling = min(1.0, 0.3 + 0.1 * max(len(listed), len(now)))
    unlike = 4.0 if (one.complete and other.complete) or same_rows else 2.0
    return (4.0 * telling * (2 * shared - 1)) if shared >= 0.5 else -unlike * (1 - 2 * shared)


def _shares(counted: Sequence[tuple[str, int]]) -> dict[str, float]:
    total = sum(rows for _, rows in counted) or 1
    return {value: rows / total for value, rows in counted}
