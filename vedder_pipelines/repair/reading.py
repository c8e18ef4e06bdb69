"""A pair's SQL as it was meant before the schema changed: every name led back to the column or table that it meant.

What follows for the text is in `renames`, `using` and `moves`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope

from vedder_core.schema import Catalog
from vedder_core.sql.names import name_key, table_meant
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.references import qualified
from vedder_core.sql.resolved import BaseColumn, Resolved, projection
from vedder_core.sql.scope import real_tables
from vedder_pipelines.repair.before import Became
from vedder_pipelines.repair.names import written


class Unclear(Exception):
    """It is not certain what the SQL means, or it cannot be said in a small edit."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """`text` goes to the place of what stands from `start` up to `end`."""

    start: int
    end: int
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits. Raises Unclear where two of them meet."""
    result, at = [], 0
    for edit in sorted(set(edits)):
        if edit.start < at:
            raise Unclear("Two edits meet.")
        result += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*result, text[at:]])


@dataclass
class Reading:
    """A pair's SQL as it was meant before the change: its tree as written, and its columns led back."""

    sql: str
    raw: exp.Query
    resolved: Resolved
    before: Catalog
    after: Catalog
    became: Became
    written_columns: dict[int, exp.Column] = field(default_factory=dict)
    """The columns of the tree as written, by the place of their own name."""
    rejoined: bool = False
    """A join by USING became one by ON: the same rows, in another shape."""

    @property
    def dialect(self) -> str:
        return self.before.dialect

    def key(self, name: str) -> str:
        return name_key(name, self.dialect)

    def source_of(self, column: exp.Column, scope: Scope) -> tuple[object, Scope] | None:
        """What a column's table is, and the scope that has it: its own, or of a query around a correlated one."""
        at: Scope | None = scope
        while at is not None:
            if any(name == column.table for name, _ in at.references):
                return at.sources.get(column.table), at
            at = at.parent
        return None

    def now(self, column: exp.Column, scope: Scope) -> str | None:
        """The new name of a column where it stands; None where it keeps the one that it has."""
        found = self.source_of(column, scope)
        if found is None:
            return None
        source = found[0]
        table = self.resolved.table_of(source)
        if table is not None:
            own = table.column(column.name)
            renamed = self.became.columns.get(BaseColumn(table.name, own.name)) if own else None
            return renamed.now if renamed and self.key(renamed.now) != self.key(column.name) else None
        inner = projection(source, column.name) if isinstance(source, Scope) else None
        by_star = isinstance(inner, exp.Column) and place(inner.this) is None
        return self.now(inner, source) if by_star and isinstance(source, Scope) else None  # type: ignore[arg-type]

    def names_after(self, source: object) -> frozenset[str]:
        """Keys of the columns that a source will have."""
        table = self.resolved.table_of(source)
        if table is not None:
            now = self.after.find(self.became.table_now(table.name))
            return frozenset(self.key(column.name) for column in (now.columns if now else table.columns))
        return self._outputs(source)

    def names_before(self, source: object) -> frozenset[str]:
        """Keys of the columns that a source had."""
        table = self.resolved.table_of(source)
        if table is not None:
            return frozenset(self.key(column.name) for column in table.columns)
        return self._outputs(source)

    def _outputs(self, source: object) -> frozenset[str]:
        query = source.expression if isinstance(source, Scope) else None
        return frozenset(map(self.key, query.named_selects)) if isinstance(query, exp.Query) else frozenset()

    def spelt(self, name: str, at: tuple[int, int]) -> str:
        """A name as SQL, in quotes where what stands at the place is in quotes."""
        return written(name, dialect=self.dialect, quotes=self.sql[at[0]] in '"`')

    def node_of(self, source: exp.Table) -> exp.Table | None:
        """A table of the resolved tree in the tree as written."""
        at = place(source.this)
        return next((node for node in self.raw.find_all(exp.Table) if at and place(node.this) == at), None)

    def alias_now(self, alias: str, source: object) -> str:
        """What a source will be called, as SQL: without an alias of its own, by its table's new name."""
        table = self.resolved.table_of(source)
        node = self.node_of(source) if isinstance(source, exp.Table) else None
        if table is not None and node is not None and not node.alias:
            alias = self.became.table_now(table.name).rpartition(".")[2]
        return written(alias, dialect=self.dialect)

    def select_of(self, scope: Scope) -> exp.Select | None:
        """The SELECT as written whose tables are those of a scope."""
        tables = {place(one.this) for _, one in scope.selected_sources.values() if isinstance(one, exp.Table)}
        nodes = [node for node in self.raw.find_all(exp.Table) if place(node.this) in tables - {None}]
        selects = {id(select): select for node in nodes if (select := node.find_ancestor(exp.Select)) is not None}
        return next(iter(selects.values())) if len(selects) == 1 else None


def place(name: exp.Expr | None) -> tuple[int, int] | None:
    """Where an identifier stands in the text, from its first character up to behind its last; None if nowhere."""
    meta = name.meta if isinstance(name, exp.Identifier) else {}
    return (meta["start"], meta["end"] + 1) if "start" in meta else None


def read(sql: str, before: Catalog, after: Catalog, became: Became) -> Reading:
    """The SQL as it was meant. Raises Unclear."""
    dialect = before.dialect
    try:
        raw = parse_query(sql, dialect=dialect)
        tables = {t.name: t for node in real_tables(raw, dialect) if (t := table_meant(node, before, dialect))}
        resolved = Resolved(qualified(raw, list(tables.values()), dialect), tables.values(), dialect)
    except (SqlglotError, SqlProblem, RecursionError) as error:
        raise Unclear("The SQL cannot be followed.") from error
    columns = {at[0]: one for one in raw.find_all(exp.Column) if (at := place(one.this)) is not None}
    return Reading(sql, raw, resolved, before, after, became, columns)
