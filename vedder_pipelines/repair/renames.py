"""Edits of a pair's SQL after columns and tables were renamed: at the places of the names that mean them, and nowhere
else, so that the curator's formatting and comments stay.

Where it is not certain what a name means there is no edit, and so no repair. Joins by USING are in `using`, and
moved columns, which need a join, in `moves`; whether the result holds, in `proof`.
"""

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.schema import Table
from vedder_core.sql.names import table_meant
from vedder_core.sql.scope import real_tables
from vedder_pipelines.repair.reading import Edit, Reading, Unclear, place
from vedder_pipelines.repair.using import using_edits


def renaming_edits(reading: Reading) -> set[Edit]:
    """All edits that renamed columns and tables need. Raises Unclear."""
    return {
        *_column_edits(reading),
        *_table_edits(reading),
        *using_edits(reading),
    }


def _column_edits(reading: Reading) -> Iterator[Edit]:
    for scope in reading.resolved.scopes:
        for column in scope.columns:
            at = place(column.this)
            if at is None:
                continue
            now = reading.now(column, scope)
            as_written = reading.written_columns.get(at[0])
            if as_written is None:
                raise Unclear("A column stands at no place.")
            ahead = qualifier(reading, column, scope, as_written, now or column.name)
            if now is not None:
                renamed = ahead + reading.spelt(now, at) + output_name(reading, as_written, at)
                yield Edit(at[0], at[1], renamed)
            elif ahead:
                yield Edit(at[0], at[0], ahead)


def qualifier(reading: Reading, column: exp.Column, scope: Scope, as_written: exp.Column, name: str) -> str:
    """`alias.` where the name alone would mean several things after the change, else nothing."""
    found = reading.source_of(column, scope)
    if as_written.args.get("table") is not None or found is None:
        return ""
    source, owner = found
    rivals = [
        other
        for at in _up_to(scope, owner)
        for _, other in at.selected_sources.values()
        if other is not source and reading.key(name) in reading.names_after(other)
    ]
    select = scope.expression
    aliases = {reading.key(one.alias) for one in _projections(as_written) if isinstance(one, exp.Alias)}
    changed = name != column.name
    if not rivals and not (changed and isinstance(select, exp.Select) and reading.key(name) in aliases):
        return ""
    return f"{reading.alias_now(column.table, source)}."


def _up_to(scope: Scope, owner: Scope) -> Iterator[Scope]:
    at: Scope | None = scope
    while at is not None:
        yield at
        at = None if at is owner else at.parent


def _projections(as_written: exp.Column) -> list[exp.Expr]:
    select = as_written.find_ancestor(exp.Select)
    return list(select.selects) if select is not None else []


def output_name(reading: Reading, as_written: exp.Column, at: tuple[int, int]) -> str:
    """` AS old` for a column that gave its name to a result, else nothing."""
    select = as_written.parent
    if not isinstance(select, exp.Select) or as_written.arg_key != "expressions" or not _is_named_outside(select):
        return ""
    return f" AS {reading.sql[at[0] : at[1]]}"


def _is_named_outside(query: exp.Expr) -> bool:
    """Do the names of a query's columns matter to whoever reads it?"""
    parent = query.parent
    if isinstance(parent, exp.SetOperation):
        return query.arg_key == "this" and _is_named_outside(parent)
    if isinstance(parent, exp.Subquery):
        return isinstance(parent.parent, exp.From | exp.Join | exp.Lateral | exp.Subquery) or (
            isinstance(parent.parent, exp.SetOperation) and _is_named_outside(parent)
        )
    return parent is None or isinstance(parent, exp.CTE)


def _table_edits(reading: Reading) -> Iterator[Edit]:
    for node in real_tables(reading.raw, reading.dialect):
        table = table_meant(node, reading.before, reading.dialect)
        renamed = reading.became.tables.get(table.name) if table else None
        if table is None or renamed is None:
            continue
        yield from _renamed_parts(reading, node, renamed.now)
        if not node.alias:
            yield from _qualified_by(reading, node, table, renamed.now)


def _renamed_parts(reading: Reading, node: exp.Table, now: str) -> Iterator[Edit]:
    parts, names = list(node.parts), now.split(".")
    if len(parts) != len(names):
        raise Unclear("The table's new name has another number of parts.")
    for part, name in zip(parts, names, strict=True):
        at = place(part)
        if at is None:
            raise Unclear("A table stands at no place.")
        if part.name != name:
            yield Edit(*at, reading.spelt(name, at))


def _qualified_by(reading: Reading, node: exp.Table, table: Table, now: str) -> Iterator[Edit]:
    """Columns that name the table itself, which has no alias, name it by its new name."""
    meant = {id(one) for one in _columns_of(reading, node)}
    for column in reading.raw.find_all(exp.Column):
        owner = column.args.get("table")
        if not isinstance(owner, exp.Identifier) or reading.key(owner.name) != reading.key(node.name):
            continue
        if isinstance(column.this, exp.Star):
            if column.find_ancestor(exp.Select) is not node.find_ancestor(exp.Select):
                continue
        elif id(column) not in meant:
            continue
        named = [part for part in column.parts[:-1] if isinstance(part, exp.Identifier)]
        for part, name in zip(reversed(named), reversed(now.split(".")), strict=False):
            at = place(part)
            if at is None:
                raise Unclear(f"A column of {table.name} stands at no place.")
            if part.name != name:
                yield Edit(*at, reading.spelt(name, at))


def _columns_of(reading: Reading, node: exp.Table) -> Iterator[exp.Column]:
    """The columns of the tree as written that are of this table."""
    for scope in reading.resolved.scopes:
        for column in scope.columns:
            at, found = place(column.this), reading.source_of(column, scope)
            source = found[0] if found else None
            if at and isinstance(source, exp.Table) and place(source.this) == place(node.this):
                yield reading.written_columns[at[0]]
