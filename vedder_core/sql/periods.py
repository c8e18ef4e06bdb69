"""Where a query cuts time into periods: `date_trunc`, `year(...)`, `strftime`, columns that hold a month or a year.

Which period the data end in, and whether it is whole, is not told by the SQL and judged elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.resolved import BaseColumn, Resolved

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = get_args(Unit)
"""From the finest to the coarsest."""

TRUNCATING = (exp.TimestampTrunc, exp.DateTrunc, exp.DatetimeTrunc)
PARTS: dict[type[exp.Expr], Unit] = {
    exp.Year: "year",
    exp.Quarter: "quarter",
    exp.Month: "month",
    exp.Monthname: "month",
    exp.Week: "week",
    exp.WeekOfYear: "week",
}
BY_NAME = frozenset({"date_part", "datepart"})
FORMATS: tuple[tuple[Unit, tuple[str, ...]], ...] = (
    ("day", ("%d", "%j", "%-d", "%x")),
    ("week", ("%W", "%U", "%V")),
    ("month", ("%m", "%b", "%B", "%-m")),
    ("year", ("%Y", "%y", "%G")),
)
CLOCK = ("%H", "%I", "%M", "%S", "%a", "%A", "%w", "%u")


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a date that an expression takes."""

    column: exp.Column
    unit: Unit


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A query cuts the dates in `column` into periods, or reads a column that holds the period's number (`stored`)."""

    column: BaseColumn
    unit: Unit
    stored: bool = False


def periods(query: Resolved) -> tuple[Period, ...]:
    """The periods by which a query groups or filters, each once."""
    found = {period for scope, select in query.selects() for period in _in_select(query, scope, select)}
    return tuple(sorted(found))


def _in_select(query: Resolved, scope: Scope, select: exp.Select) -> Iterator[Period]:
    for node in scope.walk():
        part = part_of(node)
        column = query.base(part.column, scope) if part is not None else None
        if part is not None and column is not None:
            yield Period(column, part.unit)
    for column, unit in _stored(query, scope, select):
        yield Period(column, unit, stored=unit != "day")


def _stored(query: Resolved, scope: Scope, select: exp.Select) -> Iterator[tuple[BaseColumn, Unit]]:
    """Columns by which it groups, or filters, that are a month, a year, or a day."""
    group = select.args.get("group")
    for node in group.expressions if group else ():
        bare = node.unnest()
        column = query.base(bare, scope) if isinstance(bare, exp.Column) else None
        unit = unit_named(column.column) if column is not None else None
        if column is not None and (unit is not None or query.type_of(column).startswith(("DATE", "TIMESTAMP"))):
            yield column, unit or "day"
    for node in scope.find_all(exp.EQ, exp.In, exp.Between, exp.GT, exp.GTE, exp.LT, exp.LTE):
        alone = isinstance(node.this, exp.Column) and not isinstance(node.args.get("expression"), exp.Column)
        column = query.base(node.this, scope) if alone else None
        unit = unit_named(column.column) if column is not None else None
        if column is not None and unit is not None:
            yield column, unit


def unit_named(column: str) -> Unit | None:
    """The unit whose number a column holds, by its name alone."""
    folded = column.casefold()
    return next((unit for unit in UNITS if unit == folded and unit != "day"), None)


def part_of(node: exp.Expr) -> Part | None:
    """The date's column and the unit, where an expression takes a part of a date or cuts it."""
    taken = _taken(node)
    if taken is None:
        return None
    inner, unit = taken
    bare = inner.unnest() if inner is not None else None
    while isinstance(bare, exp.Cast | exp.TsOrDsToDate):
        bare = bare.this.unnest()
    return Part(bare, unit) if isinstance(bare, exp.Column) else None


def _taken(node: exp.Expr) -> tuple[exp.Expr | None, Unit] | None:
    unit: Unit | None = None
    inner: exp.Expr | None = node.this if isinstance(node.this, exp.Expr) else None
    if isinstance(node, TRUNCATING):
        unit = _unit(node.args.get("unit"))
    elif isinstance(node, exp.Extract):
        unit, inner = _number_of(node.this), node.expression
    elif isinstance(node, exp.Anonymous) and node.name.casefold() in BY_NAME and len(node.expressions) == 2:
        unit, inner = _number_of(node.expressions[0]), node.expressions[1]
    elif isinstance(node, exp.TimeToStr):
        unit = _unit_of_format(node.args.get("format"))
    elif type(node) in PARTS:
        unit = PARTS[type(node)]
    return (inner, unit) if unit is not None else None


def _unit(node: exp.Expr | None) -> Unit | None:
    named = node.name.casefold() if node is not None else ""
    return next((unit for unit in UNITS if named in (unit, f"{unit}s")), None)


def _number_of(node: exp.Expr) -> Unit | None:
    """As `_unit`, but the number of a day is its place in the month, which is no period."""
    unit = _unit(node)
    return None if unit == "day" else unit


def _unit_of_format(node: exp.Expr | None) -> Unit | None:
    written = node.name if isinstance(node, exp.Literal) else ""
    if any(mark in written for mark in CLOCK):
        return None
    return next((unit for unit, marks in FORMATS if any(mark in written for mark in marks)), None)
