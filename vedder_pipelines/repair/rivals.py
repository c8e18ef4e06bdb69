"""What else may have become of a pair's names: a repair proves nothing that another one would prove as well."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations

from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnAdded, SchemaDiff, TableAdded
from vedder_pipelines.repair.before import Became
from vedder_pipelines.repair.proof import MOST_RIVALS


def other_fates(
    own: Became, changes: SchemaDiff, after: Catalog, hidden: frozenset[str]
) -> Iterator[tuple[str, Became]]:
    """What may as well have become of one name, or of two each other's, with the new names as people read them.

    `hidden` are names, in lower case, that nobody is told.
    """
    like = partial(_like, changes=changes, after=after, hidden=hidden)
    new_tables = [one.table for one in changes.changes if isinstance(one, TableAdded)]
    for name, table in own.tables.items():
        for other in [one for one in new_tables if one != table.now][:MOST_RIVALS]:
            yield f"`{other}`", replace(own, tables={**own.tables, name: replace(table, now=other)})
    for base, column in own.columns.items():
        for other in like(own.table_now(base.dataset), column.now):
            changed = {**own.columns, base: replace(column, now=other)}
            yield f"`{other}`", replace(own, columns=changed)
    for (base, column), (second, twin) in combinations(own.columns.items(), 2):
        if base.dataset == second.dataset:
            crossed = {base: replace(column, now=twin.now), second: replace(twin, now=column.now)}
            yield f"`{column.now}` and `{twin.now}` each", replace(own, columns={**own.columns, **crossed})
    for base, move in own.moved.items():
        for other in like(move.to_table, move.to_column):
            yield f"`{other}`", replace(own, moved={**own.moved, base: replace(move, to_column=other)})


def _like(dataset: str, column: str, *, changes: SchemaDiff, after: Catalog, hidden: frozenset[str]) -> list[str]:
    """Other columns of a table that are not hidden: new ones first, then those of the same type."""
    table = after.find(dataset)
    now = table.column(column) if table else None
    if table is None or now is None:
        return []
    new = {one.column for one in changes.changes if isinstance(one, ColumnAdded)}
    others = [one for one in table.columns if one.name != now.name and one.name.casefold() not in hidden]
    others.sort(key=lambda one: (one.name not in new, one.type != now.type))
    return [one.name for one in others[:MOST_RIVALS]]
