"""What a query asks of columns: each comparison of a dataset's column with constants that keeps rows.

What is negated, or only decides between values (CASE), keeps no rows and is not here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.periods import part_of
from vedder_core.sql.resolved import BaseColumn, Resolved

Operator = Literal["=", "in", "like", "ilike", "<", "<=", ">", ">="]

OPERATORS: dict[type[exp.Expr], Operator] = {
    exp.EQ: "=",
    exp.In: "in",
    exp.Like: "like",
    exp.ILike: "ilike",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
FLIPPED: dict[Operator, Operator] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NOT_KEEPING = (exp.Not, exp.Case, exp.If, exp.Xor, exp.Is)
KEEPING = (exp.Where, exp.Having, exp.Qualify, exp.Join)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`column` is compared with constants, as texts; `values` is empty where it is compared with what is computed.

    `part` says which part of a date is compared (`year`), "" for the value itself; `always` that no row is kept
    without it: it does not stand in an OR.
    """

    column: BaseColumn
    operator: Operator
    values: tuple[str, ...]
    part: str = ""
    always: bool = True


def comparisons(query: Resolved) -> tuple[Comparison, ...]:
    """Every such comparison of a query and its subqueries."""
    return tuple(one for scope, _ in query.selects() for one in _in_scope(query, scope))


def _in_scope(query: Resolved, scope: Scope) -> Iterator[Comparison]:
    for node in scope.find_all(*OPERATORS, exp.Between):
        if not _keeps_rows(node):
            continue
        always = not isinstance(node.find_ancestor(exp.Or, *KEEPING), exp.Or)
        for subject, operator, constants in _sides(node):
            column, part = _subject(query, scope, subject)
            values = [value for one in constants if (value := constant(one)) is not None]
            if column is not None:
                known = tuple(values) if len(values) == len(constants) else ()
                yield Comparison(column, operator, known, part, always)


def _keeps_rows(node: exp.Expr) -> bool:
    """Does it stand in a condition, and nowhere below a negation, up to the outermost query?"""
    place = node.find_ancestor(*KEEPING, exp.Select)
    return isinstance(place, KEEPING) and node.find_ancestor(*NOT_KEEPING, exp.Except) is None


def _sides(node: exp.Expr) -> Iterator[tuple[exp.Expr, Operator, list[exp.Expr]]]:
    if isinstance(node, exp.Between):
        yield node.this, ">=", [node.args["low"]]
        yield node.this, "<=", [node.args["high"]]
        return
    operator = OPERATORS[type(node)]
    if isinstance(node, exp.In):
        yield node.this, operator, list(node.expressions)
        return
    yield node.this, operator, [node.expression]
    if operator in FLIPPED:
        yield node.expression, FLIPPED[operator], [node.this]


def _subject(query: Resolved, scope: Scope, subject: exp.Expr) -> tuple[BaseColumn | None, str]:
    bare = subject.unnest()
    if isinstance(bare, exp.Column):
        return query.base(bare, scope), ""
    part = part_of(bare)
    if part is not None:
        return query.base(part.column, scope), part.unit
    return None, ""


def constant(node: exp.Expr) -> str | None:
    """A constant's value as text; None for what is computed, NULL, or a truth value."""
    bare = node.unnest()
    if isinstance(bare, exp.Literal):
        return str(bare.this)
    if isinstance(bare, exp.Neg) and isinstance(bare.this, exp.Literal):
        return f"-{bare.this.this}"
    if isinstance(bare, exp.Cast | exp.TsOrDsToDate | exp.Date | exp.Timestamp) and isinstance(bare.this, exp.Literal):
        return str(bare.this.this)
    return None
