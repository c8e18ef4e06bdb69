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
from vedder_core.schema import Catalog, Routine
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
TABLES = f"""WITH {SEEN}
    SELECT s.oid::bigint AS oid, s.nspname || '.' || s.relname AS name, s.relkind::text AS kind,
           d.description AS comment,
           CASE WHEN s.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(s.oid) END AS definition
    FROM seen s LEFT JOIN pg_catalog.pg_description d
      ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
    ORDER BY s.oid"""  # noqa: S608 - ours
COLUMNS = f"""WITH {SEEN}
    SELECT s.oid::bigint AS oid, a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
           NOT a.attnotnull AS nullable, d.description AS comment
    FROM seen s JOIN pg_catalog.pg_attribute a ON a.attrelid = s.oid AND a.attnum > 0 AND NOT a.attisdropped
      LEFT JOIN pg_catalog.pg_description d
        ON d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum
    WHERE s.whole OR pg_catalog.has_column_privilege(s.oid, a.attnum, 'SELECT')
    ORDER BY s.oid, a.attnum"""  # noqa: S608 - ours
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
SCHEMAS = "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'"


def list_tables(connection: psycopg.Connection, schemas: Sequence[str]) -> Catalog:
    """Every table and view that the role may read, by dotted name. Raises WarehouseError for a schema that is not."""
    if schemas:
        _must_be_there(connection, schemas)
    wanted = sql.Literal(list(schemas) or None)
    tables = _read(connection, TABLES, wanted, {"oid": pa.int64()})
    columns = _by_table(tables["oid"], _read(connection, COLUMNS, wanted, {"oid": pa.int64(), "nullable": pa.bool_()}))
    definitions = tables["definition"].to_pylist()
    kinds = ["view" if kind in ("v", "m") else "table" for kind in tables["kind"].to_pylist()]
    rows = pa.table(
        [
            tables["name"].combine_chunks(),
            pa.array(kinds, pa.string()),
            tables["comment"].combine_chunks(),
            pa.nulls(tables.num_rows, pa.int64()),
            tables["definition"].combine_chunks(),
            pa.array(fingerprints_of(columns, definitions), pa.string()),
            columns,
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


def _read(
    connection: psycopg.Connection, statement: str, schemas: sql.Literal, types: dict[str, pa.DataType]
) -> pa.Table:
    """Rows as Arrow; what is not in `types` is text. A million columns come as CSV in a second, as objects in five."""
    query = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(sql.SQL(statement).format(schemas=schemas))
    with connection.cursor().copy(query) as copying:
        text = b"".join(copying)
    names = text[: text.index(b"\n")].decode().split(",")
    return pa_csv.read_csv(
        io.BytesIO(text),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True),
        convert_options=pa_csv.ConvertOptions(
            column_types={name: types.get(name, pa.string()) for name in names},
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
