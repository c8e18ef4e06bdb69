"""How many rows stand behind a pair's result: this tells a list that runs empty in good times from one whose data are
gone. What is concluded from it is in `detectors.collapsed`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from vedder_core.cluster import Pair
from vedder_core.errors import QueryRefused, WarehouseError
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.baseline import Filled
from vedder_pipelines.drift.running import LIMITS, typed

AFTERWARDS = ("group", "having", "order", "limit", "offset", "distinct", "qualify", "windows")


@dataclass(frozen=True, slots=True)
class Support:
    """`rows` that meet the conditions, and rows that the joins bring together (`met`, None without joins). None also
    where they cannot be counted."""

    rows: int | None
    met: int | None
    queries: int


def support_of(pair: Pair, granted: Granted, warehouse: Warehouse, *, parameters: Mapping[str, Filled]) -> Support:
    """The rows that the outermost SELECT is made of, before it groups, orders or cuts them. Conditions on what is
    *not* there are left out: a list of customers without orders runs empty in good times.
    """
    try:
        tree = parse_query(pair.sql, dialect=warehouse.dialect)
    except SqlProblem:
        return Support(None, None, 0)
    asked = 0

    def count(select: exp.Select, *, joins_alone: bool) -> int | None:
        nonlocal asked
        asked += 1
        try:
            query = guard(
                _counted(tree, select, joins_alone=joins_alone),
                granted,
                dialect=warehouse.dialect,
                parameters=typed(pair, parameters, granted),
            )
            found = warehouse.run(query, LIMITS).table.column(0)[0].as_py()
        except (QueryRefused, WarehouseError):
            return None
        return int(found)

    def rows(select: exp.Select) -> int | None:
        return count(select, joins_alone=False)

    def met(select: exp.Select) -> int | None:
        return count(select, joins_alone=True)

    joins = any(select.args.get("joins") for select in tree.find_all(exp.Select))
    return Support(_behind(tree, rows), _behind(tree, met) if joins else None, asked)


def _behind(tree: exp.Expr, count: Callable[[exp.Select], int | None]) -> int | None:
    """Through set operations: both sides of a UNION stand behind it, the lesser of an INTERSECT, else the first."""
    if isinstance(tree, exp.Select):
        return count(tree) if tree.args.get("from_") is not None else None
    if isinstance(tree, exp.Union | exp.Intersect):
        sides = _behind(tree.this, count), _behind(tree.expression, count)
        known = [side for side in sides if side is not None]
        if len(known) < len(sides):
            return None
        return sum(known) if isinstance(tree, exp.Union) else min(known)
    return _behind(tree.this, count) if isinstance(tree, exp.Except | exp.Subquery) else None


def _counted(whole: exp.Query, select: exp.Select, *, joins_alone: bool) -> exp.Select:
    """One SELECT that counts rows, with the WITH clauses of the whole query."""
    found = select.copy()
    for clause in AFTERWARDS:
        found.set(clause, None)
    clauses = whole.args.get("with_")
    if clauses is not None and found.args.get("with_") is None:
        found.set("with_", clauses.copy())
    where = found.args.get("where")
    if where is not None:
        listed = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        kept = [one for one in listed if (_is_join(one) if joins_alone else not _is_absence(one))]
        found.set("where", exp.Where(this=exp.and_(*(one.copy() for one in kept))) if kept else None)
    found.set("expressions", [exp.Count(this=exp.Star()).as_("rows_behind")])
    return found


def _is_join(condition: exp.Expr) -> bool:
    sides = (condition.this, condition.expression) if isinstance(condition, exp.EQ) else ()
    return bool(sides) and all(isinstance(side, exp.Column) for side in sides)


def _is_absence(condition: exp.Expr) -> bool:
    null = any(isinstance(one.expression, exp.Null) for one in condition.find_all(exp.Is))
    inner = condition.find(exp.Query) is not None
    return null or (inner and condition.find(exp.Not, exp.NEQ, exp.LT, exp.LTE) is not None)
