"""What a change truly did, in the product's nouns: to measure repairs apart from how well renames are found."""

from bench.breakage.changes import Change
from vedder_core.schema import Catalog
from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    SchemaChange,
    SchemaDiff,
    TableAdded,
    TableGone,
    TableRenamed,
)


def told(change: Change, before: Catalog, after: Catalog) -> SchemaDiff:
    """The diff that a perfect observer would make."""
    found: list[SchemaChange] = [TableRenamed(old, new, 1.0) for old, new in change.tables.items()]
    for old, new in change.columns.items():
        table, _, column = old.rpartition(".")
        other, _, name = new.rpartition(".")
        if table == other:
            found.append(ColumnRenamed(table, column, name, 1.0))
        else:
            found.append(ColumnMoved(table, column, other, name, 1.0, _shared(before, after, table, other)))
    found += _gone(change, before, after)
    found += _added(change, before, after)
    return SchemaDiff(tuple(found))


def _shared(before: Catalog, after: Catalog, table: str, other: str) -> tuple[str, ...]:
    one, two = before.find(table), after.find(other)
    names = {column.name for column in two.columns} if two else set()
    return tuple(column.name for column in (one.columns if one else ()) if column.name in names)[:1]


def _gone(change: Change, before: Catalog, after: Catalog) -> list[SchemaChange]:
    found: list[SchemaChange] = []
    for name, table in before.tables.items():
        now = after.tables.get(change.tables.get(name, name))
        if now is None:
            found.append(TableGone(name))
            continue
        has = {column.name for column in now.columns}
        lost = [one for one in table.columns if one.name not in has and f"{name}.{one.name}" not in change.columns]
        found += [ColumnGone(name, one.name, one.type) for one in lost]
    return found


def _added(change: Change, before: Catalog, after: Catalog) -> list[SchemaChange]:
    was = {now: old for old, now in change.tables.items()}
    came = set(change.columns.values())
    found: list[SchemaChange] = []
    for name, table in after.tables.items():
        old = before.tables.get(was.get(name, name))
        if old is None:
            found.append(TableAdded(name))
            continue
        had = {column.name for column in old.columns}
        new = [one for one in table.columns if one.name not in had and f"{name}.{one.name}" not in came]
        found += [ColumnAdded(old.name, one.name, one.type) for one in new]
    return found
