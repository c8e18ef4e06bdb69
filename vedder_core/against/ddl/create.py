"""CREATE TABLE and CREATE VIEW: what a table is, whatever it was before."""

from dataclasses import replace

from sqlglot import exp

from vedder_core.against.ddl.becoming import Becoming
from vedder_core.against.ddl.frozen import frozen
from vedder_core.against.ddl.statements import Statement
from vedder_core.against.proposal import BY_KEY
from vedder_core.schema import Column, Table
from vedder_core.sql.scope import real_tables

SERIAL = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}
STRICT = (exp.NotNullColumnConstraint, exp.PrimaryKeyColumnConstraint)


def create(becoming: Becoming, statement: Statement, tree: exp.Expr) -> None:
    """Put in the table or the view. Raises SourceError where its columns cannot be told."""
    kind = str(tree.args.get("kind") or "").upper()
    if kind not in ("TABLE", "VIEW"):
        return  # schemas, indexes, sequences, functions
    properties = tree.args.get("properties")
    made = list(properties.expressions) if properties is not None else []
    if any(isinstance(p, exp.TemporaryProperty) for p in made):
        return
    name = becoming.name(tree.this)
    query = tree.args.get("expression")
    becoming.unsure.pop(name, None)
    if isinstance(query, exp.Query):
        query = frozen(becoming, name, query) if kind == "TABLE" else query
        becoming.put(Table(name, (), kind="view", definition=_definition(becoming, tree, name, query)))
        return
    if not isinstance(tree.this, exp.Schema) and not any(isinstance(p, exp.PartitionedOfProperty) for p in made):
        raise statement.problem("does not say which columns it creates.")
    columns = [column for part in made if (of := _parent(becoming, part)) for column in of.columns]
    for part in tree.this.expressions if isinstance(tree.this, exp.Schema) else ():
        columns += _columns(becoming, statement, part)
    key = key_in(tree)
    strict = {column.casefold() for column in key}
    columns = [replace(c, nullable=False) if c.name.casefold() in strict else c for c in columns]
    if any(isinstance(part, exp.LikeProperty) for part in (tree.this.expressions if key == () else ())):
        becoming.loosened.add(name)  # INCLUDING ALL takes a key along
    becoming.put(Table(name, tuple(columns), key=key if becoming.dialect in BY_KEY else ()))


def key_in(tree: exp.Expr) -> tuple[str, ...]:
    """The columns of the primary key that a statement gives."""
    named = [column.name for key in tree.find_all(exp.PrimaryKey) for column in key.find_all(exp.Identifier)]
    beside = (one.find_ancestor(exp.ColumnDef) for one in tree.find_all(exp.PrimaryKeyColumnConstraint))
    return tuple(named or (column.name for column in beside if column is not None))


def _definition(becoming: Becoming, tree: exp.Expr, name: str, query: exp.Query) -> str:
    """The view's statement with the full name of all that it reads."""
    for node in real_tables(query, becoming.dialect):
        node.set("db", exp.to_identifier(node.db or becoming.schema, quoted=True))
        node.set("catalog", None)
    schema, _, last = name.rpartition(".")
    this: exp.Expr = exp.table_(last, db=schema, quoted=True)
    if isinstance(tree.this, exp.Schema):
        named = [exp.to_identifier(column.name, quoted=True) for column in tree.this.expressions]
        this = exp.Schema(this=this, expressions=named)
    return exp.Create(this=this, kind="VIEW", expression=query).sql(becoming.dialect)


def _parent(becoming: Becoming, part: exp.Expr) -> Table | None:
    """The table whose columns come along: of a partition, an inheritance or a LIKE."""
    if isinstance(part, exp.PartitionedOfProperty | exp.InheritsProperty | exp.LikeProperty):
        return becoming.find(becoming.name(part))
    return None


def _columns(becoming: Becoming, statement: Statement, part: exp.Expr) -> list[Column]:
    if isinstance(part, exp.ColumnDef):
        return [defined_column(statement, part)]
    if isinstance(part, exp.LikeProperty):
        parent = _parent(becoming, part)
        if parent is None:
            raise statement.problem(f"is like `{becoming.name(part)}`, which is not known.")
        return list(parent.columns)
    return []  # a constraint


def defined_column(statement: Statement, part: exp.ColumnDef) -> Column:
    """A column as a statement defines it. Raises SourceError of one without a type."""
    kind = part.args.get("kind")
    if kind is None:
        raise statement.problem(f"gives `{part.name}` no type.")
    written = kind.sql(statement.dialect)
    constraints = [c.kind for c in part.args.get("constraints") or ()]
    nullable = not any(isinstance(c, STRICT) and not c.args.get("allow_null") for c in constraints)
    return Column(part.name, SERIAL.get(written.upper(), written), nullable=nullable)
