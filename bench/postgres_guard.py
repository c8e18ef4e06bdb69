"""The guard's corpus on a real PostgreSQL: its warehouse, and an oracle that knows nothing of the guard.

The oracle is the server twice: which relations the plan scans (EXPLAIN VERBOSE), and which relations, columns and
functions that somebody made the bound query depends on, as the catalog writes it down for a view. The second sees
hidden columns, and what the planner would optimize away. The role owns everything: nothing but the guard is between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql as pg
from sqlglot import transpile
from sqlglot.errors import SqlglotError

from bench.mutations import CANARY, GRANTED_SCHEMAS, HIDDEN, GuardCorpus, Statement
from vedder_core.schema import Column, Table
from vedder_core.sql.guard import Granted, GuardedQuery

MOST_ROWS = 300
TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
BELOW_VIEWS = {"sales.v_recent": {"sales.orders"}}
EXTRAS = """
CREATE VIEW main.v_leak AS SELECT * FROM hr.salaries;
CREATE VIEW sales.v_recent AS SELECT * FROM sales.orders WHERE order_date > date '2025-01-01';
CREATE SEQUENCE sales.seq_order;
CREATE FUNCTION main.m_leak() RETURNS SETOF hr.salaries LANGUAGE sql STABLE AS 'SELECT * FROM hr.salaries';
CREATE FUNCTION public.m_scalar() RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM hr.salaries';
CREATE FUNCTION public.leak(sales.orders) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM hr.salaries';
CREATE FUNCTION public.lower(sales.orders) RETURNS text LANGUAGE sql STABLE AS 'SELECT max(ssn) FROM hr.salaries';
CREATE TABLE sales."Orders" (order_id integer, memo text);
INSERT INTO sales."Orders" VALUES (1, 'CANARY-CASE');
"""
SESSION = "SET search_path = ''; SET statement_timeout = '2s'; SET default_transaction_read_only = on"


def build(corpus: GuardCorpus, folder: Path, url: str) -> None:
    """Fill an empty database with the corpus's tables; of each the first rows, and all that hold a canary."""
    corpus.build(folder)
    with duckdb.connect(str(folder / "wh.duckdb"), read_only=True) as wh, psycopg.connect(plain(url)) as server:
        tables = wh.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()
        for schema in sorted({schema for schema, _ in tables}):
            server.execute(pg.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(pg.Identifier(schema)))
        for schema, table in tables:
            _copy(wh, server, schema, table)
        server.execute(EXTRAS.encode())


def _copy(wh: duckdb.DuckDBPyConnection, server: psycopg.Connection, schema: str, table: str) -> None:
    columns = wh.execute(f'DESCRIBE "{schema}"."{table}"').fetchall()
    name = pg.Identifier(schema, table)
    fields = (
        pg.SQL("{} {}").format(pg.Identifier(column[0]), pg.SQL(TYPES.get(column[1], column[1].lower())))
        for column in columns
    )
    server.execute(pg.SQL("CREATE TABLE {} ({})").format(name, pg.SQL(", ").join(fields)))
    rows = wh.execute(f'SELECT * FROM "{schema}"."{table}" LIMIT {MOST_ROWS}').fetchall()
    with server.cursor().copy(pg.SQL("COPY {} FROM STDIN").format(name)) as copy:
        for row in rows:
            copy.write_row(row)


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


