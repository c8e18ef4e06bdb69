"""What changed between two listings of a warehouse. How changes and renames are found is in `schema_diff`.

Names are dotted and as the warehouse spells them; `was` is before and `now` after. `confidence` is 0 to 1: how sure it is
that what is gone and what is new are the same thing.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TableAdded:
    table: str
    kind: Literal["table_added"] = "table_added"


@dataclass(frozen=True, slots=True)
class TableGone:
    table: str
    kind: Literal["table_gone"] = "table_gone"


@dataclass(frozen=True, slots=True)
class TableRenamed:
    table: str
    now: str
    confidence: float
    kind: Literal["table_renamed"] = "table_renamed"


@dataclass(frozen=True, slots=True)
class ColumnAdded:
    table: str
    column: str
    type: str
    kind: Literal["column_added"] = "column_added"


@dataclass(frozen=True, slots=True)
class ColumnGone:
    table: str
    column: str
    type: str
    kind: Literal["column_gone"] = "column_gone"


@dataclass(frozen=True, slots=True)
class ColumnRenamed:
    """Within its table, or what its table is called now; `table` is the name before."""

    table: str
    column: str
    now: str
    confidence: float
    kind: Literal["column_renamed"] = "column_renamed"


@dataclass(frozen=True, slots=True)
class ColumnMoved:
    """To another table, perhaps under another name; `joined_on` are columns of the same name that lead there."""

    table: str
    column: str
    to_table: str
    to_column: str
    confidence: float
    joined_on: tuple[str, ...] = ()
    kind: Literal["column_moved"] = "column_moved"


@dataclass(frozen=True, slots=True)
class ColumnRetyped:
    table: str
    column: str
    was: str
    now: str
    kind: Literal["column_retyped"] = "column_retyped"


@dataclass(frozen=True, slots=True)
class NullabilityChanged:
    table: str
    column: str
    nullable: bool
    kind: Literal["nullability_changed"] = "nullability_changed"


@dataclass(frozen=True, slots=True)
class ViewRedefined:
    table: str
    kind: Literal["view_redefined"] = "view_redefined"


SchemaChange = (
    TableAdded
    | TableGone
    | TableRenamed
    | ColumnAdded
    | ColumnGone
    | ColumnRenamed
    | ColumnMoved
    | ColumnRetyped
    | NullabilityChanged
    | ViewRedefined
)


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """All changes, in the order of tables. A rename stands in the place of what is gone and what is new."""

    changes: tuple[SchemaChange, ...] = ()

    def tables(self) -> frozenset[str]:
        """Every table that some change is about, by the name before it."""
        return frozenset(change.table for change in self.changes)
