"""Which table names in a query are real tables, and which are names of its own WITH clauses.

Own scope resolution, because a name's meaning decides what is read: a WITH name is seen only by later WITH clauses
and by the query below it, and by itself only in the recursive arm of WITH RECURSIVE.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

Environment = Mapping[str, exp.CTE]


@dataclass(frozen=True, slots=True)
class TableUse:
    """A table node of a tree; `cte` is the WITH clause that it names, None for a real table or table function."""

    node: exp.Table
    cte: exp.CTE | None


def table_uses(query: exp.Expr) -> tuple[TableUse, ...]:
    """Every table node below `query`, in no particular order, with what its name means there."""
    return tuple(_walk(query, {}))


def real_tables(query: exp.Expr) -> tuple[exp.Table, ...]:
    """The nodes that name real tables; table functions are left out."""
    return tuple(use.node for use in table_uses(query) if use.cte is None and isinstance(use.node.this, exp.Identifier))


def _walk(node: exp.Expr, seen: Environment) -> Iterator[TableUse]:
    if isinstance(node, exp.Table):
        yield TableUse(node, seen.get(_plain_name(node)))
    with_ = node.args.get("with_")
    if isinstance(with_, exp.With):
        own = yield from _walk_clauses(with_, seen)
        seen = {**seen, **own}
    for child in node.iter_expressions():
        if child is not with_:
            yield from _walk(child, seen)


def _walk_clauses(with_: exp.With, seen: Environment) -> Generator[TableUse, None, Environment]:
    """The uses inside of WITH clauses; returned are the names that stand behind them."""
    own: dict[str, exp.CTE] = {}
    for cte in with_.expressions:
        yield from _walk_cte(cte, {**seen, **own}, recursive=bool(with_.args.get("recursive")))
        own[cte.alias.casefold()] = cte
    return own


def _walk_cte(cte: exp.CTE, seen: Environment, *, recursive: bool) -> Iterator[TableUse]:
    body = cte.this
    if not (recursive and isinstance(body, exp.Union)):
        yield from _walk(body, seen)
        return
    with_ = body.args.get("with_")
    inner: Environment = {}
    if isinstance(with_, exp.With):
        inner = yield from _walk_clauses(with_, seen)
    with_self = {**seen, cte.alias.casefold(): cte}
    for child in body.iter_expressions():
        if child is not with_:
            yield from _walk(child, {**(with_self if child is body.expression else seen), **inner})


def _plain_name(table: exp.Table) -> str:
    """The folded name of an unqualified table; a name no WITH clause can have for all others."""
    if table.args.get("db") or table.args.get("catalog") or not isinstance(table.this, exp.Identifier):
        return ""
    return table.name.casefold()


def dotted_name(table: exp.Table) -> str:
    """`catalog.schema.table` as far as it is written."""
    return ".".join(part.name for part in table.parts)
