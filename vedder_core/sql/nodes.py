"""The closed world of a query: the kinds of nodes that may stand in its tree, and the clauses of those that have many.

Whatever the parser learns next is refused until somebody reviews it and adds it here. Which functions may be called is
not decided here (`functions`), nor which tables may be read (`tables`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from vedder_core.errors import QueryRefused

QUERY = (
    *(exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.With, exp.CTE, exp.RecursiveWithSearch),
    *(exp.From, exp.Join, exp.Table, exp.TableAlias, exp.Lateral, exp.Unnest, exp.Values, exp.TableSample),
    *(exp.Where, exp.Group, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Having, exp.Qualify, exp.Distinct),
    *(exp.Order, exp.Ordered, exp.Limit, exp.LimitOptions, exp.Offset, exp.Fetch),
    *(exp.Pivot, exp.PivotAlias, exp.UnpivotColumns),
)
"""What a SELECT is made of. Absent: INTO, locks, hints, lateral views, historical data, rows from functions."""

NAMES = (exp.Column, exp.Identifier, exp.Star, exp.Alias, exp.Aliases, exp.Placeholder, exp.Dot, exp.Var)
VALUES = (exp.Literal, exp.Null, exp.Boolean, exp.Interval, exp.DataType, exp.DataTypeParam, exp.ColumnDef)
"""A column definition is a field of a STRUCT type. Absent: escaped, national and binary strings, session variables."""

OPERATORS = (
    *(exp.Paren, exp.Tuple, exp.Not, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe),
    *(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between, exp.In),
    *(exp.Like, exp.ILike, exp.SimilarTo, exp.Glob, exp.Escape, exp.Any, exp.All, exp.Collate, exp.AtTimeZone),
    *(exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift, exp.BitwiseRightShift),
    *(exp.And, exp.Or, exp.Xor, exp.Exists, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Try, exp.Coalesce),
    *(exp.Extract, exp.Overlay, exp.Trim, exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps),
)
NESTED = (
    *(exp.Bracket, exp.Slice, exp.Lambda, exp.Comprehension, exp.Kwarg, exp.PropertyEQ, exp.Struct),
    *(exp.Array, exp.ToMap, exp.Map, exp.Columns, exp.Explode),
    *(exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript, exp.JSONPathWildcard),
    *(exp.JSONPathSlice, exp.JSONPathRecursive, exp.JSONKeyValue),
)
"""Lists, structs, maps and paths into JSON. Absent: filters and scripts in JSON paths."""

AROUND_FUNCTIONS = (
    *(exp.Anonymous, exp.Window, exp.WindowSpec, exp.Filter, exp.WithinGroup),
    *(exp.IgnoreNulls, exp.RespectNulls, exp.HavingMax),
)

ALLOWED_NODES = frozenset((*QUERY, *NAMES, *VALUES, *OPERATORS, *NESTED, *AROUND_FUNCTIONS))
"""Functions with a class of their own come on top: `functions` judges them by their names."""

ONLY_IN_DUCKDB = frozenset(
    {
        *(exp.Pivot, exp.PivotAlias, exp.UnpivotColumns, exp.Columns, exp.Comprehension, exp.Lambda, exp.ToMap),
        *(exp.Map, exp.Struct, exp.PropertyEQ, exp.Try, exp.TryCast, exp.Glob, exp.Qualify, exp.HavingMax),
        *(exp.IgnoreNulls, exp.RespectNulls, exp.RecursiveWithSearch),
    }
)
"""What PostgreSQL does not have; some of it the writer of SQL would turn into something else."""

ONLY_IN_POSTGRES = frozenset((exp.Variadic, exp.IntervalSpan, exp.Overlaps, exp.JSON, exp.RawString))
"""A raw string is what stands between dollar signs; it is written as a plain one."""

SET_OPERATION = "with_ this expression distinct by_name side kind on order limit offset"
CLAUSES_WRITTEN: Mapping[type[exp.Expr], str] = {
    exp.Select: "with_ kind expressions distinct operation_modifiers from_ joins laterals where group having "
    "qualify windows order limit offset sample",
    exp.Subquery: "this alias with_ joins laterals pivots where order limit offset sample",
    exp.Union: SET_OPERATION,
    exp.Except: SET_OPERATION,
    exp.Intersect: SET_OPERATION,
    exp.With: "expressions recursive",
    exp.CTE: "this alias materialized key_expressions",
    exp.Table: "this alias db catalog joins laterals pivots ordinality sample rows_from",
    exp.Join: "this on side kind using method",
    exp.Lateral: "this alias ordinality",
    exp.Column: "this table db catalog",
    exp.Star: "except_ replace rename ilike",
    exp.Placeholder: "this",
    exp.Identifier: "this quoted",
    exp.Pivot: "alias expressions fields unpivot group columns include_nulls default_on_null "
    "identify_pivot_strings prefixed_pivot_columns pivot_column_naming value_columns_first",
    exp.TableSample: "method percent size seed",
    exp.Values: "expressions alias order limit offset",
    exp.Ordered: "this desc nulls_first",
    exp.Group: "expressions grouping_sets cube rollup all",
    exp.Cast: "this to safe",
    exp.TryCast: "this to safe",
}
"""The clauses of nodes that have more than an analyst writes. A PIVOT that stands for a table (`this`), and one whose
columns the engine would first have to look up (`using`), are no part of SELECT."""

CLAUSES: Mapping[type[exp.Expr], frozenset[str]] = {
    kind: frozenset(clauses.split()) for kind, clauses in CLAUSES_WRITTEN.items()
}

PLAIN_WORD = re.compile(r"\w+")
"""What may stand bare in SQL. For PostgreSQL the parser makes such words of texts, as in `date_part('day', x)`."""

# fmt: off
ALLOWED_TYPES = frozenset(exp.DType[name] for name in (
    "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "INT128", "UTINYINT", "USMALLINT", "UINT", "UBIGINT",
    "UINT128", "BIGNUM", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "TEXT", "CHAR", "NCHAR", "NVARCHAR", "BPCHAR",
    "BINARY", "VARBINARY", "BLOB", "BIT", "UUID", "JSON", "JSONB", "VARIANT", "DATE", "TIME", "TIMETZ", "TIME_NS",
    "TIMESTAMP", "TIMESTAMPNTZ", "TIMESTAMPLTZ", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS",
    "DATETIME", "INTERVAL", "ARRAY", "LIST", "STRUCT", "MAP", "UNION", "ENUM", "NULL",
))
# fmt: on
"""The engine's own types; a type with a name of somebody's own could be a table's, and tell its columns."""

