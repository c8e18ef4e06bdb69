"""What changed between two listings of a warehouse. How changes and renames are found is in `schema_diff`.

Names are dotted and as the warehouse spells them; `was` is before and `now` after. `confidence` (0 to 1) is how sure it
is that what is gone and what is new are the same thing.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class TableAdded:
    """A table or view that was not there before."""

    table: str
    kind: Literal["table_added"] = "table_added"


@dataclass(frozen=True, slots=True)
class TableGone:
    """A table or view that is not there any more, under no name that could be found."""

    table: str
    kind: Literal["table_gone"] = "table_gone"


@dataclass(frozen=True, slots=True)
class TableRenamed:
    """The same table under another name."""

    table: str
    now: str
    confidence: float
    kind: Literal["table_renamed"] = "table_renamed"


@dataclass(frozen=True, slots=True)
class ColumnAdded:
    """A column that its table did not have before; `type` is the engine's own spelling."""

    table: str
    column: str
    type: str
    kind: Literal["column_added"] = "column_added"


@dataclass(frozen=True, slots=True)
class ColumnGone:
    """A column that its table has no more, under no name that could be found."""

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
    """The same column with another type, in the engine's own spelling."""

    table: str
    column: str
    was: str
    now: str
    kind: Literal["column_retyped"] = "column_retyped"


@dataclass(frozen=True, slots=True)
class NullabilityChanged:
    """The same column, and whether it may be NULL now."""

    table: str
    column: str
    nullable: bool
    kind: Literal["nullability_changed"] = "nullability_changed"


@dataclass(frozen=True, slots=True)
class ViewRedefined:
    """A view whose SQL is another."""

    table: str
    kind: Literal["view_redefined"] = "view_redefined"


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """A table whose primary key is another, or none. `was` and `now` are its columns, by their names then."""

    table: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    kind: Literal["key_changed"] = "key_changed"


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
    | KeyChanged
)


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """All changes, in the order of tables. A rename stands in the place of what is gone and what is new.

    `routines` are the macros and SQL functions that came, went or do something else now.
    """

    changes: tuple[SchemaChange, ...] = ()
    routines: tuple[str, ...] = ()

    def tables(self) -> frozenset[str]:
        """Every table that some change is about, by the name before it."""
        return frozenset(change.table for change in self.changes)

    def table_now(self, table: str) -> TableRenamed | None:
        """What became of a table that is there no more; None where no new name was found. Case is ignored."""
        renamed = (change for change in self.changes if isinstance(change, TableRenamed))
        return next((change for change in renamed if change.table.casefold() == table.casefold()), None)

    def column_now(self, table: str, column: str) -> ColumnRenamed | ColumnMoved | None:
        """What became of a column, by its table and name before; None where nothing was found. Case is ignored."""
        wanted = (table.casefold(), column.casefold())
        known = (change for change in self.changes if isinstance(change, ColumnRenamed | ColumnMoved))
        return next((c for c in known if (c.table.casefold(), c.column.casefold()) == wanted), None)
