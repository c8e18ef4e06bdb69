"""ALTER: a table's columns, its name or its schema change; the rest of it stays.

What is not understood for certain is an error: a change that is half understood would be judged wrongly.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.create import defined_column, key_in
from vedder_core.against.ddl.macros import commas
from vedder_core.against.ddl.statements import Statement
from vedder_core.against.ddl.views import reading
from vedder_core.against.proposal import BY_KEY
from vedder_core.problem import did_you_mean
from vedder_core.schema import Column, Table
from vedder_core.schema_change import ColumnRenamed
from vedder_core.sql.names import CAPITALS

QUIET = frozenset({"OWNER", "ENABLE", "DISABLE", "VALIDATE", "CLUSTER", "REPLICA", "ATTACH", "DETACH", "FORCE"})
"""First words of what an ALTER does to a table, where it leaves the columns alone."""
QUIET_OF_COLUMN = frozenset({("SET", "STATISTICS"), ("SET", "STORAGE"), ("SET", "COMPRESSION"), ("ADD", "GENERATED")})
OF_A_COLUMN = ("ADD", "ALTER", "DROP", "RENAME")
BESIDE_A_NAME = ("COLUMN", "IF", "NOT", "EXISTS")
NAME_COLUMNS = "Create it with its columns, or with the query that it is to have."
NESTED = "changes a field within a column: which pairs read it is not known."


def alter(becoming: Becoming, statement: Statement, tree: exp.Expr) -> None:
    """Do all that an ALTER says, one after the other. Raises SourceError of what is not understood."""
    if str(tree.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
        raise statement.not_judged()
    table = becoming.changed_by(statement, becoming.name(tree.this), optional=bool(tree.args.get("exists")))
    if table is None:
        return
    if _is_of_a_field(statement):
        raise statement.problem(NESTED)
    for action in tree.args.get("actions") or ():
        table = _acted(becoming, statement, table, action)


def _acted(becoming: Becoming, statement: Statement, table: Table, action: exp.Expr) -> Table:
    if isinstance(action, exp.AlterRename):
        target = action.find(exp.Table)
        last = target.name if target is not None else ""
        return becoming.move(table, f"{table.name.rpartition('.')[0]}.{last}")
    if isinstance(action, exp.AlterSet) and becoming.dialect == "postgres":
        return table  # storage parameters
    if isinstance(action, exp.AddConstraint):
        return _with_key(becoming, table, key_in(action) or table.key)
    if isinstance(action, exp.Command) or not isinstance(
        action, exp.RenameColumn | exp.ColumnDef | exp.Drop | exp.AlterColumn
    ):
        raise statement.problem("cannot be judged: what it would do to the columns is not known.")
    if isinstance(action, exp.Drop) and str(action.args.get("kind") or "").upper() == "CONSTRAINT":
        return _without_constraint(becoming, table, action)
    if not table.columns:
        raise statement.problem(f"changes columns of `{table.name}`, which its query alone tells.", NAME_COLUMNS)
    if isinstance(action, exp.Drop) and action.args.get("cascade"):
        _take_views_along(becoming, statement, table, action)
    columns = _columns(becoming, statement, table, action)
    now = (
        dict(zip((c.name for c in table.columns), columns, strict=False)) if len(columns) == len(table.columns) else {}
    )
    key = tuple(now[name].name if name in now else name for name in table.key)
    changed = replace(table, columns=columns, key=key if {c.name for c in columns}.issuperset(key) else ())
    becoming.put(changed)
    return changed


def _with_key(becoming: Becoming, table: Table, key: tuple[str, ...]) -> Table:
    if becoming.dialect not in BY_KEY or key == table.key:
        return table
    becoming.put(changed := replace(table, key=key))
    return changed


def _without_constraint(becoming: Becoming, table: Table, action: exp.Drop) -> Table:
    """Is it the key that goes? PostgreSQL names a key after its table, where nobody names it otherwise."""
    gone = action.find(exp.Table)
    if table.key and (gone is None or gone.name != f"{table.name.rpartition('.')[2]}_pkey"):
        becoming.loosened.add(table.name)
    return _with_key(becoming, table, ())


def _take_views_along(becoming: Becoming, statement: Statement, table: Table, action: exp.Drop) -> None:
    """PostgreSQL drops the views that read a column with it; those of DuckDB stay, and would not bind."""
    gone = action.find(exp.Column)
    column = table.column(gone.name) if gone is not None else None
    if becoming.dialect != "postgres" or column is None:
        return
    for view in reading(table, column, becoming.catalog(), statement):
        becoming.take(view, cascade=True)


def _columns(becoming: Becoming, statement: Statement, table: Table, action: exp.Expr) -> tuple[Column, ...]:
    optional = bool(action.args.get("exists"))
    if isinstance(action, exp.ColumnDef):
        return _with_added(statement, table, action, optional=optional)
    if isinstance(action, exp.Drop):
        gone = action.find(exp.Column)
        found = _column(statement, table, gone.name if gone else "", optional=optional)
        return tuple(column for column in table.columns if column != found)
    found = _column(statement, table, action.this.name, optional=optional)
    if found is None:
        return table.columns
    new = found
    if isinstance(action, exp.RenameColumn):
        new = replace(found, name=action.args["to"].name)
        becoming.renames.append(ColumnRenamed(table.name, found.name, new.name, 1.0))
    elif (kind := action.args.get("dtype")) is not None:
        new = replace(found, type=kind.sql(statement.dialect))
    elif action.args.get("allow_null") is not None or "NOT NULL" in statement.text.upper():
        new = replace(found, nullable=bool(action.args.get("allow_null")))
    return tuple(new if column == found else column for column in table.columns)


def _with_added(statement: Statement, table: Table, added: exp.ColumnDef, *, optional: bool) -> tuple[Column, ...]:
    if table.column(added.name) is None:
        return (*table.columns, defined_column(statement, added))
    if optional:
        return table.columns
    raise statement.problem(f"adds `{added.name}`, which `{table.name}` has already.")


def _column(statement: Statement, table: Table, name: str, *, optional: bool) -> Column | None:
    found = table.column(name)
    if found is None and not optional:
        hint = did_you_mean(name, (column.name for column in table.columns))
        raise statement.problem(f"changes `{name}`, which `{table.name}` does not have.", hint)
    return found


def alter_by_words(becoming: Becoming, statement: Statement, tree: exp.Expr) -> None:
    """ALTER statements that the parser leaves as text."""
    del tree
    words = statement.words
    upper = [word.upper() for word in words]
    if upper[0] == "ALTER" and upper[-3:-1] == ["SET", "SCHEMA"] and upper[1] in ("TABLE", "VIEW"):
        where = [word for word in words[2:-3] if word.upper() not in ("IF", "EXISTS", "ONLY")]
        name = "".join(where) if "." in where else f"{becoming.schema}.{where[-1]}"
        table = becoming.changed_by(statement, name, optional="EXISTS" in upper)
        if table is not None:
            _to_schema(becoming, table, _read(becoming, statement, -1))
    elif statement.starts == "ALTER SCHEMA" and upper[3:5] == ["RENAME", "TO"] and len(words) == 6:
        schema, to = _read(becoming, statement, 2), _read(becoming, statement, 5)
        held = [table for table in becoming.tables.values() if table.name.rpartition(".")[0] == schema]
        if not held and becoming.whole:
            raise statement.problem(f"renames `{schema}`, in which no table is known.")
        for table in held:
            _to_schema(becoming, table, to)
    elif not _is_quiet(statement):
        raise statement.not_judged()


def _read(becoming: Becoming, statement: Statement, at: int) -> str:
    """A name as the engine reads it."""
    token = statement.tokens[at]
    is_lowered = becoming.dialect == "postgres" and token.token_type != TokenType.IDENTIFIER
    return token.text.translate(CAPITALS) if is_lowered else token.text


def _to_schema(becoming: Becoming, table: Table, schema: str) -> None:
    becoming.move(table, f"{schema}.{table.name.rpartition('.')[2]}")


def _is_quiet(statement: Statement) -> bool:
    """Does all that it does leave the columns alone?"""
    if statement.starts in ("ALTER TABLE", "ALTER VIEW"):
        return all(map(_leaves_columns_alone, _actions(statement)))
    last = tuple(word.upper() for word in statement.words[-3:-1])
    return last == ("OWNER", "TO") or (statement.starts == "ALTER TYPE" and last == ("ADD", "VALUE"))


def _leaves_columns_alone(words: tuple[str, ...]) -> bool:
    if words[:1] == ("ALTER",):  # [COLUMN] name ...
        after = words[3:5] if words[1:2] == ("COLUMN",) else words[2:4]
        return after in QUIET_OF_COLUMN or after == ("DROP", "DEFAULT")
    return words[:1] != () and (words[0] in QUIET or words[:2] == ("RENAME", "CONSTRAINT"))


def _actions(statement: Statement) -> Iterator[tuple[str, ...]]:
    """The first words of each thing that an ALTER does to its table, in upper case."""
    at = _after_name(statement)
    for start in (at, *(comma + 1 for comma in commas(statement.tokens, at))):
        yield tuple(word.upper() for word in statement.words[start : start + 8])


def _after_name(statement: Statement) -> int:
    words, at = statement.words, 2
    while at < len(words) and words[at].upper() in ("IF", "EXISTS", "ONLY"):
        at += 1
    at += 1
    while at + 1 < len(words) and words[at] == ".":
        at += 2
    return at + 1 if words[at : at + 1] == ("*",) else at


def _is_of_a_field(statement: Statement) -> bool:
    """Does it name a column with a dot, as `address.city`?"""
    told = ([word for word in words if word not in BESIDE_A_NAME] for words in _actions(statement))
    return any(words[:1] and words[0] in OF_A_COLUMN and words[2:3] == ["."] for words in told)
