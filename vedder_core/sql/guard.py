"""The guard: the only maker of a `GuardedQuery`, and so the only way for SQL into a warehouse.

What runs is generated from the checked tree, never the text. The rules stand in files of their own: texts
(`text_limits`), kinds of nodes (`nodes`), functions (`functions`), sizes (`sizes`), tables (`tables`). Errors are ours
and name only what is granted. What the engine makes of the SQL (below views) is checked on its plan, by the warehouse.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp, parse
from sqlglot.errors import ErrorLevel, SqlglotError

from vedder_core.errors import QueryRefused
from vedder_core.sql.functions import check_calls, check_functions
from vedder_core.sql.granted import Granted
from vedder_core.sql.names import fold_names
from vedder_core.sql.nodes import check_nodes
from vedder_core.sql.parse import PARSER_FAULTS, parse_query
from vedder_core.sql.postgres_tree import mended
from vedder_core.sql.scope import table_uses
from vedder_core.sql.session_words import check_session_words
from vedder_core.sql.sizes import DEEPEST_TREE, check_sizes
from vedder_core.sql.tables import fix_tables, tables_named
from vedder_core.sql.text_limits import OversizeSql, SqlProblem

__all__ = ["Granted", "GuardedQuery", "ParameterValue", "guard"]

ParameterValue = str | int | float | bool | date | None

READ_AGAIN = frozenset(["postgres"])
"""Dialects whose parser makes words of texts, so that what was written for a checked tree could be another one."""

_seal = object()


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """One checked SELECT; only `guard` makes one. `datasets` are the full names that it may scan.

    Blanks stand in DuckDB's SQL as `$name`; in PostgreSQL's as `%(name)s`, and a `%` elsewhere is only itself.
    """

    sql: str
    dialect: str
    datasets: frozenset[str]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    made_by: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made_by is not _seal:
            raise TypeError("A GuardedQuery is made by guard() alone.")


def guard(
    sql: str | exp.Query,
    granted: Granted,
    *,
    dialect: str,
    parameters: Mapping[str, ParameterValue] | None = None,
) -> GuardedQuery:
    """Check one query against what is granted. Raises QueryRefused, in our words, never the engine's."""
    try:
        return _guard(_tree(sql, dialect), granted, dialect, parameters or {})
    except (RecursionError, SqlglotError, *PARSER_FAULTS) as error:
        raise QueryRefused(
            "The SQL cannot be rewritten.", hint="Write it more simply, with WITH clauses.", code="text"
        ) from error


def _tree(sql: str | exp.Query, dialect: str) -> exp.Query:
    if isinstance(sql, exp.Query):
        return fold_names(sql.copy(), dialect)
    try:
        return parse_query(sql, dialect=dialect)
    except SqlProblem as problem:
        code = "size" if isinstance(problem, OversizeSql) else "text"
        raise QueryRefused(problem.message, hint=problem.hint, code=code) from problem


def _guard(tree: exp.Query, granted: Granted, dialect: str, values: Mapping[str, ParameterValue]) -> GuardedQuery:
    nodes = _nodes(tree)
    check_nodes(nodes, dialect)
    check_functions(nodes, dialect)
    uses = table_uses(tree, dialect)
    check_sizes(tree, nodes, uses)
    read = fix_tables(nodes, uses, granted, dialect)
    check_session_words(nodes, (column.name for table in read.values() for column in table.columns), dialect)
    used = _blanks(nodes, values)
    named = tables_named(_nodes(tree)) if dialect in READ_AGAIN else Counter()
    written = tree.sql(dialect=dialect, comments=False, copy=False, unsupported_level=ErrorLevel.IGNORE)
    check_calls(written, dialect)
    if dialect in READ_AGAIN:
        _read_again(written, named, dialect)
    return GuardedQuery(
        sql=written,
        dialect=dialect,
        datasets=frozenset(read),
        parameters={name: values[name] for name in used},
        made_by=_seal,
    )


def _read_again(written: str, named: Counter[str], dialect: str) -> None:
    """Raises QueryRefused where the written SQL is not what was checked: it names other tables, or has other kinds of
    nodes and functions than may be."""
    trees = parse(written, read=dialect)
    tree = trees[0] if len(trees) == 1 else None
    if isinstance(tree, exp.Query):
        nodes = _nodes(fold_names(mended(tree), dialect))
        check_nodes(nodes, dialect)
        check_functions(nodes, dialect)
        if tables_named(nodes) == named:
            return
    raise QueryRefused("The SQL cannot be rewritten.", hint="Write it more simply.", code="text")


def _nodes(tree: exp.Query) -> Sequence[exp.Expr]:
    """All nodes, each before what is below it. Raises QueryRefused for a tree that is too deep."""
    found: list[exp.Expr] = []
    level: list[exp.Expr] = [tree]
    for _ in range(DEEPEST_TREE):
        found += level
        level = [below for node in level for below in node.iter_expressions()]
        if not level:
            return found
    raise QueryRefused(
        f"More than {DEEPEST_TREE} operations stand in one another.", hint="Use IN, or WITH clauses.", code="size"
    )


def _blanks(nodes: Sequence[exp.Expr], values: Mapping[str, ParameterValue]) -> tuple[str, ...]:
    """The names of the blanks, each once."""
    used = tuple(dict.fromkeys(node.name for node in nodes if type(node) is exp.Placeholder))
    if missing := set(used) - values.keys():
        named = ", ".join(f"`:{name}`" for name in sorted(missing))
        raise QueryRefused(
            f"No value is given for {named}.", hint="Fill every parameter of the query.", code="parameter"
        )
    return used
