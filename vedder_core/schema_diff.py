"""What changed between two listings of a warehouse, with renames and moves found by what speaks for them.

Plain code over nouns: nothing is asked of a warehouse. Tables whose fingerprints are equal are never looked into.
"""

from collections.abc import Iterator, Mapping

from vedder_core.moved_columns import moved_columns
from vedder_core.profile import Profile
from vedder_core.rename_model import Match
from vedder_core.renamed_tables import renamed_tables
from vedder_core.schema import Catalog, Column, Table
from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    SchemaChange,
    SchemaDiff,
    TableAdded,
    TableGone,
    TableRenamed,
)
from vedder_core.table_diff import TableDiff, table_diff

NO_PROFILES: Mapping[str, Profile] = {}


def schema_diff(
    before: Catalog,
    after: Catalog,
    *,
    profiles_before: Mapping[str, Profile] = NO_PROFILES,
    profiles_after: Mapping[str, Profile] = NO_PROFILES,
) -> SchemaDiff:
    """All changes from `before` to `after`. Profiles, by dataset name, make renames surer; none are needed.

    Withheld values are never used, and no rename is proposed that would be a guess.
    """
    marks, marks_now = before.fingerprints, after.fingerprints
    gone = {name: before.tables[name] for name in sorted(marks.keys() - marks_now.keys())}
    new = {name: after.tables[name] for name in sorted(marks_now.keys() - marks.keys())}
    renamed = {
        match.was: match for match in renamed_tables(gone.values(), new.values(), profiles_before, profiles_after)
    }
    differ = sorted(name for name, _ in marks.items() - marks_now.items())
    changed = {name: name for name in differ if name not in gone}
    changed |= {was: match.now for was, match in renamed.items()}
    diffs = {
        was: table_diff(
            before.tables[was],
            after.tables[now],
            profiled=profiles_before.get(was),
            profiled_now=profiles_after.get(now),
        )
        for was, now in changed.items()
    }
    found = _Found(before, after, diffs, changed, renamed, gone, new)
    moved = list(moved_columns(found.lost(), found.won(), profiles_before, profiles_after))
    return SchemaDiff(tuple(found.changes(moved)), _routines(before, after))


class _Found:
    """The parts of a diff, put together in the order of tables."""

    def __init__(
        self,
        before: Catalog,
        after: Catalog,
        diffs: Mapping[str, TableDiff],
        now: Mapping[str, str],
        renamed: Mapping[str, Match[str, str]],
        gone: Mapping[str, Table],
        new: Mapping[str, Table],
    ) -> None:
        self._before, self._after, self._diffs, self._now, self._renamed = before, after, diffs, now, renamed
        self._gone = {name: table for name, table in gone.items() if name not in renamed}
        taken = {match.now for match in renamed.values()}
        self._new = {name: table for name, table in new.items() if name not in taken}

    def lost(self) -> dict[str, tuple[Table, tuple[Column, ...]]]:
        """Columns for which a place elsewhere is looked for, by the table's name before."""
        lost = {was: (self._before.tables[was], diff.gone) for was, diff in self._diffs.items() if diff.gone}
        return lost | {name: (table, table.columns) for name, table in self._gone.items()}

    def won(self) -> dict[str, tuple[Table, tuple[Column, ...]]]:
        won = {self._now[was]: (self._after.tables[self._now[was]], diff.new) for was, diff in self._diffs.items()}
        return won | {name: (table, table.columns) for name, table in self._new.items()}

    def changes(self, moved: list[tuple[ColumnMoved, tuple[str, str]]]) -> Iterator[SchemaChange]:
        went = {(change.table, change.column): change for change, _ in moved}
        arrived = {place for _, place in moved}
        for name in sorted({*self._diffs, *self._gone}):
            if name in self._gone:
                yield TableGone(name)
                yield from (change for (table, _), change in went.items() if table == name)
                continue
            if name in self._renamed:
                yield TableRenamed(name, self._now[name], self._renamed[name].confidence)
            diff = self._diffs[name]
            yield from diff.changes
            for column in diff.gone:
                yield went.get((name, column.name)) or ColumnGone(name, column.name, column.type)
            for column in diff.new:
                if (self._now[name], column.name) not in arrived:
                    yield ColumnAdded(name, column.name, column.type)
        yield from (TableAdded(name) for name in sorted(self._new))


def _routines(before: Catalog, after: Catalog) -> tuple[str, ...]:
    names = before.routines.keys() | after.routines.keys()
    return tuple(sorted(name for name in names if before.routines.get(name) != after.routines.get(name)))
