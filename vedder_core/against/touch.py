"""What a change touches: the tables that differ, through views those above them, and the part of the catalog that a
shadow needs to judge a pair.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sqlglot import exp
from sqlglot.errors import SqlglotError

from vedder_core.against.proposal import Proposal
from vedder_core.schema import Catalog, Table
from vedder_core.sql.below import below, with_tables_below
from vedder_core.sql.parse import PARSER_FAULTS

FOLLOWING = frozenset({"postgres"})
"""Dialects whose views follow what is renamed below them, and keep their own columns."""


@dataclass(frozen=True)
class Touch:
    """Both sides of a change; `before` is None where nobody says how the warehouse is now."""

    before: Catalog | None
    proposal: Proposal

    @cached_property
    def differing(self) -> frozenset[str]:
        """Tables that are another after the change, in lower case; everything where there is no before."""
        after = {name.casefold(): table for name, table in self.proposal.after.tables.items()}
        if self.before is None:
            return frozenset(after)
        before = {name.casefold(): table for name, table in self.before.tables.items()}
        names = before.keys() | after.keys()
        dialect = self.before.dialect
        unequal = {name for name in names if _schema(before.get(name), dialect) != _schema(after.get(name), dialect)}
        doubtful = {*self.proposal.unsure, *self.proposal.loosened}
        return frozenset(unequal | {name.casefold() for name in doubtful})

    @cached_property
    def _routines(self) -> frozenset[str]:
        """Macros and functions that do something else after the change, come, or go."""
        if self.before is None:
            return frozenset()
        was, now = self.before.routines, self.proposal.after.routines
        return frozenset(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))

    def touches(self, datasets: Iterable[str]) -> bool:
        """Does any of these differ, or what lies below it, before the change or after it?"""
        asked = list(datasets)
        sides = (side for side in (self.before, self.proposal.after) if side is not None)
        return self.before is None or any(self._reaches(asked, side) for side in sides)

    def _reaches(self, datasets: Iterable[str], side: Catalog) -> bool:
        lying = below(datasets, side)
        return any(name.casefold() in self.differing for name in lying.tables) or bool(lying.routines & self._routines)

    def needed(self, datasets: Iterable[str], catalog: Catalog) -> dict[str, Table]:
        """What a shadow of this side must hold for these datasets. What no change reaches stands there as a table,
        with the columns that it is listed with: then nothing below it is needed, and it need not bind.
        """
        found: dict[str, Table] = {}
        waiting = list(datasets)
        while waiting:
            table = catalog.find(waiting.pop())
            if table is None or table.name in found:
                continue
            if table.definition is None or (table.columns and self._stands(table, catalog)):
                found[table.name] = replace(table, kind="table", definition=None)
                continue
            found[table.name] = table
            waiting.extend(with_tables_below([table.name], catalog) - {table.name})
        return found

    def _stands(self, view: Table, catalog: Catalog) -> bool:
        if catalog.dialect in FOLLOWING:
            return True
        return not self.touches([view.name])  # on either side: what it called may be gone


def _schema(table: Table | None, dialect: str) -> object:
    """What a query can tell of a table: whether a column may be NULL is no part of it."""
    if table is None:
        return None
    columns = tuple((column.name, _type(column.type, dialect)) for column in table.columns)
    return columns, table.definition, frozenset(table.key)


@lru_cache(maxsize=4096)
def _type(written: str, dialect: str) -> str:
    """One spelling for `INT` and `INTEGER`; a type that the parser does not know stays as it is written."""
    try:
        return exp.DataType.build(written, dialect=dialect, udt=True).sql(dialect)
    except (SqlglotError, *PARSER_FAULTS):
        return written
