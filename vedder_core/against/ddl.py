"""DDL read against a catalog: what the warehouse would be once these statements have run.

Nothing is run. CREATE says what a table is, whatever it was before; ALTER and DROP change what is there. Statements
that define no table or view (data, rights, indexes, functions) are passed over, and what is not understood for certain
is an error with file and line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from vedder_core.against.proposal import Proposal
from vedder_core.against.statements import Statement, statements
from vedder_core.problem import did_you_mean
from vedder_core.schema import Catalog, Column, Table
from vedder_core.schema_change import ColumnRenamed, SchemaChange, TableRenamed
from vedder_core.sql.below import with_tables_below
from vedder_core.sql.names import fold_names
from vedder_core.sql.scope import real_tables

DEFAULT_SCHEMA: Mapping[str, str] = {"duckdb": "main", "postgres": "public"}
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
        *(
            "USER",
            "DATABASE",
            "PUBLICATION",
            "STATISTICS",
            "RULE",
            "OPERATOR",
            "COLLATION",
            "SECRET",
            "EVENT",
            "UNIQUE",
        ),
        *("DEFAULT", "LANGUAGE", "SUBSCRIPTION", "GROUP", "SERVER", "FOREIGN"),
    )
) - {"CREATE FOREIGN", "ALTER FOREIGN", "DROP FOREIGN"}
QUIET_ALTERS = frozenset({"OWNER", "ENABLE", "DISABLE", "VALIDATE", "CLUSTER", "REPLICA", "ATTACH", "DETACH", "FORCE"})
"""First words after a table's name of an ALTER that leaves the columns alone."""
SERIAL = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}


def apply_ddl(
    files: Iterable[tuple[str, str]], before: Catalog | None, *, name: str, dialect: str, whole: bool = False
) -> Proposal:
    """What the statements of these files (name, text) make of the catalog `before`, None where it is not known.

    `whole`: they make all that there is.
    """
    base = before or Catalog(dialect, dialect)
    ddl = _Ddl(base, dict(base.tables), DEFAULT_SCHEMA.get(dialect, "public"), whole=whole or before is not None)
    for file, text in files:
        for statement in statements(text, file=file, dialect=dialect):
            ddl.run(statement)
    return Proposal(
        kind="ddl",
        name=name,
        after=replace(base, tables=ddl.tables),
        told=frozenset(ddl.told),
        unsure=ddl.unsure,
        renames=tuple(ddl.renames),
        notes=tuple(dict.fromkeys(ddl.notes)),
        types=tuple(ddl.types),
        whole=ddl.whole,
    )


