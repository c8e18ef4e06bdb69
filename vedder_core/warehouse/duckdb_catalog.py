"""What a DuckDB file holds, in one listing: tables and views with columns, comments and row counts, and macros.

Asking for one table costs as much as asking for all, so this is asked once for a state of the file.
"""

import itertools
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp

from vedder_core.errors import WarehouseError
from vedder_core.problem import did_you_mean
from vedder_core.schema import Catalog, Routine
from vedder_core.schema_rows import COLUMN, ROWS, TableRows, fingerprints_of, rows_of
from vedder_core.warehouse.duckdb_errors import DESCRIBE, class_of, has_given_up
from vedder_core.warehouse.duckdb_query import in_time

COLUMNS = """
    SELECT database_name, table_oid, column_name, data_type, is_nullable, comment
    FROM duckdb_columns() WHERE NOT internal AND database_name <> 'temp'
    ORDER BY database_name, table_oid, column_index"""
TABLES = """
    SELECT database_name, schema_name, table_name, table_oid, md5(sql) AS made, comment, estimated_size,
        NULL AS definition
    FROM duckdb_tables() WHERE NOT internal AND NOT temporary
    UNION ALL
    SELECT database_name, schema_name, view_name, view_oid, md5(sql), comment, NULL, sql
    FROM duckdb_views() WHERE NOT internal AND NOT temporary
    ORDER BY ALL"""
SEEN = ["database_name", "schema_name", "table_name", "table_oid", "made"]
MACROS = """
    SELECT database_name, schema_name, function_name, list(array_to_string(parameters, ', ') ORDER BY parameters),
        list(macro_definition ORDER BY parameters)
    FROM duckdb_functions()
    WHERE NOT internal AND macro_definition IS NOT NULL AND database_name <> 'temp'
    GROUP BY ALL ORDER BY ALL"""
UNIQUE = """
    SELECT database_name, schema_name, table_name, constraint_column_names[1]
    FROM duckdb_constraints()
    WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND len(constraint_column_names) = 1"""
OVER_FILES = re.compile(r"\bread_\w+\s*\(|_scan\s*\(|\b(?:FROM|JOIN)\s+'", re.IGNORECASE)
VIEWS_SECONDS = 60.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies; its dotted name alone would not say where a name that has dots in it begins."""

    database: str
    schema: str
    name: str

    def dotted(self, own: str) -> str:
        """As it is told outside: without the database's name where that is `own`."""
        return f"{self.schema}.{self.name}" if self.database == own else f"{self.database}.{self.schema}.{self.name}"

    def tree(self) -> exp.Table:
        return exp.table_(self.name, db=self.schema, catalog=self.database, quoted=True)


@dataclass(frozen=True)
class Listing:
    """The catalog of one state of the file, the place of each dotted name, and what the tables are made by."""

    catalog: Catalog
    places: Mapping[str, Place]
    seen: pa.Table

    def rows(self) -> pa.Table:
        return rows_of(self.catalog.tables)

    def place(self, name: str) -> Place:
        """Raises WarehouseError with the nearest name where there is no such table."""
        found = self.catalog.find(name)
        if found is None:
            raise WarehouseError(
                f"The warehouse holds no table `{name}`.",
                hint=did_you_mean(name, self.catalog.tables) or "It is empty.",
            )
        return self.places[found.name]


def list_tables(cursor: duckdb.DuckDBPyConnection, *, own: str, last: Listing | None = None) -> Listing:
    """Every table and view, by dotted name; those of the database `own` without the database's name.

    Where all tables are made by the same statements as in `last`, their columns are not listed again: that is most of
    the work. A comment on a column alone is then told from the next process on.
    """
    found = cursor.sql(TABLES).to_arrow_table().combine_chunks()
    kept = last.rows() if last is not None and last.seen.equals(found.select(SEEN)) else None
    rows = (
        kept.set_column(2, ROWS.field("comment"), found["comment"]) if kept is not None else _rows(cursor, found, own)
    )
    rows = rows.set_column(3, ROWS.field("rows"), found["estimated_size"].cast(pa.int64()))
    parts = zip(*(found[part].to_pylist() for part in found.column_names[:3]), strict=True)
    places = (
        last.places if last is not None and kept is not None else {(p := Place(*part)).dotted(own): p for part in parts}
    )
    routines = {routine.name: routine for routine in _routines(cursor, own)}
    return Listing(Catalog("duckdb", "duckdb", TableRows(rows), routines), places, found.select(SEEN))


