"""What a name that SQL writes means, by the engine's own rule: the one place where that is decided.

DuckDB ignores case everywhere. PostgreSQL reads a name without quotes in lower case and then compares exactly, so that
`Orders` never means the table "Orders", and two tables may differ by case alone. Names that people write in cluster
files are no SQL: `find` of a catalog is kinder to them.
"""

from collections.abc import Mapping
from typing import Protocol, TypeVar

from sqlglot import exp

from vedder_core.schema import Table

Tree = TypeVar("Tree", bound=exp.Expr)

LOWERING = frozenset(["postgres"])
"""Dialects that read a name without quotes in lower case, and compare names exactly."""

CAPITALS = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
"""All that PostgreSQL lowers in a UTF-8 database: Ä stays Ä."""


class Holder(Protocol):
    """What holds tables by dotted name: a catalog, or what is granted."""

    @property
    def tables(self) -> Mapping[str, Table]: ...

    def find(self, name: str) -> Table | None:
        """The table with this name, ignoring case where no table has it exactly."""


def fold_names(tree: Tree, dialect: str) -> Tree:
    """The tree with every name as the engine reads it; the tree itself is changed. Doing it twice changes nothing."""
    if dialect in LOWERING:
        for name in tree.find_all(exp.Identifier):
            if not name.args.get("quoted"):
                name.set("this", name.name.translate(CAPITALS))
    return tree


def name_key(name: str, dialect: str) -> str:
    """Two names of one kind are the same for the engine if their keys are. Names of SQL must be folded before."""
    return name if dialect in LOWERING else name.casefold()


def dotted_name(table: exp.Table) -> str:
    """`catalog.schema.table` as far as it is written."""
    return ".".join(part.name for part in table.parts)


def table_meant(node: exp.Table, holder: Holder, dialect: str) -> Table | None:
    """The table that a node of a folded tree names; None if it is not there.

    Where names are compared exactly, `"shop.orders"` is one name with a dot in it, and no table of `shop`.
    """
    name = dotted_name(node)
    if dialect not in LOWERING:
        return holder.find(name)
    return None if any("." in part.name for part in node.parts) else holder.tables.get(name)