@dataclass
class _Ddl:
    base: Catalog
    tables: dict[str, Table]
    schema: str
    whole: bool
    told: set[str] = field(default_factory=set)
    unsure: dict[str, str] = field(default_factory=dict)
    renames: list[SchemaChange] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    def run(self, statement: Statement) -> None:
        words = [word.upper() for word in statement.words]
        if statement.starts in ("CREATE TYPE", "CREATE DOMAIN"):
            self.types.append(statement.text)
            return
        if statement.starts in HARMLESS or self._session(statement, words):
            return
        tree = fold_names(statement.tree(), self.base.dialect)
        if isinstance(tree, PASSED_OVER):
            return
        for kind, do in self._kinds().items():
            if isinstance(tree, kind):
                do(self, statement, tree)
                return
        raise statement.problem("cannot be judged: what it would do to the tables is not known.")

    @staticmethod
    def _kinds() -> "Mapping[type[exp.Expr], Callable[[_Ddl, Statement, exp.Expr], None]]":
        return {exp.Create: _Ddl._create, exp.Alter: _Ddl._alter, exp.Drop: _Ddl._drop, exp.Command: _Ddl._by_words}

    def _session(self, statement: Statement, words: list[str]) -> bool:
        """Is this about the session? A schema that it chooses is where names without one belong from here on."""
        if words[0] == "USE" and len(words) > 1:
            self.schema = statement.words[-1]
        elif words[0] in ("SET", "RESET"):
            if "SEARCH_PATH" in words or "SCHEMA" in words:
                chosen = [
                    word for word in statement.words[1:] if word.upper() not in ("SEARCH_PATH", "SCHEMA", "=", "TO")
                ]
                self.schema = next(
                    (w for w in chosen if w not in (",", '"$user"', "$user", "SESSION", "LOCAL")), self.schema
                )
        else:
            return words[0] in ("GRANT", "REVOKE", "VACUUM", "ANALYZE", "CHECKPOINT") or "SET_CONFIG" in words
        return True

    def _name(self, node: exp.Expr | None) -> str:
        table = node.find(exp.Table) if node is not None else None
        if table is None:
            return ""
        schema = table.db or self.schema
        found = self._find(f"{schema}.{table.name}")
        return found.name if found is not None else f"{schema}.{table.name}"

    def _find(self, name: str) -> Table | None:
        return replace(self.base, tables=self.tables).find(name)

    def _there(self, statement: Statement, name: str, *, optional: bool) -> Table | None:
        """The table that a statement changes. None where it need not be there, or where nobody knows what is."""
        found = self._find(name)
        if found is None and not optional and not self.whole:
            raise statement.problem(
                f"changes `{name}`, which no statement before it creates.",
                hint="Give the warehouse as it is now (--warehouse, or --before with a snapshot), or the whole folder.",
            )
        if found is None and not optional:
            raise statement.problem(f"changes `{name}`, which is not there.", did_you_mean(name, self.tables))
        return found

    def _put(self, table: Table) -> None:
        self.tables[table.name] = table
        self.told.add(table.name)
        self.unsure.pop(table.name, None)

    # CREATE

    def _create(self, statement: Statement, tree: exp.Expr) -> None:
        kind = str(tree.args.get("kind") or "").upper()
        if kind not in ("TABLE", "VIEW"):
            return  # schemas, indexes, sequences, functions
        properties = tree.args.get("properties")
        made = list(properties.expressions) if properties is not None else []
        if any(isinstance(p, exp.TemporaryProperty) for p in made):
            return
        name = self._name(tree.this)
        query = tree.args.get("expression")
        if isinstance(query, exp.Query):
            self._put(Table(name, (), kind="view", definition=self._defined(tree, name, query)))
            return
        if not isinstance(tree.this, exp.Schema) and not any(isinstance(p, exp.PartitionedOfProperty) for p in made):
            raise statement.problem("does not say which columns it creates.")
        columns = [column for part in made if (of := self._parent(part)) for column in of.columns]
        for part in tree.this.expressions if isinstance(tree.this, exp.Schema) else ():
            columns += self._columns(statement, part)
        keys = {c.name.casefold() for key in tree.find_all(exp.PrimaryKey) for c in key.find_all(exp.Identifier)}
        self._put(Table(name, tuple(replace(c, nullable=False) if c.name.casefold() in keys else c for c in columns)))

    def _defined(self, tree: exp.Expr, name: str, query: exp.Query) -> str:
        """The view's statement with the full name of all that it reads."""
        for node in real_tables(query, self.base.dialect):
            node.set("db", exp.to_identifier(node.db or self.schema, quoted=True))
            node.set("catalog", None)
        schema, _, last = name.rpartition(".")
        this: exp.Expr = exp.table_(last, db=schema, quoted=True)
        if isinstance(tree.this, exp.Schema):
            this = exp.Schema(
                this=this, expressions=[exp.to_identifier(e.name, quoted=True) for e in tree.this.expressions]
            )
        return exp.Create(this=this, kind="VIEW", expression=query).sql(self.base.dialect)

    def _parent(self, part: exp.Expr) -> Table | None:
        """The table whose columns come along: of a partition, an inheritance or a LIKE."""
        if isinstance(part, exp.PartitionedOfProperty | exp.InheritsProperty | exp.LikeProperty):
            return self._find(self._name(part))
        return None

    def _columns(self, statement: Statement, part: exp.Expr) -> list[Column]:
        if isinstance(part, exp.ColumnDef):
            return [self._column(statement, part)]
        if isinstance(part, exp.LikeProperty):
            parent = self._parent(part)
            if parent is None:
                raise statement.problem(f"is like `{self._name(part)}`, which is not known.")
            return list(parent.columns)
        return []  # a constraint

    def _column(self, statement: Statement, part: exp.ColumnDef) -> Column:
        kind = part.args.get("kind")
        if kind is None:
            raise statement.problem(f"gives `{part.name}` no type.")
        written = kind.sql(self.base.dialect)
        strict = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)
        constraints = [c.kind for c in part.args.get("constraints") or ()]
        nullable = not any(isinstance(c, strict) and not c.args.get("allow_null") for c in constraints)
        return Column(part.name, SERIAL.get(written.upper(), written), nullable=nullable)

    # ALTER

    def _alter(self, statement: Statement, tree: exp.Expr) -> None:
        if str(tree.args.get("kind") or "").upper() not in ("TABLE", "VIEW"):
            raise statement.problem("cannot be judged: what it would do to the tables is not known.")
        name = self._name(tree.this)
        table = self._there(statement, name, optional=bool(tree.args.get("exists")))
        if table is None:
            return
        for action in tree.args.get("actions") or ():
            table = self._acted(statement, table, action)

    def _acted(self, statement: Statement, table: Table, action: exp.Expr) -> Table:
        if isinstance(action, exp.AlterRename):
            target = action.find(exp.Table)
            last = target.name if target is not None else ""
            return self._moved(table, f"{table.name.rpartition('.')[0]}.{last}")
        if isinstance(action, exp.AddConstraint):
            return table
        if isinstance(action, exp.Command) or not isinstance(
            action, exp.RenameColumn | exp.ColumnDef | exp.Drop | exp.AlterColumn
        ):
            raise statement.problem("cannot be judged: what it would do to the columns is not known.")
        if isinstance(action, exp.Drop) and str(action.args.get("kind") or "").upper() == "CONSTRAINT":
            return table
        changed = replace(table, columns=self._changed(statement, table, action))
        if isinstance(action, exp.Drop) and action.args.get("cascade"):
            self._note_cascade(table.name)
        self._put(changed)
        return changed

    def _changed(self, statement: Statement, table: Table, action: exp.Expr) -> tuple[Column, ...]:
        if isinstance(action, exp.ColumnDef):
            if table.column(action.name) is not None:
                if action.args.get("exists"):
                    return table.columns
                raise statement.problem(f"adds `{action.name}`, which `{table.name}` has already.")
            return (*table.columns, self._column(statement, action))
        if isinstance(action, exp.Drop):
            gone = action.find(exp.Column)
            found = self._has(statement, table, gone.name if gone else "", optional=bool(action.args.get("exists")))
            return tuple(column for column in table.columns if column != found)
        found = self._has(statement, table, action.this.name, optional=bool(action.args.get("exists")))
        if found is None:
            return table.columns
        new = found
        if isinstance(action, exp.RenameColumn):
            new = replace(found, name=action.args["to"].name)
            self.renames.append(ColumnRenamed(table.name, found.name, new.name, 1.0))
        elif (kind := action.args.get("dtype")) is not None:
            new = replace(found, type=kind.sql(self.base.dialect))
        elif action.args.get("allow_null") is not None or "NOT NULL" in statement.text.upper():
            new = replace(found, nullable=bool(action.args.get("allow_null")))
        return tuple(new if column == found else column for column in table.columns)

    def _has(self, statement: Statement, table: Table, name: str, *, optional: bool) -> Column | None:
        found = table.column(name)
        if found is None and not optional:
            hint = did_you_mean(name, (column.name for column in table.columns))
            raise statement.problem(f"changes `{name}`, which `{table.name}` does not have.", hint)
        return found

    def _moved(self, table: Table, to: str) -> Table:
        self.tables.pop(table.name)
        moved = replace(table, name=to)
        self._put(moved)
        self.told.add(table.name)
        self.renames.append(TableRenamed(table.name, to, 1.0))
        return moved

    def _by_words(self, statement: Statement, tree: exp.Expr) -> None:
        """ALTER statements that the parser leaves as text."""
        del tree
        words = statement.words
        upper = [word.upper() for word in words]
        if upper[0] == "ALTER" and upper[-3:-1] == ["SET", "SCHEMA"] and upper[1] in ("TABLE", "VIEW"):
            where = [word for word in words[2:-3] if word.upper() not in ("IF", "EXISTS", "ONLY")]
            name = "".join(where) if "." in where else f"{self.schema}.{where[-1]}"
            table = self._there(statement, name, optional="EXISTS" in upper)
            if table is not None:
                self._moved(table, f"{words[-1]}.{table.name.rpartition('.')[2]}")
            return
        if statement.starts == "ALTER SCHEMA" and upper[3:5] == ["RENAME", "TO"]:
            for table in [t for t in self.tables.values() if t.name.rpartition(".")[0] == words[2]]:
                self._moved(table, f"{words[5]}.{table.name.rpartition('.')[2]}")
            return
        if statement.starts in ("ALTER TABLE", "ALTER VIEW") and QUIET_ALTERS & set(upper):
            return
        if statement.starts in ("ALTER SCHEMA", "ALTER MATERIALIZED") and "OWNER" in upper:
            return
        raise statement.problem("cannot be judged: what it would do to the tables is not known.")

    # DROP

    def _drop(self, statement: Statement, tree: exp.Expr) -> None:
        kind = str(tree.args.get("kind") or "").upper()
        optional = bool(tree.args.get("exists"))
        for node in tree.args.get("tables") or ():
            if kind == "SCHEMA":
                schema = node.db or node.name
                names = [name for name in self.tables if name.rpartition(".")[0].casefold() == schema.casefold()]
            elif kind in ("TABLE", "VIEW"):
                table = self._there(statement, self._name(node), optional=optional)
                names = [] if table is None else [table.name]
            else:
                names = []  # indexes, sequences, functions
            for name in names:
                self._dropped(name, cascade=bool(tree.args.get("cascade")))

    def _dropped(self, name: str, *, cascade: bool) -> None:
        if cascade:
            now = replace(self.base, tables=dict(self.tables))
            above = [t.name for t in now.tables.values() if t.definition and name in with_tables_below([t.name], now)]
            for view in above:
                self.tables.pop(view, None)
                self.told.add(view)
        self.tables.pop(name, None)
        self.told.add(name)

    def _note_cascade(self, name: str) -> None:
        self.notes.append(
            f"CASCADE on a column of `{name}`: views that the engine would drop with it are still judged."
        )