# fmt: off
TYPES_IN_POSTGRES = frozenset(exp.DType[name] for name in (
    "BOOLEAN", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "MONEY", "VARCHAR", "TEXT", "CHAR", "BPCHAR",
    "VARBINARY", "BIT", "UUID", "JSON", "JSONB", "DATE", "TIME", "TIMETZ", "TIMESTAMP", "TIMESTAMPTZ", "INTERVAL",
    "ARRAY", "INET", "INT4RANGE", "INT8RANGE", "NUMRANGE", "TSRANGE", "TSTZRANGE", "DATERANGE", "INT4MULTIRANGE",
    "INT8MULTIRANGE", "NUMMULTIRANGE", "TSMULTIRANGE", "TSTZMULTIRANGE", "DATEMULTIRANGE", "POINT",
))
# fmt: on
"""Absent: `regclass` and its like, which tell what else there is by its name or number, XML, and catalog types."""

NAMED_TYPES_IN_POSTGRES = frozenset(["tsvector", "tsquery", "jsonpath"])
"""Types of PostgreSQL's own that the parser does not know."""


@dataclass(frozen=True)
class World:
    """What may stand in the trees of one dialect."""

    nodes: frozenset[type[exp.Expr]]
    types: frozenset[exp.DType]
    named_types: frozenset[str] = frozenset()
    words: re.Pattern[str] | None = None


WORLDS: Mapping[str, World] = {
    "duckdb": World(ALLOWED_NODES, ALLOWED_TYPES),
    "postgres": World(
        (ALLOWED_NODES - ONLY_IN_DUCKDB) | ONLY_IN_POSTGRES, TYPES_IN_POSTGRES, NAMED_TYPES_IN_POSTGRES, PLAIN_WORD
    ),
}

NO_CLASS_NAMES: Mapping[type[exp.Expr], str] = {
    exp.Pivot: "PIVOT in place of a table",
    exp.HistoricalData: "AT (VERSION ...)",
    exp.Into: "INTO",
    exp.Lock: "FOR UPDATE",
    exp.SessionParameter: "A session variable",
    exp.Parameter: "A session variable",
    exp.ObjectIdentifier: "A cast to a name of the catalog",
    exp.RawString: "A text between dollar signs",
    exp.ByteString: "A text with escapes, E'...',",
    exp.UnicodeString: "A text with escapes, U&'...',",
}


def check_nodes(nodes: Iterable[exp.Expr], dialect: str) -> None:
    """Raises QueryRefused at the first node, clause or type that is not allowed. Functions are let through."""
    world = WORLDS.get(dialect, WORLDS["duckdb"])
    not_here = ALLOWED_NODES - world.nodes
    for node in nodes:
        kind = type(node)
        if kind in not_here or (kind not in world.nodes and not isinstance(node, exp.Func)):
            raise _refused(NO_CLASS_NAMES.get(kind, kind.__name__.upper()))
        clauses = CLAUSES.get(kind)
        if clauses is not None:
            _check_clauses(node, clauses)
        if kind is exp.Var and world.words and not world.words.fullmatch(node.name):
            raise _refused("A text in place of a word")  # it is written without quotes
        if kind is exp.Pivot and any(field.args.get("field") for field in node.args.get("fields") or ()):
            raise _refused("PIVOT over the values of a type")  # which could be anybody's
        if kind is exp.DataType and not _is_own_type(node, world):
            raise QueryRefused(
                f"The type {node.sql()} is not allowed.", hint="Cast to a type of the engine itself.", code="type"
            )


def _is_own_type(node: exp.Expr, world: World) -> bool:
    named = node.args.get("kind")
    if not named:
        return node.this in world.types
    return node.this is exp.DType.USERDEFINED and isinstance(named, exp.Identifier) and named.name in world.named_types


def _check_clauses(node: exp.Expr, clauses: frozenset[str]) -> None:
    for clause, value in node.args.items():
        if clause not in clauses and value not in (None, False, []):
            kind = NO_CLASS_NAMES.get(type(node), type(node).__name__.upper())
            raise _refused(f"{clause.strip('_').upper()} of {kind}")


def _refused(what: str) -> QueryRefused:
    return QueryRefused(
        f"{what} is not allowed in a query.", hint="Vedder only reads: write one SELECT.", code="statement"
    )
