"""Every kind of change, and how often each is done to a world."""

from collections.abc import Callable, Iterator, Mapping

from bench.breakage.changes import Change, Subject, subject_of
from bench.breakage.kinds_of_columns import (
    add_column,
    change_case,
    drop_column,
    needs_quotes,
    rename_column,
    rename_with_twin,
    retype,
    several,
    swap_columns,
)
from bench.breakage.kinds_of_tables import drop_table, move_column, rename_table, split_table
from bench.breakage.kinds_of_views import base_renamed_under_view, view_drops, view_over_renamed_table, view_renames
from bench.breakage.worlds import World

Kind = Callable[[Subject], Change | None]
KINDS: Mapping[str, Kind] = {
    "rename column": rename_column,
    "rename table": rename_table,
    "drop column": drop_column,
    "drop table": drop_table,
    "retype": retype,
    "split table": split_table,
    "move column": move_column,
    "swap columns": swap_columns,
    "case only": change_case,
    "needs quotes": needs_quotes,
    "view renames column": view_renames,
    "view drops column": view_drops,
    "view follows rename": view_over_renamed_table,
    "base renamed under view": base_renamed_under_view,
    "several at once": several,
    "rename beside a twin": rename_with_twin,
    "add column": add_column,
}
TIMES: Mapping[str, int] = {**dict.fromkeys(KINDS, 1), "rename column": 4, "retype": 2, "split table": 2}
QUICK: Mapping[str, int] = dict.fromkeys(KINDS, 1)


def changes_of(world: World, dialect: str, *, seed: int, kinds: Mapping[str, int] | None = None) -> Iterator[Change]:
    """So many changes of each kind as `kinds` says; one that the world cannot undergo is left out."""
    subject = subject_of(world, dialect, seed=seed)
    for kind, times in (kinds or TIMES).items():
        seen = set()
        for _ in range(times):
            change = KINDS[kind](subject)
            if change is not None and change.statements not in seen:
                seen.add(change.statements)
                yield change
