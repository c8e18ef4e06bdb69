"""How much of a table is known after a change: a source may tell some of its columns, and a view over it has as many.

Deliberately not here: types that are not known; the shadow tells those.
"""

from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_core.against.proposal import Proposal
from vedder_core.schema import Catalog, Table
from vedder_core.sql.below import with_tables_below
from vedder_core.sql.parse import PARSER_FAULTS


def why_columns_unsure(name: str, proposal: Proposal) -> str | None:
    """Why a table may have more columns than are known; None where it has not."""
    unsure = {one.casefold(): why for one, why in proposal.unsure.items()}
    waiting, seen = [name], set[str]()
    while waiting:
        found = proposal.after.find(waiting.pop())
        if found is None or found.name in seen:
            continue
        seen.add(found.name)
        if found.name.casefold() in unsure:
            return unsure[found.name.casefold()]
        if not found.columns and _passes_all_on(found, proposal.after.dialect):
            waiting += with_tables_below([found.name], proposal.after) - {found.name}
    return None


def why_not_made(view: str, proposal: Proposal, before: Catalog | None) -> str | None:
    """Why a view that does not bind here may bind there: what it reads is not known whole, or not at all."""
    unsure = {one.casefold(): why for one, why in proposal.unsure.items()}
    schemas = {name.rpartition(".")[0].casefold() for name in (before.tables if before is not None else ())}
    for name in sorted(with_tables_below([view], proposal.after)):
        if name.casefold() in unsure:
            return unsure[name.casefold()]
        if proposal.after.find(name) is None and name.rpartition(".")[0].casefold() not in schemas:
            return f"`{view}` cannot be made here: nothing is known of `{name}`, which it reads."
    return None


def _passes_all_on(table: Table, dialect: str) -> bool:
    return table.definition is None or _has_star(table.definition, dialect)


@lru_cache(maxsize=1024)
def _has_star(definition: str, dialect: str) -> bool:
    """Does a view pass on columns that it does not name? What cannot be read may."""
    try:
        tree = parse_one(definition, read=dialect)
    except (SqlglotError, *PARSER_FAULTS):
        return True
    return any(isinstance(star.parent, exp.Select | exp.Column) for star in tree.find_all(exp.Star))