class PostgresOracle:
    """Two plain connections to the corpus's database, as its owner: one that reads, one that binds and takes back."""

    dialect = "postgres"

    def __init__(self, url: str) -> None:
        self._reads = psycopg.connect(plain(url), autocommit=True)
        self._reads.execute(SESSION)
        self._binds = psycopg.connect(plain(url))
        self._binds.execute("SET search_path = ''")
        self._binds.commit()

    def granted(self, *, without: str = "") -> Granted:
        rows = self._reads.execute(
            "SELECT table_schema || '.' || table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = ANY (%s) AND table_name <> 'Orders' ORDER BY table_name, ordinal_position",
            [list(GRANTED_SCHEMAS)],
        ).fetchall()
        columns: dict[str, list[Column]] = {}
        for table, column, kind in rows:
            columns.setdefault(table, []).append(Column(column, kind))
        return Granted({name: Table(name, tuple(own)) for name, own in columns.items() if name != without}, HIDDEN)

    def rows(self, sql: str, most: int = 1_000_000) -> list[tuple[object, ...]]:
        return self._reads.execute(sql.encode()).fetchmany(most)

    def told(self, sql: str) -> str:
        """The first rows, or what the server says against it."""
        try:
            return repr(self.rows(sql, 100))
        except (psycopg.Error, ValueError, OverflowError) as error:
            return str(error)

    def shows_canary(self, sql: str) -> bool:
        return CANARY in self.told(sql) and CANARY not in sql

    def scans(self, sql: str) -> frozenset[str] | None:
        """What the server would read and call: `schema.table`, `function ...`, `hidden ...`; None if it cannot."""
        try:
            said = self._reads.execute(f"EXPLAIN (VERBOSE, FORMAT JSON) {sql}".encode()).fetchone()
        except psycopg.Error:
            return None
        return frozenset(_scanned(said[0] if said else [])) | self._bound(sql)

    def _bound(self, sql: str) -> frozenset[str]:
        """What a view of this query would depend on; nothing where the server makes no view of it."""
        try:
            self._binds.execute(f"CREATE TEMP VIEW judged AS SELECT 1 AS one WHERE EXISTS ({sql}\n)".encode())
            found = self._binds.execute(DEPENDS).fetchall()
        except psycopg.Error:
            found = []
        finally:
            self._binds.rollback()
        hidden = {f"{table}.{column}" for table, columns in HIDDEN.items() for column in columns}
        names = set()
        for kind, name, column in found:
            names.add(name if kind == "pg_class" else f"{kind} {name}")
            if f"{name}.{column}" in hidden:
                names.add(f"hidden {name}.{column}")
        return frozenset(names)

    def may_scan(self, query: GuardedQuery) -> set[str]:
        """What a guarded query may read: its own datasets, and what lies below its views."""
        below = {name for dataset in query.datasets for name in BELOW_VIEWS.get(dataset, ())}
        return set(query.datasets) | below

    def effects(self) -> list[object]:
        """What a query could have changed: rows, sequences, settings, large objects, locks, and what there is."""
        return [self._reads.execute(sql.encode()).fetchall() for sql in EFFECTS]

    def close(self) -> None:
        self._reads.close()
        self._binds.close()


DEPENDS = b"""
SELECT d.refclassid::pg_catalog.regclass::text,
    CASE d.refclassid WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN
        (SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = d.refobjid)
    ELSE d.refobjid::text END,
    (SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     AND d.refobjsubid > 0)
FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite r ON d.objid = r.oid
WHERE r.ev_class = 'pg_temp.judged'::pg_catalog.regclass AND d.refobjid <> r.ev_class
    AND d.refclassid <> 'pg_catalog.pg_namespace'::pg_catalog.regclass
"""
EFFECTS = (
    "SELECT relname, relkind FROM pg_catalog.pg_class WHERE relnamespace <> 'pg_toast'::pg_catalog.regnamespace",
    "SELECT schemaname, relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_catalog.pg_stat_user_tables",
    "SELECT name, setting FROM pg_catalog.pg_settings",
    "SELECT last_value, is_called FROM sales.seq_order",
    "SELECT oid FROM pg_catalog.pg_largeobject_metadata",
    "SELECT locktype, mode FROM pg_catalog.pg_locks WHERE locktype = 'advisory'",
    "SELECT channel FROM pg_catalog.pg_listening_channels() AS channel",
    "SELECT pg_catalog.pg_postmaster_start_time(), pg_catalog.pg_conf_load_time()",
)


def _scanned(said: object) -> Iterator[str]:
    """Every relation of a plan, and every function of somebody's that makes rows."""
    if isinstance(said, list):
        for part in said:
            yield from _scanned(part)
    elif isinstance(said, dict):
        if "Relation Name" in said:
            yield f"{said.get('Schema')}.{said['Relation Name']}"
        if "Function Name" in said and said.get("Schema") != "pg_catalog":
            yield f"function {said['Function Name']}"
        for value in said.values():
            yield from _scanned(value)


def in_postgres(statements: Sequence[Statement], oracle: PostgresOracle) -> Iterator[Statement]:
    """Honest statements as PostgreSQL runs them: its own, and those of DuckDB that can be written in its words."""
    for statement in statements:
        if statement.dialect not in ("postgres", "duckdb"):
            continue
        try:
            written = transpile(statement.sql, read=statement.dialect, write="postgres")[0]
        except SqlglotError:
            continue
        sql = statement.sql if statement.dialect == "postgres" else written
        if oracle.scans(sql) is not None:
            yield replace(statement, sql=sql, dialect="postgres")
