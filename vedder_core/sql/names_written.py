"""Which names a query writes, and whether a column can come into it that it does not name.

Engines look every column up by its name. So where no column comes in unnamed, the columns of a table whose names are
written nowhere in the text may come, go and change, and the query binds as it did.
"""

from sqlglot import exp

from vedder_core.sql.tokens import tokens_of

_ROWS = (exp.Table, exp.Subquery, exp.CTE, exp.Lateral, exp.Unnest)
"""What may stand for a whole row where a column could stand, by its name or alias."""


def names_written(sql: str, dialect: str) -> frozenset[str]:
    """Every word of a text that parses, in small letters: more than its names, never less."""
    return frozenset(token.text.casefold() for token in tokens_of(sql, dialect))


def names_all_columns(query: exp.Query, sql: str) -> bool:
    """Whether each column that the query reads is named in its text; False also where that is not clear."""
    if '&"' in sql:  # PostgreSQL's U&"d\\0061ta" spells a name in numbers
        return False
    rows = {name.casefold() for node in query.find_all(*_ROWS) for name in (node.name, node.alias)}
    return not any(_brings_unnamed(node, rows) for node in query.walk())


def _brings_unnamed(node: exp.Expr, rows: set[str]) -> bool:
    if isinstance(node, exp.Star):
        return not isinstance(node.parent, exp.Count)
    if isinstance(node, exp.Column):
        return node.name.casefold() in rows
    if isinstance(node, exp.Join):
        return bool(node.args.get("method"))  # NATURAL compares all columns; so may what else stands here
    if isinstance(node, exp.TableAlias):
        return bool(node.args.get("columns"))  # t(a, b) renames by place
    if isinstance(node, exp.Select):
        return not node.expressions
    return isinstance(node, (exp.Columns, exp.Pivot, exp.Dot))
