"""What a PostgreSQL database holds and the role may read, in three statements for any number of tables.

Partitions are parts of their table and none of their own; what belongs to an extension is the system's. Row counts are
left out: the server keeps guesses, and they are used to choose the plan of a profile, never told as counts.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pa_csv
from psycopg import sql

from vedder_core.errors import WarehouseError
from vedder_core.problem import did_you_mean
from vedder_core.schema import KEY, Catalog, Routine
from vedder_core.schema_rows import COLUMN, ROWS, TableRows, fingerprints_of

VISIBLE = """
    n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    AND ({schemas}::text[] IS NULL OR n.nspname = ANY ({schemas}::text[]))"""
SEEN = f"""
    seen AS MATERIALIZED (
      SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.has_table_privilege(c.oid, 'SELECT') AS whole
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition AND {VISIBLE}
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_class'::regclass
                        AND e.objid = c.oid AND e.deptype = 'e')
        AND (pg_catalog.has_table_privilege(c.oid, 'SELECT')
             OR pg_catalog.has_any_column_privilege(c.oid, 'SELECT')))"""  # noqa: S608 - ours
QUOTED = """'"' || pg_catalog.replace({}, '"', '""') || '"'"""
LINES = "pg_catalog.string_agg(pg_catalog.concat_ws(',', {}), E'\\n' ORDER BY {})"
"""A thousand rows as one text of CSV: a million columns come as objects in five seconds, so in one."""

KEYS = """
    keys AS (
      SELECT c.conrelid, pg_catalog.string_agg(a.attname, E'\x1d' ORDER BY p.place) AS names
      FROM pg_catalog.pg_constraint c CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS p(attnum, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = p.attnum
      WHERE c.contype = 'p'
      GROUP BY c.conrelid
      HAVING pg_catalog.bool_and(pg_catalog.has_column_privilege(c.conrelid, a.attnum, 'SELECT')))"""
"""A key with a column that the role may not read is left out: nothing can be grouped by it."""

TABLE_FIELDS = ("oid", "name", "kind", "comment", "definition", "key")
TABLES = f"""WITH {SEEN}, {KEYS}, told AS (
      SELECT s.oid::bigint AS oid, {QUOTED.format("s.nspname || '.' || s.relname")} AS name, s.relkind::text AS kind,
             COALESCE({QUOTED.format("d.description")}, '') AS comment,
             COALESCE(CASE WHEN s.relkind IN ('v', 'm')
                      THEN {QUOTED.format("pg_catalog.pg_get_viewdef(s.oid)")} END, '') AS definition,
             COALESCE({QUOTED.format("k.names")}, '') AS key
      FROM seen s LEFT JOIN pg_catalog.pg_description d
        ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
      LEFT JOIN keys k ON k.conrelid = s.oid)
    SELECT {LINES.format(", ".join(TABLE_FIELDS), "oid")} FROM told
    GROUP BY oid / 1000 ORDER BY oid / 1000"""  # noqa: S608 - ours
COLUMN_FIELDS = ("oid", "name", "type", "nullable", "comment")
COLUMNS = f"""WITH {SEEN}, told AS (
      SELECT s.oid::bigint AS oid, a.attnum, {QUOTED.format("a.attname")} AS name,
             {QUOTED.format("pg_catalog.format_type(a.atttypid, a.atttypmod)")} AS type, NOT a.attnotnull AS nullable,
             COALESCE({QUOTED.format("d.description")}, '') AS comment
      FROM seen s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_catalog.pg_description d
          ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum
      WHERE s.whole OR pg_catalog.has_column_privilege(s.oid, a.attnum, 'SELECT'))
    SELECT {LINES.format(", ".join(COLUMN_FIELDS), "oid, attnum")} FROM told
    GROUP BY oid / 1000 ORDER BY oid / 1000"""  # noqa: S608 - ours
ROUTINES = f"""
    SELECT n.nspname || '.' || p.proname,
      pg_catalog.array_agg(pg_catalog.pg_get_function_arguments(p.oid) ORDER BY p.oid),
      pg_catalog.array_agg(COALESCE(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) ORDER BY p.oid)
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang
    WHERE p.prokind IN ('f', 'w') AND l.lanname NOT IN ('c', 'internal') AND {VISIBLE}
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_proc'::regclass
                      AND e.objid = p.oid AND e.deptype = 'e')
    GROUP BY 1 ORDER BY 1"""  # noqa: S608 - ours
TYPES: dict[str, pa.DataType] = {"oid": pa.int64(), "nullable": pa.bool_()}
SCHEMAS = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"


def list_tables(connection: psycopg.Connection, schemas: Sequence[str]) -> Catalog:
    """Every table and view that the role may read, by dotted name. Raises WarehouseError for a schema that is not."""
    if schemas:
        _must_be_there(connection, schemas)
    connection.execute("SET LOCAL work_mem = '128MB'")
    connection.execute("SET LOCAL jit = off")
    wanted = sql.Literal(list(schemas) or None)
    tables = _read(connection, TABLES, wanted, TABLE_FIELDS)
    columns = _by_table(tables["oid"], _read(connection, COLUMNS, wanted, COLUMN_FIELDS))
    definitions = tables["definition"].to_pylist()
    keys = [key.split(KEY) if key else None for key in tables["key"].to_pylist()]
    kinds = ["view" if kind in ("v", "m") else "table" for kind in tables["kind"].to_pylist()]
    rows = pa.table(
        [
            tables["name"].combine_chunks(),
            pa.array(kinds, pa.string()),
            tables["comment"].combine_chunks(),
            pa.nulls(tables.num_rows, pa.int64()),
            tables["definition"].combine_chunks(),
            pa.array(fingerprints_of(columns, definitions, keys), pa.string()),
            columns,
            pa.array(keys, ROWS.field("key").type),
        ],
        schema=ROWS,
    )
    return Catalog(
        "postgresql", "postgres", TableRows(rows), {each.name: each for each in _routines(connection, wanted)}
    )


def _by_table(tables: "pa.ChunkedArray[Any]", columns: pa.Table) -> "pa.ListArray[Any]":
    """The columns of each table; both come in the order of the tables' numbers."""
    column = pa.StructArray.from_arrays(
        [columns[name].combine_chunks() for name in ("name", "type", "nullable", "comment")], fields=list(COLUMN)
    )
    ends = np.searchsorted(columns["oid"].to_numpy(), tables.to_numpy(), side="right")
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], ends]), pa.int32()), column)


def _read(connection: psycopg.Connection, statement: str, schemas: sql.Literal, fields: Sequence[str]) -> pa.Table:
    """The lines that a statement gives, as Arrow."""
    told = connection.execute(sql.SQL(statement).format(schemas=schemas)).fetchall()
    text = "\n".join([",".join(fields), *(lines for (lines,) in told)])
    return pa_csv.read_csv(
        io.BytesIO(text.encode()),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types={field: TYPES.get(field, pa.string()) for field in fields},
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )


def _routines(connection: psycopg.Connection, schemas: sql.Literal) -> Iterable[Routine]:
    """The functions that views may call, written in a language that can be read."""
    for name, signatures, bodies in connection.execute(sql.SQL(ROUTINES).format(schemas=schemas)):
        yield Routine(name, tuple(signatures), tuple(bodies))


def _must_be_there(connection: psycopg.Connection, schemas: Sequence[str]) -> None:
    known = [str(name) for (name,) in connection.execute(SCHEMAS)]
    for schema in schemas:
        if schema not in known:
            raise WarehouseError(
                f"The warehouse has no schema `{schema}`, which `schemas=` in its URL names.",
                hint=did_you_mean(schema, known) or "Leave `schemas=` out.",
            )
