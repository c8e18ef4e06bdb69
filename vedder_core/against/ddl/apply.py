"""DDL read against a catalog: what the warehouse would be once these statements have run.

Nothing is run. CREATE says what a table, view or macro is, whatever it was before; ALTER and DROP change what is there.
Statements that define none of them (data, rights, indexes, PostgreSQL's functions) are passed over, and what is not
understood for certain is an error with file and line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from sqlglot import exp

from vedder_core.against.ddl.alter import alter, alter_by_words
from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.create import create
from vedder_core.against.ddl.drop import drop
from vedder_core.against.ddl.macros import macro
from vedder_core.against.ddl.statements import Statement, statements
from vedder_core.against.proposal import Proposal
from vedder_core.schema import Catalog
from vedder_core.sql.names import fold_names

DEFAULT_SCHEMA: Mapping[str, str] = {"duckdb": "main", "postgres": "public"}
STATEMENTS: Mapping[type[exp.Expr], Callable[[Becoming, Statement, exp.Expr], None]] = {
    exp.Create: create,
    exp.Alter: alter,
    exp.Drop: drop,
    exp.Command: alter_by_words,
}
PASSED_OVER = (
    *(exp.Transaction, exp.Commit, exp.Rollback, exp.Grant, exp.Revoke, exp.Comment, exp.Analyze),
    *(exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable),
)
"""Statements that leave every table's columns as they are."""
HARMLESS = frozenset(
    f"{verb} {kind}"
    for verb in ("CREATE", "ALTER", "DROP")
    for kind in (
        *("INDEX", "SEQUENCE", "FUNCTION", "MACRO", "PROCEDURE", "AGGREGATE", "EXTENSION", "TRIGGER", "POLICY", "ROLE"),
        *("USER", "DATABASE", "PUBLICATION", "STATISTICS", "RULE", "OPERATOR", "COLLATION", "SECRET", "EVENT"),
        *("UNIQUE", "DEFAULT", "LANGUAGE", "SUBSCRIPTION", "GROUP", "SERVER"),
    )
)
"""First words of statements about what is neither a table nor a view."""
ABOVE_WHICH_VIEWS_STAND = frozenset(
    f"DROP {kind}"
    for kind in (
        *("FUNCTION", "ROUTINE", "AGGREGATE", "TYPE", "DOMAIN", "EXTENSION", "OPERATOR", "COLLATION", "LANGUAGE"),
        *("CAST", "SERVER", "OWNED"),
    )
)
NAME_THEM = "Say in statements of their own what goes with it: DROP VIEW ..., ALTER TABLE ... DROP COLUMN ..."
ABOUT_A_SESSION = ("GRANT", "REVOKE", "VACUUM", "ANALYZE", "CHECKPOINT", "LOCK", "REFRESH", "REINDEX")


def apply_ddl(
    files: Iterable[tuple[str, str]], before: Catalog | None, *, name: str, dialect: str, whole: bool = False
) -> Proposal:
    """What the statements of these files (name, text) make of the catalog `before`, None where it is not known.

    `whole`: they make all that there is.
    """
    base = before or Catalog(dialect, dialect)
    schema = DEFAULT_SCHEMA.get(dialect, "public")
    becoming = Becoming(base, dict(base.tables), dict(base.routines), schema, whole=whole or before is not None)
    for file, text in files:
        for statement in statements(text, file=file, dialect=dialect):
            _apply(becoming, statement)
    return Proposal(
        kind="ddl",
        name=name,
        after=replace(base, tables=becoming.tables, routines=becoming.routines),
        told=frozenset(becoming.told),
        unsure=becoming.unsure,
        renames=tuple(becoming.renames),
        notes=tuple(dict.fromkeys(becoming.notes)),
        types=tuple(becoming.types),
        whole=becoming.whole,
        loosened=frozenset(becoming.loosened),
    )


def _apply(becoming: Becoming, statement: Statement) -> None:
    if statement.starts in ("CREATE TYPE", "CREATE DOMAIN"):
        becoming.types.append(statement.text)
        return
    if macro(becoming, statement):
        return
    _refuse_what_takes_others_along(statement)
    if statement.starts in HARMLESS or _is_about_the_session(becoming, statement):
        return
    tree = fold_names(statement.tree(), becoming.dialect)
    if isinstance(tree, PASSED_OVER):
        return
    for kind, do in STATEMENTS.items():
        if isinstance(tree, kind):
            do(becoming, statement, tree)
            return
    raise statement.not_judged()


def _refuse_what_takes_others_along(statement: Statement) -> None:
    """Nobody but the engine knows which views and columns go with a function or a type. Raises SourceError."""
    words = {word.upper() for word in statement.words}
    if statement.starts in ABOVE_WHICH_VIEWS_STAND and "CASCADE" in words:
        raise statement.problem("may take views and columns along that it does not name.", NAME_THEM)
    if statement.starts == "CREATE RULE" and {"SELECT", "INSTEAD"} <= words:
        raise statement.not_judged()


def _is_about_the_session(becoming: Becoming, statement: Statement) -> bool:
    """A schema that it chooses is where names without one belong from here on."""
    words = [word.upper() for word in statement.words]
    if words[0] == "USE" and len(words) > 1:
        becoming.schema = statement.words[-1]
        return True
    if words[0] in ("SET", "RESET"):
        if "SEARCH_PATH" in words or "SCHEMA" in words:
            becoming.schema = _chosen(statement) or becoming.schema
        return True
    return words[0] in ABOUT_A_SESSION or "SET_CONFIG" in words


def _chosen(statement: Statement) -> str | None:
    """The first schema of a search path that is one; DuckDB's path is one text with commas."""
    written = (part.strip() for word in statement.words[1:] for part in word.split(","))
    chosen = (word for word in written if word.upper() not in ("SEARCH_PATH", "SCHEMA", "=", "TO"))
    return next((word for word in chosen if word not in ("", '"$user"', "$user", "SESSION", "LOCAL")), None)
