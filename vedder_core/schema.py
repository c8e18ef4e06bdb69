"""What a warehouse holds: columns, tables, and a snapshot of the catalog with its fingerprints."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the engine describes it; `type` is the engine's own spelling."""

    name: str
    type: str
    nullable: bool = True
    comment: str | None = None


@dataclass(frozen=True)
class Table:
    """A table or view. `name` is dotted, as the warehouse spells it; `rows` is None where the engine does not know.

    `definition` is a view's SQL, None for a table.
    """

    name: str
    columns: tuple[Column, ...]
    kind: Literal["table", "view"] = "table"
    comment: str | None = None
    rows: int | None = None
    definition: str | None = None

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name.casefold() == name.casefold()), None)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the ordered (name, type, nullability) of the columns and a view's SQL; never over data."""
        digest = hashlib.sha256()
        for column in self.columns:
            digest.update(f"{column.name}\x1f{column.type}\x1f{column.nullable}\x1e".encode())
        digest.update((self.definition or "").encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Catalog:
    """One listing of a warehouse, by dotted name."""

    engine: str
    dialect: str
    tables: Mapping[str, Table] = field(default_factory=dict)

    @cached_property
    def _folded(self) -> dict[str, Table]:
        return {name.casefold(): table for name, table in self.tables.items()}

    def find(self, name: str) -> Table | None:
        """The table with this dotted name, ignoring case; None if there is none."""
        return self._folded.get(name.casefold())

    def only(self, names: Iterable[str]) -> "Catalog":
        """The part of the catalog with these names; names that are not in it are left out."""
        found = (self.find(name) for name in names)
        return Catalog(self.engine, self.dialect, {table.name: table for table in found if table is not None})
