"""Tables of a query become what is granted: every WITH clause gets a fresh name and every table its full quoted name,
so that shadowing has no meaning left; a table with hidden columns becomes a subquery of the others.

What a name means where it stands is `scope`'s part.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from sqlglot import exp

from vedder_core.errors import QueryRefused
from vedder_core.problem import did_you_mean
from vedder_core.schema import Table
from vedder_core.sql.granted import Granted
from vedder_core.sql.names import dotted_name, name_key, table_meant
from vedder_core.sql.scope import TableUse

ROW_MAKERS = (exp.GenerateSeries, exp.Unnest)
"""The only functions that may stand where a table stands: `range` and `generate_series`, `unnest`."""

# fmt: off
ROW_MAKERS_IN_POSTGRES = frozenset((
    "generate_subscripts", "json_array_elements", "json_array_elements_text", "json_each", "json_each_text",
    "json_object_keys", "json_to_record", "json_to_recordset", "jsonb_array_elements", "jsonb_array_elements_text",
    "jsonb_each", "jsonb_each_text", "jsonb_object_keys", "jsonb_path_query", "jsonb_to_record", "jsonb_to_recordset",
    "regexp_matches", "regexp_split_to_table", "string_to_table", "unnest",
))
# fmt: on
"""Those of PostgreSQL, which are functions as all others are there."""

MOVED = ("joins", "laterals", "pivots", "sample")
"""What hangs on a table and stays on the subquery in its place."""


def fix_tables(nodes: Sequence[exp.Expr], uses: Iterable[TableUse], granted: Granted, dialect: str) -> dict[str, Table]:
    """Rewrite the tables of a tree; the granted tables that it reads, by full name. Raises QueryRefused."""
    clauses = [node for node in nodes if type(node) is exp.CTE]
    fresh = {id(cte): f"_with_{number}" for number, cte in enumerate(clauses)}
    read: dict[str, Table] = {}
    for use in uses:
        if use.cte is not None:
            _rename(use.node, fresh[id(use.cte)])
        elif isinstance(use.node.this, exp.Identifier):
            table = _granted(use.node, granted, dialect)
            read[table.name] = table
            _fix_table(use.node, table, granted, dialect)
        else:
            _check_table_function(use.node, dialect)
    for node in nodes:
        if type(node) is exp.Lateral and not isinstance(node.this, exp.Subquery):
            _check_table_function(node, dialect)
    for cte in clauses:
        cte.args["alias"].set("this", exp.to_identifier(fresh[id(cte)], quoted=True))
    return read


def tables_named(nodes: Iterable[exp.Expr]) -> Counter[str]:
    """How often each name stands where a table stands, after the tables were fixed."""
    tables = (node for node in nodes if type(node) is exp.Table and isinstance(node.this, exp.Identifier))
    return Counter(dotted_name(node) for node in tables)


def _check_table_function(node: exp.Expr, dialect: str) -> None:
    function = node.this
    if function is None and node.args.get("rows_from"):
        return  # each of them is a table of its own
    known = isinstance(function, ROW_MAKERS) or (dialect == "postgres" and _makes_rows_in_postgres(function))
    if not known:
        name = function.name or function.key
        raise QueryRefused(
            f"{name}(...) is not allowed where a table stands.",
            hint="Read the cluster's datasets only.",
            code="function",
        )


def _makes_rows_in_postgres(function: exp.Expr) -> bool:
    if isinstance(function, exp.Anonymous):
        return function.name.lower() in ROW_MAKERS_IN_POSTGRES
    names = function.sql_names() if isinstance(function, exp.Func) else ()
    return any(name.lower() in ROW_MAKERS_IN_POSTGRES for name in names)


def _rename(node: exp.Table, name: str) -> None:
    if not node.alias:
        node.set("alias", _alias(node))
    node.set("this", exp.to_identifier(name, quoted=True))


def _alias(node: exp.Table) -> exp.TableAlias:
    """The alias of a table, or its own name for one without; an alias may hold column names alone."""
    written = node.args.get("alias")
    columns = [column.copy() for column in written.columns] if written is not None else []
    return exp.TableAlias(this=exp.to_identifier(node.alias or node.name, quoted=True), columns=columns)


def _granted(node: exp.Table, granted: Granted, dialect: str) -> Table:
    table = table_meant(node, granted, dialect)
    if table is None:
        written = dotted_name(node)
        raise QueryRefused(
            f"There is no dataset `{written}` here.", hint=did_you_mean(written, granted.tables), code="unknown_table"
        )
    return table


def _fix_table(node: exp.Table, table: Table, granted: Granted, dialect: str) -> None:
    hidden = granted.hidden_of(table)
    if hidden:
        _replace_by_visible(node, table, hidden, dialect)
    else:
        _spell_out(node, table.name)


def _spell_out(node: exp.Table, name: str) -> exp.Table:
    catalog, schema, table = [None, None, *name.split(".")][-3:]
    for key, part in (("catalog", catalog), ("db", schema), ("this", table)):
        node.set(key, exp.to_identifier(part, quoted=True))
    return node


def _replace_by_visible(node: exp.Table, table: Table, hidden: frozenset[str], dialect: str) -> None:
    visible = [exp.column(c.name, quoted=True) for c in table.columns if c.name.casefold() not in hidden]
    if not visible:
        raise QueryRefused(f"`{table.name}` has no columns here.", hint="Read another dataset.", code="unknown_table")
    source = _spell_out(exp.Table(), table.name)
    moved = {key: node.args[key] for key in MOVED if node.args.get(key)}
    if dialect == "postgres" and "sample" in moved:
        source.set("sample", moved.pop("sample"))  # it takes samples of tables alone
    inner = exp.select(*visible).from_(source)
    scope = node.find_ancestor(exp.Query)
    node.replace(exp.Subquery(this=inner, alias=_alias(node), **moved))
    last = name_key(table.name.split(".")[-1], dialect)
    for column in scope.find_all(exp.Column) if scope else ():
        if column.args.get("db") and name_key(column.table, dialect) == last:
            column.set("db", None)
            column.set("catalog", None)
