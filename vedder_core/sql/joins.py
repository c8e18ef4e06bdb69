"""How the sources of a SELECT meet: which columns are set equal, which are held at a constant, what else relates them.

Whether a join is a good one is judged elsewhere: by `grain` for what it does to counts, by trust for who vetted it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.comparisons import constant
from vedder_core.sql.resolved import projection

BEYOND_EQUALITY = ("NATURAL", "ASOF", "POSITIONAL")


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equality: an expression over the columns of one source."""

    source: str
    expression: exp.Expr

    @property
    def columns(self) -> tuple[exp.Column, ...]:
        return tuple(self.expression.find_all(exp.Column))

    @property
    def plain(self) -> bool:
        """Is it a column, unchanged?"""
        return isinstance(self.expression, exp.Column)


@dataclass(slots=True)
class Meeting:
    """The sources of one SELECT, and the conditions between them that always hold.

    `loose` are sources that are related to others by something that is no equality, so that of them little is known.
    """

    scope: Scope
    sources: tuple[str, ...]
    equal: list[tuple[Side, Side]] = field(default_factory=list)
    held: list[Side] = field(default_factory=list)
    loose: set[str] = field(default_factory=set)


def meeting(scope: Scope, select: exp.Select) -> Meeting:
    """How the sources of one SELECT meet. Semi- and anti-joins add no rows, and what they look at is no source."""
    found = Meeting(scope, tuple(scope.selected_sources))
    for condition in _conditions(select):
        _take(found, condition)
    for join in select.args.get("joins") or ():
        if str(join.args.get("method") or "").upper() in BEYOND_EQUALITY:
            found.loose.add(join.alias_or_name)
    return found


def _conditions(select: exp.Select) -> Iterator[exp.Expr]:
    for join in select.args.get("joins") or ():
        if join.args.get("on") is not None:
            yield from _conjuncts(join.args["on"])
    where = select.args.get("where")
    if where is not None:
        yield from _conjuncts(where.this)


def _conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    bare = condition.unnest()
    if isinstance(bare, exp.And):
        yield from _conjuncts(bare.this)
        yield from _conjuncts(bare.expression)
    else:
        yield bare


def _take(met: Meeting, condition: exp.Expr) -> None:
    if isinstance(condition, exp.EQ | exp.NullSafeEQ):
        left, right = (_side(met, one) for one in (condition.this, condition.expression))
        if left is not None and right is not None and left.source != right.source:
            met.equal.append((left, right))
            return
        for side, other in ((left, condition.expression), (right, condition.this)):
            if side is not None and constant(other) is not None:
                met.held.append(side)
                return
    named = {column.table for column in condition.find_all(exp.Column)}
    if "" in named:  # a column that no table is known to have can be of any
        met.loose.update(met.sources)
    elif len(named) > 1 or condition.find(exp.Query) is not None:
        met.loose |= named & set(met.sources)


def _side(met: Meeting, expression: exp.Expr) -> Side | None:
    bare = expression.unnest()
    if bare.find(exp.Query) is not None:
        return None
    named = {column.table for column in bare.find_all(exp.Column)}
    (only,) = named if len(named) == 1 else (None,)
    return Side(only, bare) if only in met.sources and only is not None else None


def one_row(select: exp.Select) -> bool:
    """Does it give one row at most: aggregates without groups, or LIMIT 1?"""
    limit = select.args.get("limit")
    limited = isinstance(limit, exp.Limit) and constant(limit.expression) == "1"
    return limited or (select.args.get("group") is None and aggregates(select))


def aggregates(select: exp.Select) -> bool:
    """Does its own result hold an aggregate that is no window's?"""
    found = (node for one in select.selects for node in one.walk(prune=lambda n: isinstance(n, exp.Query)))
    return any(isinstance(node, exp.AggFunc) and not isinstance(node.parent, exp.Window) for node in found)


def inner_side(side: Side, source: Scope) -> Side | None:
    """What a side is within a subquery that it is taken from; None where it is not one column of it, unchanged."""
    inner = projection(source, side.expression.name) if isinstance(side.expression, exp.Column) else None
    return Side(inner.table, inner) if isinstance(inner, exp.Column) else None
