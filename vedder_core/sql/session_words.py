"""Names that stand where a column stands, and are none: what an engine reads as the session's user or schema, and the
columns that every table of PostgreSQL has and no catalog lists.

PostgreSQL also reads `t.name` as a call of a function with the whole row. The names of its own are harmless there;
functions that somebody defined are out of reach where the session's `search_path` is empty, which is the engine's part.
"""

from collections.abc import Iterable, Sequence

from sqlglot import exp

from vedder_core.errors import QueryRefused

SESSION_WORDS = frozenset(["current_catalog", "current_role", "current_schema", "current_user", "session_user", "user"])
"""Names that DuckDB reads as a column if there is one, and else as a function, even in quotes."""

SESSION_WORDS_IN_POSTGRES = SESSION_WORDS | {"system_user"}
"""Names that PostgreSQL never reads as a column, unless they are quoted or a table's name stands before them."""

SYSTEM_COLUMNS = frozenset(["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"])
"""Where a row lies, which transactions wrote it, and of which table it really is."""


def check_session_words(nodes: Sequence[exp.Expr], columns: Iterable[str], dialect: str) -> None:
    """Raises QueryRefused if a name is no column's of the query but the engine's own; `columns` are those it reads."""
    if dialect == "postgres":
        _check_in_postgres(nodes)
        return
    asked = {node.name.casefold() for node in nodes if type(node) is exp.Column and not node.table} & SESSION_WORDS
    if asked:
        given = {name.casefold() for name in columns}
        given |= {name.casefold() for node in nodes for name in _given_names(node)}
        for name in sorted(asked - given):
            raise _refused(name, "Read columns of the datasets.")


def _check_in_postgres(nodes: Iterable[exp.Expr]) -> None:
    for node in nodes:
        if type(node) is exp.Dot and node.expression.name in SYSTEM_COLUMNS:
            raise _refused(node.expression.name, "Read columns of the datasets.")
        if type(node) is not exp.Column:
            continue
        if node.name in SYSTEM_COLUMNS:
            raise _refused(node.name, "Read columns of the datasets.")
        plain = not node.table and not node.this.args.get("quoted")
        if plain and node.name in SESSION_WORDS_IN_POSTGRES:
            raise _refused(node.name, f'A column with that name stands in quotes: "{node.name}".')


def _given_names(node: exp.Expr) -> list[str]:
    if isinstance(node, exp.Alias):
        return [node.alias]
    return [column.name for column in node.columns] if isinstance(node, exp.TableAlias) else []


def _refused(name: str, hint: str) -> QueryRefused:
    return QueryRefused(f"There is no column `{name}` here.", hint=hint, code="function")
