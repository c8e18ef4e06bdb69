"""The warehouse before its schema changed, led back from the changes: a pair's SQL was written for that one.

Only columns and names are led back, because only they decide what a name in SQL meant. Deliberately not here: which
changes there are (`vedder_core.schema_diff`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vedder_core.schema import Catalog, Column, Table
from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    ColumnRetyped,
    SchemaChange,
    SchemaDiff,
    TableAdded,
    TableGone,
    TableRenamed,
)
from vedder_core.sql.resolved import BaseColumn


@dataclass(frozen=True)
class Became:
    """What became of names: dotted tables, and columns of tables, both as the warehouse spelt them before and now."""

    tables: Mapping[str, TableRenamed]
    columns: Mapping[BaseColumn, ColumnRenamed]
    moved: Mapping[BaseColumn, ColumnMoved]

    def table_now(self, name: str) -> str:
        renamed = self.tables.get(name)
        return renamed.now if renamed else name

    def column_now(self, column: BaseColumn) -> BaseColumn:
        """The column's name and table now, where it stayed in its table."""
        renamed = self.columns.get(column)
        return BaseColumn(self.table_now(column.dataset), renamed.now if renamed else column.column)


def became(changes: SchemaDiff) -> Became:
    """What the changes say about names. A column that has been given two fates has none."""
    columns = [one for one in changes.changes if isinstance(one, ColumnRenamed)]
    moved = [one for one in changes.changes if isinstance(one, ColumnMoved)]
    return Became(
        tables={one.table: one for one in changes.changes if isinstance(one, TableRenamed)},
        columns={BaseColumn(one.table, one.column): one for one in columns},
        moved={BaseColumn(one.table, one.column): one for one in moved},
    )


def catalog_before(after: Catalog, changes: SchemaDiff) -> Catalog:
    """The catalog without the changes: every table that was there, with the columns that it had, in some order."""
    tables = dict(after.tables)
    for change in changes.changes:
        if isinstance(change, TableAdded):
            tables.pop(change.table, None)
    for change in changes.changes:
        if isinstance(change, TableRenamed) and change.now in after.tables:
            tables.pop(change.now, None)
            tables[change.table] = replace(after.tables[change.now], name=change.table)
    for change in changes.changes:
        if not isinstance(change, TableAdded | TableGone | TableRenamed):
            own = tables.get(change.table)
            if own is not None:
                tables[change.table] = replace(own, columns=_without(own, change, after))
    for name, columns in _columns_renamed(tables, changes).items():
        tables[name] = replace(tables[name], columns=columns)
    return Catalog(after.engine, after.dialect, tables)


def _without(table: Table, change: SchemaChange, after: Catalog) -> tuple[Column, ...]:
    match change:
        case ColumnAdded(column=name):
            return tuple(column for column in table.columns if column.name != name)
        case ColumnGone(column=name, type=kind):
            return (*table.columns, Column(name, kind))
        case ColumnMoved(column=name, to_table=other, to_column=there):
            holder = after.find(other)
            found = holder.column(there) if holder else None
            return (*table.columns, Column(name, found.type if found else ""))
        case ColumnRetyped(column=name, was=was):
            return tuple(replace(one, type=was) if one.name == name else one for one in table.columns)
        case _:
            return table.columns


def _columns_renamed(tables: Mapping[str, Table], changes: SchemaDiff) -> dict[str, tuple[Column, ...]]:
    """All at once, because two columns may have changed their names with each other."""
    old: dict[str, dict[str, str]] = {}
    for change in changes.changes:
        if isinstance(change, ColumnRenamed) and change.table in tables:
            old.setdefault(change.table, {})[change.now] = change.column
    return {
        name: tuple(replace(column, name=names.get(column.name, column.name)) for column in tables[name].columns)
        for name, names in old.items()
    }
