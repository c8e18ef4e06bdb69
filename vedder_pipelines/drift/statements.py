"""The statements by which facts of one dataset are measured: aggregates alone, as trees that each engine's SQL is made
of, and what their rows say. Running them is in `measures`.

Deliberately not here: single rows or values. The quantiles of a column are asked for only where it may be told.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlglot import exp

from vedder_core.schema import Table
from vedder_pipelines.drift.uses import Condition

QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
MOST_PERIODS = 20_000

Row = Mapping[str, object]


@dataclass
class Wanted:
    """What is to be measured of one dataset: for all pairs that are looked at now, together."""

    table: Table
    columns: set[str] = field(default_factory=set)
    quantities: set[str] = field(default_factory=set)
    varied: set[str] = field(default_factory=set)
    times: set[str] = field(default_factory=set)
    keys: set[frozenset[str]] = field(default_factory=set)
    conditions: dict[str, Condition] = field(default_factory=dict)


def aggregates_of(wanted: Wanted, *, conditions: bool) -> tuple[exp.Select, Mapping[str, str]]:
    """One row over the whole dataset, and what each of its columns is called here: short names, so that no name of a
    column or constant stands in a result.
    """
    named = dict(_expressions(wanted, conditions=conditions))
    short = {name: f"f{number}" for number, name in enumerate(named)}
    select = exp.select(*(named[name].as_(short[name]) for name in named)).from_(source(wanted.table))
    return select, {number: name for name, number in short.items()}


def _expressions(wanted: Wanted, *, conditions: bool) -> Iterator[tuple[str, exp.Expr]]:
    yield "rows", exp.Count(this=exp.Star())
    for name in sorted(wanted.columns):
        yield f"values {name}", exp.Count(this=_column(name))
    for name in sorted(wanted.varied):
        yield f"varied {name}", exp.LT(this=exp.Min(this=_column(name)), expression=exp.Max(this=_column(name)))
    for name in sorted(wanted.quantities):
        yield f"negative {name}", _filtered(exp.LT(this=_column(name), expression=exp.Literal.number(0)))
        for share in QUANTILES:
            yield f"quantile {share} {name}", _quantile(name, share)
    for key in sorted(wanted.keys, key=sorted):
        yield (
            f"surplus {', '.join(sorted(key))}",
            _surplus([known.name for one in sorted(key) if (known := wanted.table.column(one)) is not None]),
        )
    for condition in wanted.conditions.values() if conditions else ():
        yield f"held {condition.key}", _filtered(condition.test.copy())


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _filtered(test: exp.Expr) -> exp.Expr:
    return exp.Filter(this=exp.Count(this=exp.Star()), expression=exp.Where(this=test))


def _quantile(name: str, share: float) -> exp.Expr:
    number = exp.cast(_column(name), "double")
    order = exp.Order(expressions=[exp.Ordered(this=number)])
    return exp.WithinGroup(this=exp.PercentileCont(this=exp.Literal.number(share)), expression=order)


def _surplus(columns: list[str]) -> exp.Expr:
    """How many rows more there are than different values, of the rows in which none of the columns is NULL."""
    named = [_column(name) for name in columns]
    if len(named) == 1:
        return exp.Count(this=named[0]) - exp.Count(this=exp.Distinct(expressions=[named[0].copy()]))
    here = exp.and_(*(exp.Not(this=exp.Is(this=one.copy(), expression=exp.Null())) for one in named))
    told = exp.Count(this=exp.Distinct(expressions=[exp.Tuple(expressions=named)]))
    return _filtered(here) - exp.Filter(this=told, expression=exp.Where(this=here.copy()))


def periods_of(wanted: Wanted, clock: str) -> tuple[exp.Select, Mapping[str, str]]:
    """For each day, or year, of a column of times: the rows, and the values of the other columns."""
    columns = sorted(wanted.columns)
    short = {name: f"f{number}" for number, name in enumerate(columns)}
    period = _period(wanted.table, clock)
    counts = (exp.Count(this=_column(name)).as_(short[name]) for name in columns)
    select = exp.select(period.as_("p"), exp.Count(this=exp.Star()).as_("r"), *counts).from_(source(wanted.table))
    return select.group_by(period.copy()), {number: name for name, number in short.items()}


def parts_of(table: Table, columns: Sequence[str], most: int) -> exp.Select:
    """For each part that these columns cut the dataset into: their values as text, and the rows."""
    texts = [exp.cast(_column(name), "text") for name in columns]
    listed = (text.as_(f"c{number}") for number, text in enumerate(texts))
    select = exp.select(*listed, exp.Count(this=exp.Star()).as_("r")).from_(source(table))
    return select.group_by(*(text.copy() for text in texts)).limit(most)


def _period(table: Table, clock: str) -> exp.Expr:
    kind = (found.type if (found := table.column(clock)) else "").upper()
    if kind.startswith(("DATE", "TIMESTAMP")):
        return exp.cast(_column(clock), "date")
    if is_text(kind):
        return exp.Substring(this=_column(clock), start=exp.Literal.number(1), length=exp.Literal.number(10))
    return _column(clock)


def values_of(table: Table, column: str, most: int) -> exp.Select:
    """The most common values of a column with their rows."""
    counted = exp.Count(this=exp.Star())
    text = exp.cast(_column(column), "text")
    select = exp.select(text.as_("v"), counted.as_("r")).from_(source(table))
    return select.group_by(text.copy()).order_by(exp.Ordered(this=counted.copy(), desc=True)).limit(most)


def source(table: Table) -> exp.Table:
    """A table by its full name, quoted."""
    parts = [exp.to_identifier(part, quoted=True) for part in reversed(table.name.split("."))]
    return exp.Table(**dict(zip(("this", "db", "catalog"), parts, strict=False)))


def whole(value: object) -> int:
    """A count of an engine as a number; a sum over no rows is none."""
    return int(value) if isinstance(value, int | float | Decimal) else 0


def finite(value: object) -> float | None:
    """A number of an engine; None for NULL, NaN and infinity."""
    number = float(value) if isinstance(value, int | float | Decimal) else math.nan
    return number if math.isfinite(number) else None


def is_number(kind: str) -> bool:
    """Does an engine's type hold numbers?"""
    plain = kind.upper().partition("(")[0].strip()
    return plain in NUMBERS


def is_text(kind: str) -> bool:
    """Does an engine's type hold texts?"""
    return kind.upper().startswith(("VARCHAR", "TEXT", "CHAR", "STRING", "BPCHAR"))


NUMBERS = (
    frozenset(
        ("TINYINT", "SMALLINT", "INTEGER", "INT", "INT2", "INT4", "INT8", "BIGINT", "HUGEINT", "UHUGEINT", "UTINYINT")
    )
    | frozenset(("USMALLINT", "UINTEGER", "UBIGINT", "FLOAT", "FLOAT4", "FLOAT8", "REAL", "DOUBLE", "DOUBLE PRECISION"))
    | {"DECIMAL", "NUMERIC"}
)
