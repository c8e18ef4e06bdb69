"""What a warehouse holds: columns, tables, routines, and a snapshot of the catalog with its fingerprints."""

import hashlib
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

KEY = "\x1d"
"""Before each column of a key, in what is hashed."""


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

    `definition` is a view's SQL, None for a table. `key` are the columns of its primary key, in their order, where the
    engine binds by it: PostgreSQL lets a key in GROUP BY stand for all columns.
    """

    name: str
    columns: tuple[Column, ...]
    kind: Literal["table", "view"] = "table"
    comment: str | None = None
    rows: int | None = None
    definition: str | None = None
    key: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        """The column with this name, ignoring case where none has it exactly."""
        alike = [c for c in self.columns if c.name.casefold() == name.casefold()]
        return next((c for c in alike if c.name == name), alike[0] if alike else None)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the columns in order (name, type, nullability), a view's SQL and the key; never over data."""
        digest = hashlib.sha256()
        for column in self.columns:
            digest.update(f"{column.name}\x1f{column.type}\x1f{column.nullable}\x1e".encode())
        digest.update((self.definition or "").encode())
        digest.update("".join(f"{KEY}{name}" for name in self.key).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Routine:
    """A function that the warehouse keeps and that a view may call: a macro, or a function written in SQL.

    `bodies` are expressions or queries, one for each overload, and `signatures` what they are called with. A body that
    is not SQL stands as it is written, so that a change of it is seen.
    """

    name: str
    signatures: tuple[str, ...]
    bodies: tuple[str, ...]

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over the signatures and bodies."""
        return hashlib.sha256("\x1e".join((*self.signatures, "", *self.bodies)).encode()).hexdigest()


class FingerprintedTables(Mapping[str, Table]):
    """Tables by dotted name that know their fingerprints, and which are views, without making each table."""

    @property
    @abstractmethod
    def fingerprints(self) -> Mapping[str, str]: ...

    @property
    def views(self) -> tuple[str, ...]:
        return tuple(name for name, table in self.items() if table.definition is not None)


@dataclass(frozen=True)
class Catalog:
    """One listing of a warehouse, by dotted name."""

    engine: str
    dialect: str
    tables: Mapping[str, Table] = field(default_factory=dict)
    routines: Mapping[str, Routine] = field(default_factory=dict)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {name.casefold(): name for name in self.tables}

    @cached_property
    def fingerprints(self) -> Mapping[str, str]:
        """The fingerprint of every table, by its name."""
        if isinstance(self.tables, FingerprintedTables):
            return self.tables.fingerprints
        return {name: table.fingerprint for name, table in self.tables.items()}

    @cached_property
    def views(self) -> tuple[str, ...]:
        """The names of all views."""
        if isinstance(self.tables, FingerprintedTables):
            return self.tables.views
        return tuple(name for name, table in self.tables.items() if table.definition is not None)

    @cached_property
    def digest(self) -> str:
        """sha256 over all names and fingerprints, in no order: equal digests mean that no schema changed."""
        routines = (f"{name}\x1d{routine.fingerprint}" for name, routine in self.routines.items())
        tables = (f"{name}\x1f{fingerprint}" for name, fingerprint in self.fingerprints.items())
        return hashlib.sha256("\x1e".join(sorted((*routines, *tables))).encode()).hexdigest()

    def find(self, name: str) -> Table | None:
        """The table with this dotted name, ignoring case where none has it exactly; None if there is none."""
        listed = self.spelled(name)
        return None if listed is None else self.tables[listed]

    def spelled(self, name: str) -> str | None:
        """The name as the warehouse spells it, ignoring case where no table has it exactly; None if there is none."""
        return name if name in self.tables else self._folded.get(name.casefold())

    def named(self, last: str) -> tuple[str, ...]:
        """The tables of all schemas whose own name this is, ignoring case."""
        return tuple(self._by_last_name.get(last.casefold(), ()))

    @cached_property
    def _by_last_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self.tables:
            found.setdefault(name.rpartition(".")[2].casefold(), []).append(name)
        return found

    def only(self, names: Iterable[str]) -> "Catalog":
        """The part of the catalog with these names; names that are not in it are left out. All routines stay."""
        found = (self.find(name) for name in names)
        tables = {table.name: table for table in found if table is not None}
        return Catalog(self.engine, self.dialect, tables, self.routines)
