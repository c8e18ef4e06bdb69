"""Does repaired SQL mean what the SQL meant before the change? Both trees, with every name led back, must be one tree.

This looks at the repaired text with fresh eyes: an edit at a wrong place, or a name that another column catches, shows.
"""

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.names import LOWERING
from vedder_core.sql.resolved import BaseColumn
from vedder_pipelines.repair.before import Became
from vedder_pipelines.repair.reading import Reading, Unclear, place, read

NOTHING = Became({}, {}, {})


def means_the_same(reading: Reading, repaired: str) -> bool:
    """`reading` is the SQL as it was meant, `repaired` the text with new names."""
    try:
        now = read(repaired, reading.after, reading.after, NOTHING)
    except Unclear:
        return False
    _lead_back(now, reading.became)
    before, after = (one.resolved.tree.sql(reading.dialect, identify=True, comments=False) for one in (reading, now))
    return before == after if reading.dialect in LOWERING else before.casefold() == after.casefold()


def _lead_back(now: Reading, became: Became) -> None:
    """Give every renamed column and table of a tree its old name."""
    old = {became.column_now(base): base for base in became.columns}
    tables = {renamed.now: name for name, renamed in became.tables.items()}
    names: list[tuple[exp.Expr, str]] = []
    for scope in now.resolved.scopes:
        for column in scope.columns:
            names += _column(now, column, scope, old, tables)
    for node, name in names:
        node.set("this", name)
    for table in list(now.resolved.tree.find_all(exp.Table)):
        _table(table, tables)


def _column(
    now: Reading, column: exp.Column, scope: Scope, old: dict[BaseColumn, BaseColumn], tables: dict[str, str]
) -> list[tuple[exp.Expr, str]]:
    base = now.resolved.base(column, scope)
    was = old.get(base) if base is not None else None
    found: list[tuple[exp.Expr, str]] = []
    if base is not None and was is not None and now.key(column.name) == now.key(base.column):
        found.append((column.this, was.column))
        if isinstance(column.parent, exp.Alias) and place(column.parent.args["alias"]) is None:
            found.append((column.parent.args["alias"], was.column))
    source = now.source_of(column, scope)
    node = source[0] if source else None
    if isinstance(node, exp.Table) and (name := _short(node, tables)) is not None:
        found.append((column.args["table"], name))
    return found


def _short(table: exp.Table, tables: dict[str, str]) -> str | None:
    """The last part of a renamed table's old name, where the table has no alias of its own."""
    was = tables.get(".".join(part.name for part in table.parts))
    alias = table.args.get("alias")
    bare = alias is None or place(alias.this) is None
    return was.rpartition(".")[2] if was is not None and bare else None


def _table(table: exp.Table, tables: dict[str, str]) -> None:
    was = tables.get(".".join(part.name for part in table.parts))
    if was is None:
        return
    short = _short(table, tables)
    if short is not None and table.args.get("alias") is not None:
        table.args["alias"].this.set("this", short)
    for part, name in zip(table.parts, was.split("."), strict=False):
        part.set("this", name)
