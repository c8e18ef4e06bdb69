"""What a table was made from, as it was then: CREATE TABLE ... AS copies, and later statements do not reach the copy.

In the query that made it, each table is replaced by a row of NULLs of its columns' types. What is not known stays as it
is named.
"""

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.schema import Column, Table
from vedder_core.sql.names import fold_names
from vedder_core.sql.parse import PARSER_FAULTS
from vedder_core.sql.scope import real_tables

STAY = ("joins", "laterals", "pivots", "sample")
"""What is written behind a table, and stays behind what stands in its place."""
DEEPEST = 20


def frozen(becoming: Becoming, name: str, query: exp.Query, *, depth: int = 0) -> exp.Query:
    """The query over what it reads now; the tree itself is changed. `name` is the table that it makes."""
    for column in query.find_all(exp.Column):
        column.set("db", None)  # `shop.orders.id` is `orders.id` from here on
        column.set("catalog", None)
    for node in real_tables(query, becoming.dialect):
        table = becoming.find(becoming.name(node))
        rows = _rows(becoming, name, table, depth) if table is not None else None
        if rows is None:
            continue
        given = node.args.get("alias")
        alias = given.copy() if given is not None else exp.TableAlias(this=exp.to_identifier(node.name, quoted=True))
        stays = {part: node.args[part] for part in STAY if node.args.get(part)}
        node.replace(exp.Subquery(this=rows, alias=alias, **stays))
    return query


def _rows(becoming: Becoming, name: str, table: Table, depth: int) -> exp.Query | None:
    if table.columns:
        return exp.select(*(_null(becoming, name, column) for column in table.columns))
    try:
        made = parse_one(table.definition or "", read=becoming.dialect)
    except (SqlglotError, *PARSER_FAULTS):
        return None
    if not isinstance(made, exp.Create) or isinstance(made.this, exp.Schema) or depth > DEEPEST:
        return None
    query = fold_names(made.expression, becoming.dialect)
    return frozen(becoming, name, query, depth=depth + 1) if isinstance(query, exp.Query) else None


def _null(becoming: Becoming, name: str, column: Column) -> exp.Expr:
    value: exp.Expr = exp.null()
    try:
        kind = exp.DataType.build(column.type, dialect=becoming.dialect)
        value = exp.cast(value, kind)
    except (SqlglotError, *PARSER_FAULTS):
        becoming.unsure[name] = f"The type of `{column.name}` is not known, from which `{name}` is made."
    return exp.alias_(value, column.name, quoted=True)
