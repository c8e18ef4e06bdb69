"""What a caller may read. Who the caller is, and why this much, is decided elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vedder_core.schema import Table


@dataclass(frozen=True)
class Granted:
    """What a caller may read: tables by dotted name, and the columns of each that do not exist for the caller."""

    tables: Mapping[str, Table]
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, name: str) -> Table | None:
        """The table with this name, ignoring case where no table has it exactly. What SQL names is `names`' part."""
        return self.tables.get(name) or self._by_folded.get(name.casefold())

    def hidden_of(self, table: Table) -> frozenset[str]:
        """Case-folded, for every engine: a hidden column stays hidden under any spelling."""
        return frozenset(column.casefold() for column in self.hidden.get(table.name, frozenset()))

    @cached_property
    def _by_folded(self) -> dict[str, Table]:
        return {name.casefold(): table for name, table in self.tables.items()}
