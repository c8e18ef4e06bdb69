"""The catalog while DDL is read: tables and macros as they are after the statements so far, and what these spoke of.

Deliberately not here: what a statement does (`create`, `alter`, `drop`).
"""

from dataclasses import dataclass, field, replace

from sqlglot import exp, tokenize
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from vedder_core.against.ddl.statements import Statement
from vedder_core.problem import did_you_mean
from vedder_core.schema import Catalog, Routine, Table
from vedder_core.schema_change import SchemaChange, TableRenamed
from vedder_core.sql.below import with_tables_below
from vedder_core.sql.parse import PARSER_FAULTS


@dataclass
class Becoming:
    """`schema` is where a name without one belongs; `whole`: a table that is not in `tables` is not there. `unsure` and
    `loosened` are those of a `Proposal`.
    """

    base: Catalog
    tables: dict[str, Table]
    routines: dict[str, Routine]
    schema: str
    whole: bool
    told: set[str] = field(default_factory=set)
    renames: list[SchemaChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    unsure: dict[str, str] = field(default_factory=dict)
    loosened: set[str] = field(default_factory=set)

    @property
    def dialect(self) -> str:
        return self.base.dialect

    def catalog(self) -> Catalog:
        return replace(self.base, tables=dict(self.tables), routines=dict(self.routines))

    def find(self, name: str) -> Table | None:
        return replace(self.base, tables=self.tables).find(name)

    def name(self, node: exp.Expr | None) -> str:
        """The full name of the table that a node is about, spelled as it is listed."""
        table = node.find(exp.Table) if node is not None else None
        if table is None:
            return ""
        name = f"{table.db or self.schema}.{table.name}"
        found = self.find(name)
        return found.name if found is not None else name

    def changed_by(self, statement: Statement, name: str, *, optional: bool) -> Table | None:
        """The table that a statement changes. None where it need not be there, or where nobody knows what is."""
        found = self.find(name)
        if found is None and not optional and not self.whole:
            raise statement.problem(
                f"changes `{name}`, which no statement before it creates.",
                hint="Give the warehouse as it is now (--warehouse, or --before with a snapshot), or the whole folder.",
            )
        if found is None and not optional:
            raise statement.problem(f"changes `{name}`, which is not there.", did_you_mean(name, self.tables))
        return found

    def put(self, table: Table) -> None:
        self.tables[table.name] = table
        self.told.add(table.name)

    def move(self, table: Table, to: str) -> Table:
        self.tables.pop(table.name)
        moved = replace(table, name=to, definition=_called(table.definition, to, self.dialect))
        self.put(moved)
        self.told.add(table.name)
        if (why := self.unsure.pop(table.name, None)) is not None:
            self.unsure[to] = why
        self.renames.append(TableRenamed(table.name, to, 1.0))
        return moved

    def take(self, name: str, *, cascade: bool) -> None:
        """A table is dropped, with `cascade` also the views above it."""
        now = self.catalog()
        views = [table.name for table in now.tables.values() if table.definition] if cascade else []
        for gone in (*(view for view in views if name in with_tables_below([view], now)), name):
            self.tables.pop(gone, None)
            self.told.add(gone)


def _called(definition: str | None, name: str, dialect: str) -> str | None:
    """The statement of a view with another name in it; what is none stays as it is."""
    try:
        tokens = tokenize(definition or "", read=dialect)
    except (SqlglotError, *PARSER_FAULTS):
        return definition
    words = [token.text.upper() for token in tokens]
    if definition is None or words[:1] != ["CREATE"] or "VIEW" not in words:
        return definition
    at = words.index("VIEW") + 1
    while words[at] in ("IF", "NOT", "EXISTS"):
        at += 1
    end = at
    while end + 2 < len(tokens) and tokens[end + 1].token_type == TokenType.DOT:
        end += 2
    schema, _, last = name.rpartition(".")
    written = exp.table_(last, db=schema, quoted=True).sql(dialect)
    return f"{definition[: tokens[at].start]}{written}{definition[tokens[end].end + 1 :]}"
