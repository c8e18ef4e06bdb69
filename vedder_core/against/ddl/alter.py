"""ALTER: a table's columns, its name or its schema change; the rest of it stays.

What is not understood for certain is an error: a change that is half understood would be judged wrongly.
"""

from dataclasses import replace

from sqlglot import exp

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.create import defined_column
from vedder_core.against.ddl.statements import Statement
from vedder_core.problem import did_you_mean
from vedder_core.schema import Column, Table
from vedder_core.schema_change import ColumnRenamed

QUIET = frozenset({"OWNER", "ENABLE", "DISABLE", "VALIDATE", "CLUSTER", "REPLICA", "ATTACH", "DETACH", "FORCE"})
"""First words after a table's name of an ALTER that leaves the columns alone."""


def alter(becoming: Becoming, statement: Statement, tree: exp.Expr) -> None:
    """Do all that an ALTER says, one after the other. Raises SourceError of what is not understood."""
    if str(tree.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
        raise statement.not_judged()
    table = becoming.changed_by(statement, becoming.name(tree.this), optional=bool(tree.args.get("exists")))
    if table is None:
        return
    for action in tree.args.get("actions") or ():
        table = _acted(becoming, statement, table, action)


def _acted(becoming: Becoming, statement: Statement, table: Table, action: exp.Expr) -> Table:
    if isinstance(action, exp.AlterRename):
        target = action.find(exp.Table)
        last = target.name if target is not None else ""
        return becoming.move(table, f"{table.name.rpartition('.')[0]}.{last}")
    if isinstance(action, exp.AddConstraint):
        return table
    if isinstance(action, exp.Command) or not isinstance(
        action, exp.RenameColumn | exp.ColumnDef | exp.Drop | exp.AlterColumn
    ):
        raise statement.problem("cannot be judged: what it would do to the columns is not known.")
    if isinstance(action, exp.Drop) and str(action.args.get("kind") or "").upper() == "CONSTRAINT":
        return table
    changed = replace(table, columns=_columns(becoming, statement, table, action))
    if isinstance(action, exp.Drop) and action.args.get("cascade"):
        becoming.notes.append(
            f"CASCADE on a column of `{table.name}`: views that the engine would drop with it are still judged."
        )
    becoming.put(changed)
    return changed


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
            _to_schema(becoming, table, words[-1])
    elif statement.starts == "ALTER SCHEMA" and upper[3:5] == ["RENAME", "TO"]:
        for table in [t for t in becoming.tables.values() if t.name.rpartition(".")[0] == words[2]]:
            _to_schema(becoming, table, words[5])
    elif not _is_quiet(statement, upper):
        raise statement.not_judged()


def _to_schema(becoming: Becoming, table: Table, schema: str) -> None:
    becoming.move(table, f"{schema}.{table.name.rpartition('.')[2]}")


def _is_quiet(statement: Statement, upper: list[str]) -> bool:
    if statement.starts in ("ALTER TABLE", "ALTER VIEW"):
        return bool(QUIET & set(upper))
    return statement.starts in ("ALTER SCHEMA", "ALTER MATERIALIZED") and "OWNER" in upper
