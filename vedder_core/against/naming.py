"""What changes, in words of schema changes, and what a missing name is called now.

A rename that the source itself states is certain; the others are found by comparing the two catalogs.
"""

from dataclasses import replace

from vedder_core.against.proposal import Proposal
from vedder_core.schema import Catalog
from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    SchemaChange,
    TableAdded,
    TableGone,
    TableRenamed,
)
from vedder_core.schema_diff import schema_diff
from vedder_core.verdict import Broken


def changes_of(before: Catalog | None, after: Catalog, proposal: Proposal) -> tuple[SchemaChange, ...]:
    """All that differs; what the source states stands in the place of what comparing made of it."""
    found = schema_diff(before, after).changes if before is not None else ()
    stated = proposal.renames
    return (*stated, *(change for change in found if not any(_same(change, rename) for rename in stated)))


def _same(change: SchemaChange, stated: SchemaChange) -> bool:
    """Is this change a part of the stated rename?"""
    if isinstance(stated, TableRenamed):
        if isinstance(change, TableGone | TableRenamed):
            return change.table == stated.table
        return isinstance(change, TableAdded) and change.table == stated.now
    if not isinstance(stated, ColumnRenamed):
        return False
    if isinstance(change, ColumnGone | ColumnRenamed | ColumnMoved):
        return (change.table, change.column) == (stated.table, stated.column)
    return isinstance(change, ColumnAdded) and (change.table, change.column) == (stated.table, stated.now)


def named_now(broken: Broken, changes: tuple[SchemaChange, ...], hidden: frozenset[str]) -> Broken:
    """The verdict with the new name that the changes give what is missing; `hidden` names (`dataset.column`, in lower
    case) are never given.
    """
    if broken.missing_table is not None:
        table, confidence = _table_now(broken.missing_table, changes)
        if table != broken.missing_table:
            return replace(broken, probably=table, confidence=confidence)
    elif broken.missing_column is not None:
        place, _, column = broken.missing_column.rpartition(".")
        found = _column_now(place, column, changes)
        if found is not None and found[0].casefold() not in hidden:
            full, confidence = found
            same = full.rpartition(".")[0].casefold() in {place.casefold(), _table_now(place, changes)[0].casefold()}
            return replace(broken, probably=full.rpartition(".")[2] if same else full, confidence=confidence)
    return broken


def called_now(name: str, changes: tuple[SchemaChange, ...], hidden: frozenset[str]) -> str | None:
    """What a dataset or a column (`dataset.column`) is called after the changes; None where it keeps its name."""
    table, _ = _table_now(name, changes)
    if table != name:
        return table
    place, _, column = name.rpartition(".")
    named = named_now(Broken("", missing_column=name), changes, hidden)
    return named.probably if place and named.probably != column else None


def _table_now(name: str, changes: tuple[SchemaChange, ...]) -> tuple[str, float]:
    confidence = 1.0
    for change in changes:
        if isinstance(change, TableRenamed) and change.table.casefold() == name.casefold():
            name, confidence = change.now, min(confidence, change.confidence)
    return name, confidence


def _column_now(table: str, column: str, changes: tuple[SchemaChange, ...]) -> tuple[str, float] | None:
    """`dataset.column` as it is after all the changes, with how sure that is; None where no change is about it.

    Without a table it is any column of this name.
    """
    now, names = column, {table.casefold(), _table_now(table, changes)[0].casefold()}
    confidence, place, found = 1.0, _table_now(table, changes)[0], False
    for change in changes:
        if not isinstance(change, ColumnRenamed | ColumnMoved):
            continue
        if (table and change.table.casefold() not in names) or change.column.casefold() != now.casefold():
            continue
        found, confidence = True, min(confidence, change.confidence)
        if isinstance(change, ColumnMoved):
            now, place = change.to_column, change.to_table
        else:
            now = change.now
    return (f"{place}.{now}", confidence) if found else None
