"""dbt's manifest (and catalog.json beside it) read as what the warehouse would be.

A relation's columns are believed from, in this order: an enforced contract, a catalog.json that is not older than the
manifest, the compiled SQL (which the shadow binds). Documented columns may be some of many: what a pair uses beyond
them is not judged.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_core.against.dbt.files import Listed, Manifest, Node, read_listing, read_manifest
from vedder_core.against.proposal import Proposal
from vedder_core.errors import SourceError
from vedder_core.schema import Catalog, Column, Table
from vedder_core.sql.names import fold_names
from vedder_core.sql.parse import PARSER_FAULTS
from vedder_core.sql.scope import real_tables

BUILT = ("model", "seed", "snapshot")
SAY_MORE = "`dbt compile`, `dbt docs generate` or an enforced contract would tell"


def read_dbt(
    manifest: Path,
    before: Catalog | None,
    *,
    dialect: str,
    whole: bool = False,
    schemas: Mapping[str, str] | None = None,
) -> Proposal:
    """What the relations of a manifest make of the catalog `before`. With `whole` nothing else is there; `schemas` maps
    schemas of the manifest, as of a trial build, to those of the warehouse. Raises SourceError.
    """
    read = read_manifest(manifest)
    adapter = read.metadata.adapter_type
    if adapter is not None and adapter != dialect:
        raise SourceError(
            f"{manifest} is of the adapter `{adapter}`, but the clusters' SQL is of `{dialect}`.",
            hint="Set VEDDER_WAREHOUSE to the warehouse that this dbt project builds.",
        )
    return _Dbt(read, before, dialect, schemas or {}, *read_listing(manifest, read)).proposal(
        str(manifest), whole=whole
    )


class _Dbt:
    def __init__(
        self,
        manifest: Manifest,
        before: Catalog | None,
        dialect: str,
        schemas: Mapping[str, str],
        listed: Mapping[str, Listed],
        notes: tuple[str, ...],
    ) -> None:
        self._base = before or Catalog(dialect, dialect)
        self._known = before is not None
        self._dialect = dialect
        self._schemas = {name.casefold(): to for name, to in schemas.items()}
        self._listed = listed
        self._notes = list(notes)
        self._built = [node for node in manifest.nodes.values() if node.resource_type in BUILT and node.relation_name]
        self._sources = [node for node in manifest.sources.values() if node.relation_name]
        self._moved = dict(self._deferred())
        self._unsure: dict[str, str] = {}

    def proposal(self, name: str, *, whole: bool) -> Proposal:
        listed = {self._name(node.relation_name or "") for node in (*self._built, *self._sources)}
        tables = {name: table for name, table in self._base.tables.items() if not whole or name in listed}
        told: set[str] = set()
        for node in self._built:
            if node.deferred:
                continue  # not of this change: it stays as it is
            table = self._table(node)
            told.add(table.name)
            tables[table.name] = table
        for node in self._sources:
            dotted = self._name(node.relation_name or "")
            if self._base.find(dotted) is None:
                table = self._listed_or_documented(node, dotted)
                tables[table.name] = table
        return Proposal(
            kind="dbt",
            name=name,
            after=replace(self._base, tables=tables),
            told=frozenset(told),
            unsure=self._unsure,
            notes=tuple(self._notes),
            whole=whole or self._known,
        )

    def _deferred(self) -> "list[tuple[str, str]]":
        """What a trial build calls a relation, and what it is called in production."""
        pairs = [(node.relation_name, node.defer_relation) for node in self._built]
        return [
            (self._dotted(ours).casefold(), self._dotted(theirs.relation_name))
            for ours, theirs in pairs
            if ours is not None and theirs is not None and theirs.relation_name is not None
        ]

    def _dotted(self, relation: str) -> str:
        """`schema.table` of a relation's quoted name; the database is the warehouse itself."""
        try:
            table = exp.to_table(relation, dialect=self._dialect)
        except (SqlglotError, *PARSER_FAULTS) as error:
            raise SourceError(f"`{relation}` is no name of a relation.", hint="Make the manifest anew.") from error
        table = fold_names(table, self._dialect)
        return f"{table.db}.{table.name}" if table.db else table.name

    def _name(self, relation: str) -> str:
        dotted = self._dotted(relation)
        moved = self._moved.get(dotted.casefold(), dotted)
        schema, _, last = moved.rpartition(".")
        name = f"{self._schemas.get(schema.casefold(), schema)}.{last}"
        found = self._base.find(name)
        return found.name if found is not None else name

    def _table(self, node: Node) -> Table:
        name = self._name(node.relation_name or "")
        columns = node.columns.values()
        enforced = node.contract.enforced or node.config.contract.enforced
        if enforced and columns and all(column.data_type for column in columns):
            return Table(name, tuple(Column(column.name, column.data_type or "") for column in columns))
        if node.unique_id in self._listed:
            return self._listed_or_documented(node, name)
        compiled = self._compiled(node, name)
        if compiled is not None:
            return Table(name, (), kind="view", definition=compiled)
        return self._listed_or_documented(node, name)

    def _listed_or_documented(self, node: Node, name: str) -> Table:
        listed = self._listed.get(node.unique_id)
        if listed is not None:
            found = sorted(listed.columns.values(), key=lambda column: column.index)
            return Table(name, tuple(Column(column.name, column.type) for column in found))
        self._unsure[name] = (
            f"The manifest documents {len(node.columns)} columns of `{name}`, which may not be all: {SAY_MORE}."
        )
        now = self._base.find(name)
        typed = {column.name.casefold(): column.type for column in (now.columns if now is not None else ())}
        columns = node.columns.values()
        return Table(name, tuple(Column(c.name, c.data_type or typed.get(c.name.casefold(), "")) for c in columns))

    def _compiled(self, node: Node, name: str) -> str | None:
        """The model's SQL as a view over what its relations are called in the warehouse; None where it cannot be."""
        if node.resource_type != "model" or not node.compiled_code or node.language != "sql":
            return None
        try:
            query = parse_one(node.compiled_code, read=self._dialect)
        except (SqlglotError, RecursionError, *PARSER_FAULTS):
            return None
        if not isinstance(query, exp.Query):
            return None
        for table in real_tables(fold_names(query, self._dialect), self._dialect):
            read = self._name(table.sql(self._dialect))
            if read.casefold() == name.casefold():
                return None  # an incremental model reads itself
            schema, _, last = read.rpartition(".")
            table.set("this", exp.to_identifier(last, quoted=True))
            table.set("db", exp.to_identifier(schema, quoted=True) if schema else None)
            table.set("catalog", None)
        schema, _, last = name.rpartition(".")
        return exp.Create(this=exp.table_(last, db=schema, quoted=True), kind="VIEW", expression=query).sql(
            self._dialect
        )
