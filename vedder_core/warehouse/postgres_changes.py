"""Marks of a table's data: what changes when rows were added, removed or updated.

Small tables that the role may read are scanned for the identities of their row versions (`ctid`, `xmin`): such a mark
is exact, sees each committed change at once, and costs some milliseconds. All others, and tables below views that the
role may not read itself, are marked by the server's counters, which are cheap and late: a session tells its counts at
most once a second and at its end, and a long transaction only afterwards. A change is seen then, and never missed
unless counters were reset to the same numbers; a restart of the server counts as a change. Foreign tables, and views
that call functions which may read, count as changed whenever they are asked for.

While no transaction at all has been begun that writes (the server's snapshot is the same), the last marks hold.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import psycopg
from sqlglot import exp

from vedder_core.schema import Table
from vedder_core.warehouse.postgres_tables import find_below

SCANNED_BYTES = 4_194_304
"""Tables up to this size are scanned for their mark."""

NOW = """
    SELECT pg_catalog.concat_ws('/', pg_catalog.pg_postmaster_start_time(), d.oid, current_user),
           pg_catalog.pg_current_snapshot()::text
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"""
SCAN = """
    SELECT {oid}, pg_catalog.concat(pg_catalog.count(*), '/',
      pg_catalog.sum(pg_catalog.hashtidextended(ctid, xmin::text::bigint))) FROM ONLY {table}"""
RELATIONS = """
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 'u',
           pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
           CASE WHEN c.relkind IN ('r', 'm') THEN pg_catalog.pg_relation_size(c.oid) END,
           pg_catalog.concat_ws('/', c.relfilenode, pg_catalog.pg_stat_get_tuples_inserted(c.oid),
             pg_catalog.pg_stat_get_tuples_updated(c.oid), pg_catalog.pg_stat_get_tuples_deleted(c.oid),
             pg_catalog.pg_stat_get_db_stat_reset_time(d.oid)),
           CASE WHEN c.relkind = 'v' THEN pg_catalog.pg_get_viewdef(c.oid) END
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
    WHERE c.oid = ANY (%s)"""
READING_FUNCTIONS = """
    SELECT DISTINCT r.ev_class FROM pg_catalog.pg_rewrite r
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
      AND d.refclassid = 'pg_catalog.pg_proc'::regclass
    JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE r.ev_class = ANY (%s) AND p.provolatile <> 'i' AND l.lanname NOT IN ('internal', 'c')"""
SCANS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Relation:
    """One table or view below; `counters` are the server's, `definition` a view's SQL."""

    oid: int
    schema: str
    name: str
    kind: str
    unlogged: bool
    readable: bool
    bytes: int | None
    counters: str
    definition: str | None

    @property
    def scanned(self) -> bool:
        return self.readable and self.bytes is not None and self.bytes <= SCANNED_BYTES

    def statement(self) -> str:
        table = exp.table_(self.name, db=self.schema, quoted=True).sql("postgres")
        return SCAN.format(oid=self.oid, table=table)


def marks(connection: psycopg.Connection, tables: Iterable[Table]) -> Mapping[str, str]:
    """A mark for each table, in one transaction; a table that the warehouse does not hold has none."""
    below = find_below(connection, [table.name for table in tables])
    oids = sorted({oid for each in below for oid in each.oids})
    relations = {row[0]: Relation(*row) for row in connection.execute(RELATIONS, [oids])}
    unknown = {oid for (oid,) in connection.execute(READING_FUNCTIONS, [oids])}
    unknown |= {oid for oid, relation in relations.items() if relation.kind == "f"}
    server, snapshot = connection.execute(NOW).fetchall()[0]
    scanned = _scan(connection, [r for r in relations.values() if r.scanned], _remembered(server, snapshot))
    return {
        each.root: uuid.uuid4().hex
        if each.oids & unknown
        else _digest(_mark(relations[oid], scanned, server) for oid in each.oids if oid in relations)
        for each in below
    }


def _scan(
    connection: psycopg.Connection, relations: Sequence[Relation], remembered: dict[int, str]
) -> Mapping[int, str]:
    """Marks of the tables' row versions; of logged tables they hold as long as the snapshot does."""
    waiting = [relation for relation in relations if relation.unlogged or relation.oid not in remembered]
    for start in range(0, len(waiting), SCANS_AT_ONCE):
        statement = " UNION ALL ".join(relation.statement() for relation in waiting[start : start + SCANS_AT_ONCE])
        remembered.update((oid, mark) for oid, mark in connection.execute(statement.encode()))
    return remembered


@lru_cache(maxsize=8)
def _remembered(server: str, snapshot: str) -> dict[int, str]:  # noqa: ARG001
    """What this process found out about one snapshot, for every opening of the server: a sensor asks each minute."""
    return {}


def _mark(relation: Relation, scanned: Mapping[int, str], server: str) -> str:
    """What is stored by its rows or its counters; a view by what it says, a partitioned table by its parts alone."""
    if relation.bytes is None:
        return f"{relation.schema}.{relation.name}={relation.definition or ''}"
    if relation.scanned:
        return f"{relation.oid}={scanned[relation.oid]}"
    return f"{relation.oid}={relation.bytes}/{relation.counters}/{server}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:32]
