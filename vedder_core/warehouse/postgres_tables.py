"""Tables by name in the server's own terms, and what lies below them: views' sources, partitions, children."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import psycopg
from sqlglot import exp

from vedder_core.errors import WarehouseError
from vedder_core.problem import did_you_mean
from vedder_core.warehouse.postgres_catalog import list_tables

FIND = """
    SELECT n.nspname, c.relname, c.oid, c.relkind, c.relhassubclass,
           CASE WHEN c.relkind IN ('r', 'm', 'p') THEN
             (SELECT pg_catalog.sum(pg_catalog.pg_table_size(relid))::bigint FROM (
                SELECT c.oid AS relid UNION SELECT relid FROM pg_catalog.pg_partition_tree(c.oid)) AS parts) END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname || '.' || c.relname = ANY (%s)
      AND (%s::text[] IS NULL OR n.nspname = ANY (%s))"""
UNIQUE = """
    SELECT a.attname FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = %s AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1
      AND i.indpred IS NULL AND i.indkey[0] > 0"""
BELOW = """
    WITH RECURSIVE roots AS (
      SELECT c.oid, n.nspname || '.' || c.relname AS name FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname || '.' || c.relname = ANY (%s)),
    below AS (
      SELECT name AS root, oid FROM roots
      UNION
      SELECT b.root, x.oid FROM below b CROSS JOIN LATERAL (
        SELECT d.refobjid FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> b.oid
        JOIN pg_catalog.pg_class v ON v.oid = r.ev_class AND v.relkind = 'v'
        WHERE r.ev_class = b.oid
        UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits i WHERE i.inhparent = b.oid) x (oid))
    SELECT b.root, c.oid, n.nspname || '.' || c.relname, c.relkind FROM below b
    JOIN pg_catalog.pg_class c ON c.oid = b.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')"""
VIEWS = ("v", "m")


@dataclass(frozen=True, slots=True)
class Found:
    """A table in the server's own terms. `bytes` is None for what is not stored itself."""

    schema: str
    name: str
    oid: int
    kind: str
    parent: bool
    bytes: int | None

    def tree(self) -> exp.Table:
        return exp.table_(self.name, db=self.schema, quoted=True)

    def written(self) -> str:
        return self.tree().sql("postgres")

    @property
    def stored(self) -> bool:
        """Has it rows of its own, in blocks that can be sampled?"""
        return self.kind in ("r", "m", "p")


@dataclass(frozen=True, slots=True)
class Below:
    """A table and all that it reads: views' sources, partitions, children. `views` says that views are among them."""

    root: str
    oids: frozenset[int]
    names: frozenset[str]
    views: bool


def find_tables(connection: psycopg.Connection, names: Iterable[str], schemas: Sequence[str]) -> Mapping[str, Found]:
    """The tables with these dotted names; one that is not there is left out."""
    within = list(schemas) or None
    rows = connection.execute(FIND, [list(names), within, within]).fetchall()
    return {f"{row[0]}.{row[1]}": Found(*row) for row in rows}


def find_table(connection: psycopg.Connection, name: str, schemas: Sequence[str]) -> Found:
    """Raises WarehouseError with the nearest name where there is no such table."""
    found = find_tables(connection, [name], schemas).get(name)
    if found is None:
        known = list_tables(connection, schemas).tables
        raise WarehouseError(
            f"The warehouse holds no table `{name}`.", hint=did_you_mean(name, known) or "It is empty."
        )
    return found


def find_below(connection: psycopg.Connection, names: Iterable[str]) -> list[Below]:
    """Each table with what it reads, through views over views; a materialized view holds its own rows."""
    oids: dict[str, set[int]] = defaultdict(set)
    below: dict[str, set[str]] = defaultdict(set)
    views = set()
    for root, oid, name, kind in connection.execute(BELOW, [list(names)]):
        oids[root].add(oid)
        below[root].add(name)
        if kind in VIEWS:
            views.add(root)
    return [Below(root, frozenset(oids[root]), frozenset(below[root]), root in views) for root in oids]


def list_unique_columns(connection: psycopg.Connection, table: Found) -> frozenset[str]:
    """Columns that an index keeps unique on their own."""
    return frozenset(str(name) for (name,) in connection.execute(UNIQUE, [table.oid]))