def _rows(cursor: duckdb.DuckDBPyConnection, found: pa.Table, own: str) -> pa.Table:
    """The found tables with their columns, kinds and fingerprints."""
    _bind_views(cursor, found)
    listed = found.to_pydict()
    parts = zip(*(listed[part] for part in found.column_names[:3]), strict=True)
    columns = _columns(cursor, list(zip(listed["database_name"], listed["table_oid"], strict=True)))
    keys = [None] * found.num_rows  # this engine binds no query by a key
    return pa.table(
        [
            pa.array([Place(*part).dotted(own) for part in parts], pa.string()),
            pa.array(["table" if definition is None else "view" for definition in listed["definition"]], pa.string()),
            pa.array(listed["comment"], pa.string()),
            pa.array(listed["estimated_size"], pa.int64()),
            pa.array(listed["definition"], pa.string()),
            pa.array(fingerprints_of(columns, listed["definition"], keys), pa.string()),
            columns,
            pa.array(keys, ROWS.field("key").type),
        ],
        schema=ROWS,
    )


def _bind_views(cursor: duckdb.DuckDBPyConnection, found: pa.Table) -> None:
    """Until a view is bound in this process, the engine lists the columns that it had when it was made: a `SELECT *` is
    then told with columns that are gone, and without new ones. A view over files would be bound by reading them.
    """
    with in_time(cursor, VIEWS_SECONDS) as passed:
        for view in found.filter(pc.is_valid(found["definition"])).to_pylist():
            if OVER_FILES.search(view["definition"]):
                continue
            place = Place(view["database_name"], view["schema_name"], view["table_name"])
            try:
                cursor.execute(DESCRIBE + place.tree().sql("duckdb")).fetchall()
            except duckdb.Error as error:  # a view that does not bind is listed as it is
                if passed.is_set() or has_given_up(error):
                    log.warning("Views may be listed with columns that they had before: %s", class_of(error))
                    return


def _columns(cursor: duckdb.DuckDBPyConnection, wanted: Sequence[tuple[str, int]]) -> "pa.ListArray[Any]":
    """The columns of each wanted table, which the engine numbers within its database."""
    listed = cursor.sql(COLUMNS).to_arrow_table().combine_chunks()
    column = pa.StructArray.from_arrays(
        [listed[name].combine_chunks() for name in ("column_name", "data_type", "is_nullable", "comment")],
        fields=list(COLUMN),
    )
    databases = listed["database_name"].combine_chunks().dictionary_encode()
    codes, numbers = np.asarray(databases.indices), np.asarray(listed["table_oid"])
    changed = (np.diff(numbers) != 0) | (np.diff(codes) != 0)
    starts = np.concatenate([[0], np.flatnonzero(changed) + 1]) if len(numbers) else np.zeros(0, np.int64)
    names = databases.dictionary.to_pylist()
    owners = zip((names[code] for code in codes[starts].tolist()), numbers[starts].tolist(), strict=True)
    spans = dict(zip(owners, itertools.pairwise([*starts.tolist(), len(numbers)]), strict=True))
    ordered = np.array([spans.get(table, (0, 0)) for table in wanted], np.int64).reshape(-1, 2)
    lengths = ordered[:, 1] - ordered[:, 0]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    taken = np.arange(ends[-1]) + np.repeat(ordered[:, 0] - ends[:-1], lengths)
    return pa.ListArray.from_arrays(pa.array(ends, pa.int32()), column.take(pa.array(taken)))


def _routines(cursor: duckdb.DuckDBPyConnection, own: str) -> Iterator[Routine]:
    for database, schema, name, signatures, bodies in cursor.sql(MACROS).fetchall():
        yield Routine(Place(database, schema, name).dotted(own), tuple(signatures), tuple(bodies))


def list_unique_columns(cursor: duckdb.DuckDBPyConnection) -> frozenset[tuple[Place, str]]:
    """Columns that a constraint keeps unique on their own."""
    return frozenset((Place(*row[:3]), row[3]) for row in cursor.sql(UNIQUE).fetchall())
