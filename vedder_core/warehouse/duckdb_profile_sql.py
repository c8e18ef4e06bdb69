"""The statements of a profile, built of trees with quoted names from the catalog; no text from outside is in them.

When which of them runs is decided in `duckdb_profile`.
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from vedder_core.schema import Column

GROUPS_AT_ONCE = 100
CHUNKS = 8
MOST_GROUPS = 50_000
GROUP = "(SELECT {number}, CAST({column} AS TEXT), COUNT(*) FROM {table} GROUP BY {column} LIMIT {most})"
"""Text and no tree, since a wide table has hundreds of them; the names in it come quoted out of trees."""

WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
AS_THEY_ARE = (*WHOLE, *(f"U{name}" for name in WHOLE), "DOUBLE", "DATE", "VARCHAR")
"""Types whose values Arrow carries so that their text is the engine's own; the others are cast by the engine."""


def column(name: str) -> exp.Column:
    """A column by its exact name."""
    return exp.column(exp.to_identifier(name, quoted=True))


def as_text(value: exp.Expr) -> exp.Expr:
    """A value in the engine's own spelling."""
    return exp.Cast(this=value, to=exp.DataType(this=exp.DataType.Type.TEXT))


def named(value: exp.Expr, name: str) -> exp.Expr:
    """A value under a name of ours."""
    return exp.Alias(this=value, alias=exp.to_identifier(name))


def rows() -> exp.Expr:
    """How many rows."""
    return exp.Count(this=exp.Star())


def present(name: str) -> exp.Expr:
    """How many rows in which the column is not NULL."""
    return exp.Count(this=column(name))


def distinct(name: str) -> exp.Expr:
    """How many different values, counted."""
    return exp.Count(this=exp.Distinct(expressions=[column(name)]))


def sketch(name: str) -> exp.Expr:
    """How many different values, by a sketch."""
    return exp.ApproxDistinct(this=column(name))


def bounds(name: str, *, text: bool) -> list[exp.Expr]:
    """The smallest and the largest value."""
    ends: list[exp.Expr] = [exp.Min(this=column(name)), exp.Max(this=column(name))]
    return [as_text(end) for end in ends] if text else ends


def stored(name: str) -> exp.Expr:
    """What the engine keeps about a column: good enough to choose a plan, never to be published as a count."""
    return exp.Anonymous(this="stats", expressions=[column(name)])


def select(items: Sequence[exp.Expr], source: exp.Expr) -> exp.Select:
    """A SELECT of these items from one source."""
    return exp.Select(expressions=list(items), from_=exp.From(this=source.copy()))


def first_row(items: Sequence[exp.Expr], source: exp.Expr) -> str:
    """The items for one row, whichever."""
    return select(items, source).limit(1, copy=False).sql("duckdb")


def one_row(items: Sequence[exp.Expr], source: exp.Expr) -> str:
    """Aggregates over all rows."""
    return select(items, source).sql("duckdb")


def groups(columns: Sequence[tuple[int, str]], source: exp.Expr, *, read_once: bool) -> str:
    """Number, value as text and rows for each value of each column, in one statement.

    `read_once` first sets the columns of a dear source (a view with joins) aside, so that it is read only once.
    """
    table = "aside" if read_once else source.sql("duckdb")
    names = [(number, exp.to_identifier(name, quoted=True).sql("duckdb")) for number, name in columns]
    body = " UNION ALL ".join(
        GROUP.format(number=number, column=name, table=table, most=MOST_GROUPS + 1) for number, name in names
    )
    if not read_once:
        return body
    kept = select([column(name) for _, name in columns], source).sql("duckdb")
    return f"WITH aside AS MATERIALIZED ({kept}) {body}"


def sample(columns: Sequence[Column], source: exp.Expr, *, total: int, wanted: int, by_row_id: bool) -> str:
    """About `wanted` rows. By row id they are the same rows each time: a few runs of neighbours, spread evenly."""
    items = [column(c.name) if c.type in AS_THEY_ARE else as_text(column(c.name)) for c in columns]
    if total <= wanted:
        return select(items, source).sql("duckdb")
    if not by_row_id:
        part = exp.TableSample(
            method=exp.var("SYSTEM"), percent=exp.Literal.number(100 * wanted / total), seed=exp.Literal.number(42)
        )
        sampled = source.copy()
        sampled.set("sample", part)
        return select(items, sampled).sql("duckdb")
    length, step = wanted // CHUNKS, total / CHUNKS
    starts = [int(step * chunk) for chunk in range(CHUNKS)]
    near = [exp.column("rowid").between(start, start + length - 1) for start in starts]
    return select(items, source).where(exp.or_(*near, copy=False), copy=False).sql("duckdb")


def always_rises(names: Iterable[str], source: exp.Expr) -> str:
    """Is each value greater than the one before it? Then no value comes twice; cheaper than counting them."""
    pairs: list[exp.Expr] = []
    tests: list[exp.Expr] = []
    for number, name in enumerate(names):
        before = exp.Window(this=exp.Lag(this=column(name)))
        pairs += [named(column(name), f"v{number}"), named(before, f"b{number}")]
        tests.append(exp.LogicalAnd(this=exp.GT(this=exp.column(f"v{number}"), expression=exp.column(f"b{number}"))))
    return select(tests, select(pairs, source).subquery("p", copy=False)).sql("duckdb")
