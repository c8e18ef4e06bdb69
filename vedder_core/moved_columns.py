"""Columns that left for another table: of a table that was split, or put where they belong better."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from vedder_core.column_likeness import Side, likeness
from vedder_core.name_likeness import words_of
from vedder_core.profile import Profile
from vedder_core.rename_model import matches
from vedder_core.renamed_tables import COMMON_COLUMNS
from vedder_core.schema import Column, Table
from vedder_core.schema_change import ColumnMoved

Place = tuple[str, str]
"""A table and a column of it."""
KEYS = ("id", "key", "code", "nr", "number", "uuid", "no")


def moved_columns(
    gone: Mapping[str, tuple[Table, tuple[Column, ...]]],
    new: Mapping[str, tuple[Table, tuple[Column, ...]]],
    profiles: Mapping[str, Profile],
    profiles_now: Mapping[str, Profile],
) -> Iterator[tuple[ColumnMoved, Place]]:
    """Each with its new place. `gone` and `new` are, by the table's name, the table with its columns to be placed."""
    wanted = {(name, c.name): (table, c) for name, (table, columns) in gone.items() for c in columns}
    free = {(name, c.name): (table, c) for name, (table, columns) in new.items() for c in columns}
    holding: dict[str, list[Place]] = defaultdict(list)
    for place, (_, column) in free.items():
        for word in set(words_of(column.name)):
            holding[word].append(place)
    near = {was: {p for w in words_of(c.name) for p in holding.get(w, ())} for was, (_, c) in wanted.items()}

    def score(was: Place, now: Place) -> float | None:
        if now not in near[was] or was[0].casefold() == now[0].casefold():
            return None
        return _log_odds(*wanted[was], *free[now], profiles.get(was[0]), profiles_now.get(now[0]))

    for match in matches(wanted, free, score):
        to_table, to_column = match.now
        joined = _joined_on(wanted[match.was][0], free[match.now][0], match.was[1], profiles_now.get(to_table))
        yield ColumnMoved(*match.was, to_table, to_column, match.confidence, joined), match.now


def _log_odds(
    table: Table, column: Column, to_table: Table, to_column: Column, profile: Profile | None, now: Profile | None
) -> float:
    none = frozenset[str]()
    found = likeness(column, to_column, Side(table, profile, none), Side(to_table, now, none))
    same_name = column.name.casefold() == to_column.name.casefold()
    odds = -5.5 + 2.0 * found.same_type - 2.0 * (not found.same_family)
    odds += 4.5 * max(0.0, found.name - 0.3) + 1.5 * same_name - 1.5 * (column.name.casefold() in COMMON_COLUMNS)
    odds += 1.5 * bool(_joined_on(table, to_table, column.name, now))
    odds += 0.5 * (table.name.rpartition(".")[0] == to_table.name.rpartition(".")[0])
    # The rows of another table may be other ones: what is alike counts, what is not counts little.
    return odds + (0.5 * found.profile if found.profile > 0 else 0.25 * found.profile)


def _joined_on(table: Table, to_table: Table, column: str, profile: Profile | None) -> tuple[str, ...]:
    """Columns of both tables by which the rows of one find those of the other: keys where there are any."""
    shared = [
        one.name
        for one in table.columns
        if one.name.casefold() != column.casefold()
        and (other := to_table.column(one.name)) is not None
        and other.type == one.type
    ]
    keys = [name for name in shared if profile is not None and name in profile.key_candidates]
    return tuple(keys or list(_named_like_keys(shared)) or shared)


def _named_like_keys(names: Iterable[str]) -> Iterator[str]:
    yield from (name for name in names if words_of(name)[-1] in KEYS)
