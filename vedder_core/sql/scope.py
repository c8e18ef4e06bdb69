"""Which table names in a query are real tables, and which are names of its own WITH clauses.

Own scope resolution, because a name's meaning decides what is read: a WITH name is seen only by later WITH clauses
and by the query below it, and by itself only in the recursive arm of WITH RECURSIVE. PostgreSQL alone lets the clauses
of one WITH RECURSIVE see all of each other. The tree's names must be folded (`names`).
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from vedder_core.sql.names import LOWERING, name_key

Environment = Mapping[str, exp.CTE]


@dataclass(frozen=True, slots=True)
class TableUse:
    """A table node of a tree; `cte` is the WITH clause that it names, None for a real table or table function."""

    node: exp.Table
    cte: exp.CTE | None


def table_uses(query: exp.Expr, dialect: str) -> tuple[TableUse, ...]:
    """Every table node below `query`, in no particular order, with what its name means there."""
    return tuple(_Walk(dialect).below(query, {}))


def real_tables(query: exp.Expr, dialect: str) -> tuple[exp.Table, ...]:
    """The nodes that name real tables; table functions are left out."""
    uses = table_uses(query, dialect)
    return tuple(use.node for use in uses if use.cte is None and isinstance(use.node.this, exp.Identifier))


class _Walk:
    def __init__(self, dialect: str) -> None:
        self._dialect = dialect

    def below(self, node: exp.Expr, seen: Environment) -> Iterator[TableUse]:
        if isinstance(node, exp.Table):
            yield TableUse(node, seen.get(self._plain_name(node)))
        with_ = node.args.get("with_")
        if isinstance(with_, exp.With):
            own = yield from self._clauses(with_, seen)
            seen = {**seen, **own}
        for child in node.iter_expressions():
            if child is not with_:
                yield from self.below(child, seen)

    def _clauses(self, with_: exp.With, seen: Environment) -> Generator[TableUse, None, Environment]:
        """The uses inside of WITH clauses; returned are the names that stand behind them."""
        recursive = bool(with_.args.get("recursive"))
        mutual = recursive and self._dialect in LOWERING
        own: dict[str, exp.CTE] = {self._key(cte): cte for cte in with_.expressions} if mutual else {}
        for cte in with_.expressions:
            yield from self._clause(cte, {**seen, **own}, recursive=recursive and not mutual)
            own[self._key(cte)] = cte
        return own

    def _clause(self, cte: exp.CTE, seen: Environment, *, recursive: bool) -> Iterator[TableUse]:
        body = cte.this
        if not (recursive and isinstance(body, exp.Union)):
            yield from self.below(body, seen)
            return
        with_ = body.args.get("with_")
        inner: Environment = {}
        if isinstance(with_, exp.With):
            inner = yield from self._clauses(with_, seen)
        with_self = {**seen, self._key(cte): cte}
        for child in body.iter_expressions():
            if child is not with_:
                yield from self.below(child, {**(with_self if child is body.expression else seen), **inner})

    def _key(self, cte: exp.CTE) -> str:
        return name_key(cte.alias, self._dialect)

    def _plain_name(self, table: exp.Table) -> str:
        """The key of an unqualified table's name; a name no WITH clause can have for all others."""
        if table.args.get("db") or table.args.get("catalog") or not isinstance(table.this, exp.Identifier):
            return ""
        return name_key(table.name, self._dialect)
