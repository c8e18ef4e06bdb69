"""The guard: the only maker of a `GuardedQuery`, and so the only way for SQL into a warehouse.

What runs is generated from the checked tree, never the text: every WITH name is made fresh and every table is
replaced by its full quoted name, so that shadowing has no meaning left. Errors are ours and name only what is granted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from vedder_core.errors import QueryRefused
from vedder_core.problem import did_you_mean
from vedder_core.schema import Table
from vedder_core.sql.allowed_functions import allowed_functions
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.scope import dotted_name, table_uses

ParameterValue = str | int | float | bool | date | None

NOT_READING = (
    *(exp.DDL, exp.DML, exp.Command, exp.Into, exp.Lock, exp.Copy, exp.Set, exp.Pragma, exp.Use, exp.Attach),
    *(exp.Describe, exp.Summarize),
)
ROW_MAKERS = (exp.GenerateSeries, exp.Unnest)
_seal = object()


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """One checked SELECT; only `guard` makes one. `datasets` are the full names that it may scan."""

    sql: str
    dialect: str
    datasets: frozenset[str]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)
    made_by: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.made_by is not _seal:
            raise TypeError("A GuardedQuery is made by guard() alone.")


@dataclass(frozen=True)
class Granted:
    """What a caller may read: tables by dotted name, and the columns of each that do not exist for the caller."""

    tables: Mapping[str, Table]
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def find(self, name: str) -> Table | None:
        folded = name.casefold()
        return next((table for key, table in self.tables.items() if key.casefold() == folded), None)

    def hidden_of(self, table: Table) -> frozenset[str]:
        return frozenset(column.casefold() for column in self.hidden.get(table.name, frozenset()))


def guard(
    sql: str | exp.Query,
    granted: Granted,
    *,
    dialect: str,
    parameters: Mapping[str, ParameterValue] | None = None,
) -> GuardedQuery:
    """Check one query against what is granted. Raises QueryRefused, in our words, never the engine's."""
    tree = _tree(sql, dialect)
    _refuse_all_but_reading(tree)
    _refuse_strange_functions(tree, dialect)
    datasets = _fix_tables(tree, granted)
    values = dict(parameters or {})
    used = {blank.name for blank in tree.find_all(exp.Placeholder)}
    if missing := used - values.keys():
        raise QueryRefused(f"No value is given for {_listed(missing)}.", hint="Fill every parameter of the query.")
    return GuardedQuery(
        sql=tree.sql(dialect=dialect, comments=False),
        dialect=dialect,
        datasets=frozenset(datasets),
        parameters={name: value for name, value in values.items() if name in used},
        made_by=_seal,
    )


def _tree(sql: str | exp.Query, dialect: str) -> exp.Query:
    if isinstance(sql, exp.Query):
        return sql.copy()
    try:
        return parse_query(sql, dialect=dialect)
    except SqlProblem as problem:
        raise QueryRefused(problem.message, hint=problem.hint) from problem


def _refuse_all_but_reading(tree: exp.Query) -> None:
    for node in tree.walk():
        # A query is DDL by class in the parser, as is a subquery: both are what we want.
        if isinstance(node, NOT_READING) and not isinstance(node, exp.Query):
            raise QueryRefused(f"{node.key.upper()} is not allowed in a query.", hint="Vedder only reads.")


def _refuse_strange_functions(tree: exp.Query, dialect: str) -> None:
    """A macro or a method call can read what the tree does not show; the parser's own classes are the engine's own."""
    allowed = allowed_functions(dialect)
    for function in tree.find_all(exp.Anonymous):
        if function.name.casefold() not in allowed or isinstance(function.parent, exp.Dot):
            raise QueryRefused(f"The function {function.name} is not allowed.", hint="Write the SQL out.")
    for call in tree.find_all(exp.Dot):
        if isinstance(call.expression, exp.Func):
            raise QueryRefused("A function is called with a name in front of it.", hint="Write function(value).")


def _fix_tables(tree: exp.Query, granted: Granted) -> set[str]:
    """Give every WITH clause a fresh name and every table its full quoted name; the full names that are read."""
    uses = table_uses(tree)
    fresh = {id(cte): f"_with_{number}" for number, cte in enumerate(tree.find_all(exp.CTE))}
    datasets: set[str] = set()
    for use in uses:
        if use.cte is not None:
            _rename(use.node, fresh[id(use.cte)])
        elif isinstance(use.node.this, exp.Identifier):
            datasets.add(_fix_table(use.node, granted))
        else:
            _refuse_table_function(use.node.this)
    for lateral in tree.find_all(exp.Lateral):
        if not isinstance(lateral.this, exp.Subquery):
            _refuse_table_function(lateral.this)
    for cte in tree.find_all(exp.CTE):
        cte.args["alias"].set("this", exp.to_identifier(fresh[id(cte)], quoted=True))
    return datasets


def _refuse_table_function(function: exp.Expr) -> None:
    if not isinstance(function, ROW_MAKERS):
        name = function.sql().split("(")[0]
        raise QueryRefused(
            f"{name}(...) is not allowed where a table stands.", hint="Read the cluster's datasets only."
        )


def _rename(node: exp.Table, name: str) -> None:
    if not node.alias:
        node.set("alias", exp.TableAlias(this=exp.to_identifier(node.name, quoted=True)))
    node.set("this", exp.to_identifier(name, quoted=True))


def _fix_table(node: exp.Table, granted: Granted) -> str:
    written = dotted_name(node)
    table = granted.find(written)
    if table is None:
        raise QueryRefused(f"There is no dataset `{written}` here.", hint=did_you_mean(written, granted.tables))
    hidden = granted.hidden_of(table)
    if hidden:
        _replace_by_visible(node, table, hidden)
    else:
        _spell_out(node, table.name)
    return table.name


def _spell_out(node: exp.Table, name: str) -> exp.Table:
    catalog, schema, table = [None, None, *name.split(".")][-3:]
    for key, part in (("catalog", catalog), ("db", schema), ("this", table)):
        node.set(key, exp.to_identifier(part, quoted=True))
    return node


def _replace_by_visible(node: exp.Table, table: Table, hidden: frozenset[str]) -> None:
    """Put a subquery of the visible columns in a table's place, so that the hidden ones do not exist."""
    if node.args.get("sample") or node.args.get("pivots") or node.args.get("when"):
        raise QueryRefused(
            f"`{table.name}` has hidden columns, so it cannot be sampled or pivoted in place.",
            hint="Select its columns in a WITH clause first.",
        )
    visible = [exp.column(c.name, quoted=True) for c in table.columns if c.name.casefold() not in hidden]
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
    inner = exp.select(*visible).from_(_spell_out(exp.Table(), table.name))
    scope = node.find_ancestor(exp.Query)
    node.replace(exp.Subquery(this=inner, alias=alias.copy(), joins=node.args.get("joins")))
    for column in scope.find_all(exp.Column) if scope else ():
        if column.args.get("db") and column.table.casefold() == table.name.split(".")[-1].casefold():
            column.set("db", None)
            column.set("catalog", None)


def _listed(names: set[str]) -> str:
    return ", ".join(f"`:{name}`" for name in sorted(names))
