"""DROP: tables, views or whole schemas go. Indexes, sequences and functions are nobody's columns."""

from collections.abc import Iterator

from sqlglot import exp

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.statements import Statement


def drop(becoming: Becoming, statement: Statement, tree: exp.Expr) -> None:
    """Take away what is dropped. Raises SourceError of a table that is not there."""
    for node in tree.args.get("tables") or ():
        for name in list(_dropped(becoming, statement, tree, node)):
            becoming.take(name, cascade=bool(tree.args.get("cascade")))


def _dropped(becoming: Becoming, statement: Statement, tree: exp.Expr, node: exp.Expr) -> Iterator[str]:
    kind = str(tree.args.get("kind") or "").upper()
    if kind == "SCHEMA":
        schema = (node.text("db") or node.name).casefold()
        yield from (name for name in becoming.tables if name.rpartition(".")[0].casefold() == schema)
    elif kind in ("TABLE", "VIEW"):
        table = becoming.changed_by(statement, becoming.name(node), optional=bool(tree.args.get("exists")))
        if table is not None:
            yield table.name
