"""Schema changes as rows of a table that people read."""

from collections.abc import Iterable, Iterator, Mapping

from vedder_core.schema_change import (
    ColumnAdded,
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    ColumnRetyped,
    KeyChanged,
    NullabilityChanged,
    SchemaChange,
    TableAdded,
    TableGone,
    TableRenamed,
    ViewRedefined,
)

Cells = tuple[str, str, str, str, str, float | None]
CHANGE_COLUMNS: Mapping[str, str] = {
    "table": "string",
    "column": "string",
    "what": "string",
    "before": "string",
    "now": "string",
    "confidence": "float",
}


def change_rows(changes: Iterable[SchemaChange], routines: Iterable[str] = ()) -> Iterator[Cells]:
    """One row a change, with the cells of CHANGE_COLUMNS."""
    yield from (_row(change) for change in changes)
    yield from ((name, "", "macro or function changed", "", "", None) for name in routines)


def _row(change: SchemaChange) -> Cells:
    what = change.kind.replace("_", " ")
    column = getattr(change, "column", "")
    before, now = _of_table(change) or _of_column(change)
    return change.table, column, what, before, now, getattr(change, "confidence", None)


def _of_table(change: SchemaChange) -> tuple[str, str] | None:
    match change:
        case TableAdded():
            return "", change.table
        case TableGone():
            return change.table, ""
        case TableRenamed():
            return change.table, change.now
        case ViewRedefined():
            return "", ""
        case KeyChanged():
            return ", ".join(change.was), ", ".join(change.now)
    return None


def _of_column(change: SchemaChange) -> tuple[str, str]:
    match change:
        case ColumnAdded():
            return "", f"{change.column} {change.type}"
        case ColumnGone():
            return f"{change.column} {change.type}", ""
        case ColumnRenamed():
            return change.column, change.now
        case ColumnMoved():
            return change.column, f"{change.to_table}.{change.to_column}"
        case ColumnRetyped():
            return change.was, change.now
        case NullabilityChanged():
            return ("NOT NULL", "may be NULL") if change.nullable else ("may be NULL", "NOT NULL")
    return "", ""
