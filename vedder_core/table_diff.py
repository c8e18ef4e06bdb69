"""What changed within one table, or between a table and what it is called now: columns by name, renames, swaps.

Columns that went elsewhere are the matter of `moved_columns`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.column_likeness import Likeness, Side, likeness
from vedder_core.name_likeness import words_of
from vedder_core.profile import Profile
from vedder_core.rename_model import log_odds, matches
from vedder_core.schema import Column, Table
from vedder_core.schema_change import (
    ColumnRenamed,
    ColumnRetyped,
    KeyChanged,
    NullabilityChanged,
    SchemaChange,
    ViewRedefined,
)

MANY = 1500
"""With more pairs than this, only those are compared that share a word or a place: all of a wide table was rebuilt."""
SWAPPED = 6.0
"""How much better two profiles must fit crosswise than straight, before a swap of names is believed."""
SURE = 0.97


@dataclass(frozen=True)
class TableDiff:
    """`gone` and `new` are the columns for which no partner was found in the table itself."""

    changes: tuple[SchemaChange, ...]
    gone: tuple[Column, ...]
    new: tuple[Column, ...]


def table_diff(before: Table, after: Table, *, profiled: Profile | None, profiled_now: Profile | None) -> TableDiff:
    """`after` is the same table, perhaps under another name."""
    same = dict(_same_names(before, after))
    one, other = _sides(before, after, same, profiled, profiled_now)
    swapped = dict(_swaps(before, after, same, one, other))
    gone = [column for column in before.columns if column.name not in same]
    new = [column for column in after.columns if column.name not in same.values()]
    renamed = {match.was: match for match in matches(gone, new, _Score(one, other, many=len(gone) * len(new) > MANY))}
    changes: list[SchemaChange] = []
    for column in before.columns:
        match = renamed.get(column)
        now = match.now if match else after.column(swapped.get(column.name) or same.get(column.name, ""))
        if now is None:
            continue
        if now.name != column.name:
            confidence = match.confidence if match else SURE if column.name in swapped else 1.0
            changes.append(ColumnRenamed(before.name, column.name, now.name, confidence))
        changes += _kept(before.name, column, now)
    if after.definition != before.definition and before.name == after.name:
        changes.append(ViewRedefined(before.name))
    if _key(before.key, changes) != after.key:
        changes.append(KeyChanged(before.name, before.key, after.key))
    taken = {match.now for match in renamed.values()}
    return TableDiff(
        tuple(changes),
        tuple(column for column in gone if column not in renamed),
        tuple(column for column in new if column not in taken),
    )


def _key(key: tuple[str, ...], changes: Sequence[SchemaChange]) -> tuple[str, ...]:
    """The columns of a key by the names that they have now."""
    now = {change.column: change.now for change in changes if isinstance(change, ColumnRenamed)}
    return tuple(now.get(name, name) for name in key)


def _same_names(before: Table, after: Table) -> Iterator[tuple[str, str]]:
    """Columns that kept their name, the exact one first, then one that differs in case alone."""
    names = [column.name for column in after.columns]
    exact = {column.name for column in before.columns} & set(names)
    yield from ((name, name) for name in exact)
    folded = {name.casefold(): name for name in names if name not in exact}
    for column in before.columns:
        if column.name not in exact and (now := folded.pop(column.name.casefold(), None)) is not None:
            yield column.name, now


def _sides(
    before: Table, after: Table, same: Mapping[str, str], profiled: Profile | None, profiled_now: Profile | None
) -> tuple[Side, Side]:
    kept = frozenset(name.casefold() for name in same)
    return Side(before, profiled, kept), Side(after, profiled_now, kept)


class _Score:
    """Log odds of two columns; None for those that are not worth a look."""

    def __init__(self, before: Side, after: Side, *, many: bool) -> None:
        self._before, self._after, self._many = before, after, many

    def __call__(self, was: Column, now: Column) -> float | None:
        if self._many and not set(words_of(was.name)) & set(words_of(now.name)):
            place = self._before.gaps.get(was.name)
            if place is None or place != self._after.gaps.get(now.name):
                return None
        return log_odds(likeness(was, now, self._before, self._after))


def _swaps(before: Table, after: Table, same: Mapping[str, str], one: Side, other: Side) -> Iterator[tuple[str, str]]:
    """Columns that took each other's name: both hold what the other held, and stand where it stood."""
    places = {column.name: place for place, column in enumerate(before.columns)}
    places_now = {column.name: place for place, column in enumerate(after.columns)}
    stayed = [name for name, now in same.items() if name == now]
    moved = sorted(
        name for name in stayed if places[name] != places_now[name] or _type(before, name) != _type(after, name)
    )
    for number, left in enumerate(moved):
        for right in moved[number + 1 :]:
            if _took_places(before, after, left, right) and _swapped(before, after, left, right, one, other):
                yield from ((left, right), (right, left))


def _took_places(before: Table, after: Table, left: str, right: str) -> bool:
    order = [column.name for column in before.columns]
    order_now = [column.name for column in after.columns]
    crossed = order.index(left) < order.index(right) and order_now.index(left) > order_now.index(right)
    crossed = crossed or (order.index(left) > order.index(right) and order_now.index(left) < order_now.index(right))
    return crossed and (_type(before, left), _type(before, right)) == (_type(after, right), _type(after, left))


def _swapped(before: Table, after: Table, left: str, right: str, one: Side, other: Side) -> bool:
    if one.profile is None or other.profile is None:
        # Types that were exchanged together with the places leave no other reading.
        return _type(before, left) != _type(before, right)
    crosswise = _alike(one, other, before, after, left, right) + _alike(one, other, before, after, right, left)
    straight = _alike(one, other, before, after, left, left) + _alike(one, other, before, after, right, right)
    return crosswise - straight >= SWAPPED or (
        crosswise == straight == 0 and _type(before, left) != _type(before, right)
    )


def _alike(one: Side, other: Side, before: Table, after: Table, was: str, now: str) -> float:
    column, column_now = before.column(was), after.column(now)
    if column is None or column_now is None:
        return 0.0
    found: Likeness = likeness(column, column_now, one, other)
    return found.profile


def _type(table: Table, name: str) -> str:
    return next(column.type for column in table.columns if column.name == name)


def _kept(table: str, was: Column, now: Column) -> Iterator[SchemaChange]:
    if was.type != now.type:
        yield ColumnRetyped(table, was.name, was.type, now.type)
    if was.nullable != now.nullable:
        yield NullabilityChanged(table, was.name, now.nullable)
