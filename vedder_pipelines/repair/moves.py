"""Edits of a pair's SQL after a column moved to another table: its name there, and a join on what leads there.

A join is added only where nobody can read two things into it: one use of the table in the SELECT, no star, no commas,
no other table of that name. That it leads from every row to exactly one is for `leads_to_one` to say, on the data.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp, tokenize
from sqlglot.optimizer.scope import Scope
from sqlglot.tokenizer_core import TokenType

from vedder_core.schema import Table
from vedder_core.schema_change import ColumnMoved
from vedder_core.sql.resolved import BaseColumn
from vedder_pipelines.repair.names import written
from vedder_pipelines.repair.reading import Edit, Reading, Unclear, place
from vedder_pipelines.repair.renames import output_name

LeadsToOne = Callable[[str, str, tuple[str, ...]], bool]
"""Has every row of the first table exactly one row of the second with the same values in these columns?"""

AFTER_FROM = frozenset(
    {
        TokenType.WHERE,
        TokenType.GROUP_BY,
        TokenType.HAVING,
        TokenType.QUALIFY,
        TokenType.WINDOW,
        TokenType.ORDER_BY,
        TokenType.LIMIT,
        TokenType.OFFSET,
        TokenType.FETCH,
        TokenType.UNION,
        TokenType.EXCEPT,
        TokenType.INTERSECT,
        TokenType.SEMICOLON,
    }
)


def moving_edits(reading: Reading, leads_to_one: LeadsToOne) -> set[Edit]:
    """All edits that moved columns need, none where the SQL uses none. Raises Unclear."""
    return {edit for scope, _ in reading.resolved.selects() for edit in _in_scope(reading, scope, leads_to_one)}


def _in_scope(reading: Reading, scope: Scope, leads_to_one: LeadsToOne) -> Iterator[Edit]:
    used = [(column, move) for column in scope.columns if (move := _move(reading, column, scope)) is not None]
    if not used:
        return
    if any(place(column.this) is None for column, _ in used):
        raise Unclear("A star or USING names a column that moved.")
    if len({(column.table, move.to_table) for column, move in used}) > 1:
        raise Unclear("Columns of several tables moved.")
    alias, move = used[0][0].table, used[0][1]
    raw = reading.select_of(scope)
    other = reading.after.find(move.to_table)
    found = reading.source_of(used[0][0], scope)
    if raw is None or other is None or found is None or found[1] is not scope or not move.joined_on:
        raise Unclear("Nothing leads to where the column moved.")
    table = reading.became.table_now(move.table)
    if any(one.is_star for one in raw.selects) or not leads_to_one(table, other.name, move.joined_on):
        raise Unclear("The join would not lead to one row.")
    name = other.name.rpartition(".")[2]
    if any(reading.key(name) == reading.key(one) for one in scope.selected_sources):
        raise Unclear("The other table is read already.")
    ahead = written(name, dialect=reading.dialect)
    for column, one in used:
        yield _column_edit(reading, column, one, ahead)
    yield from _qualified(reading, scope, other, {id(column) for column, _ in used})
    yield _join(reading, raw, alias, found[0], move, other)


def _move(reading: Reading, column: exp.Column, scope: Scope) -> ColumnMoved | None:
    found = reading.source_of(column, scope)
    table = reading.resolved.table_of(found[0]) if found else None
    own = table.column(column.name) if table else None
    return reading.became.moved.get(BaseColumn(table.name, own.name)) if table and own else None


def _column_edit(reading: Reading, column: exp.Column, move: ColumnMoved, ahead: str) -> Edit:
    at = place(column.this)
    as_written = reading.written_columns.get(at[0]) if at else None
    if at is None or as_written is None:
        raise Unclear("A column stands at no place.")
    owners = [where for part in as_written.parts if (where := place(part)) is not None]
    renamed = reading.key(move.to_column) != reading.key(column.name)
    named = output_name(reading, as_written, at) if renamed else ""
    return Edit(min(owners)[0], at[1], f"{ahead}.{reading.spelt(move.to_column, at)}{named}")


def _qualified(reading: Reading, scope: Scope, other: Table, moved: set[int]) -> Iterator[Edit]:
    """Columns that stand without a table, and that the joined table has too."""
    names = {reading.key(column.name) for column in other.columns}
    for column in scope.columns:
        at = place(column.this)
        as_written = reading.written_columns.get(at[0]) if at else None
        if at is None or as_written is None or id(column) in moved or reading.key(column.name) not in names:
            continue
        found = reading.source_of(column, scope)
        if as_written.args.get("table") is None and column.table and found is not None:
            yield Edit(at[0], at[0], f"{reading.alias_now(column.table, found[0])}.")


def _join(reading: Reading, raw: exp.Select, alias: str, source: object, move: ColumnMoved, other: Table) -> Edit:
    tokens = tokenize(reading.sql, read=reading.dialect)
    from_ = raw.args.get("from_")
    first = place(from_.this.this) if from_ is not None and isinstance(from_.this, exp.Table) else None
    if first is None or any(_is_comma(join) for join in raw.args.get("joins") or ()):
        raise Unclear("The join has no certain place.")
    left = reading.alias_now(alias, source)
    name = written(other.name.rpartition(".")[2], dialect=reading.dialect)
    dotted = ".".join(written(part, dialect=reading.dialect) for part in other.name.split("."))
    keys = [written(key, dialect=reading.dialect) for key in move.joined_on]
    condition = " AND ".join(f"{left}.{key} = {name}.{key}" for key in keys)
    depth, end = 0, first[1]
    for token in tokens:
        if token.start < first[0]:
            continue
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth < 0 or (depth == 0 and token.token_type in AFTER_FROM):
            break
        end = token.end + 1
    line = "\n" if "\n" in reading.sql else " "
    return Edit(end, end, f"{line}LEFT JOIN {dotted} ON {condition}")


def _is_comma(join: exp.Join) -> bool:
    return not any(join.args.get(key) for key in ("on", "using", "kind", "side", "method"))
