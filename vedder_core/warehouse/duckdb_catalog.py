"""What a DuckDB file holds, in one listing: tables and views with columns, comments and row counts.

Asking for one table costs as much as asking for all, so this is asked once for a state of the file.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from vedder_core.errors import WarehouseError
from vedder_core.problem import did_you_mean
from vedder_core.schema import Catalog, Column, Table

COLUMNS = """
    SELECT database_name, schema_name, table_name, column_name, data_type, is_nullable, comment
    FROM duckdb_columns() WHERE NOT internal AND database_name <> 'temp'
    ORDER BY database_name, schema_name, table_name, column_index"""
TABLES = """
    SELECT database_name, schema_name, table_name, comment, estimated_size, NULL AS definition
    FROM duckdb_tables() WHERE NOT internal AND NOT temporary
    UNION ALL
    SELECT database_name, schema_name, view_name, comment, NULL, sql
    FROM duckdb_views() WHERE NOT internal AND NOT temporary
    ORDER BY ALL"""
UNIQUE = """
    SELECT database_name, schema_name, table_name, constraint_column_names[1]
    FROM duckdb_constraints()
    WHERE constraint_type IN ('PRIMARY KEY', 'UNIQUE') AND len(constraint_column_names) = 1"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies; its dotted name alone would not say where a name that has dots in it begins."""

    database: str
    schema: str
    name: str

    def tree(self) -> exp.Table:
        return exp.table_(self.name, db=self.schema, catalog=self.database, quoted=True)


@dataclass(frozen=True)
class Listing:
    """The catalog of one state of the file, and the place of each dotted name."""

    catalog: Catalog
    places: Mapping[str, Place]

    def place(self, name: str) -> Place:
        """Raises WarehouseError with the nearest name where there is no such table."""
        found = self.catalog.find(name)
        if found is None:
            raise WarehouseError(
                f"The warehouse holds no table `{name}`.",
                hint=did_you_mean(name, self.catalog.tables) or "It is empty.",
            )
        return self.places[found.name]


def list_tables(cursor: duckdb.DuckDBPyConnection, *, own: str) -> Listing:
    """Every table and view, by dotted name; those of the database `own` without the database's name."""
    columns: dict[Place, list[Column]] = defaultdict(list)
    listed = cursor.sql(COLUMNS).to_arrow_table().to_pydict()
    for database, schema, table, name, kind, nullable, comment in zip(*listed.values(), strict=True):
        columns[Place(database, schema, table)].append(Column(name, kind, nullable=nullable, comment=comment))
    tables: dict[str, Table] = {}
    places: dict[str, Place] = {}
    for database, schema, name, comment, rows, definition in cursor.sql(TABLES).fetchall():
        place = Place(database, schema, name)
        dotted = f"{schema}.{name}" if database == own else f"{database}.{schema}.{name}"
        kept = tuple(columns[place])
        tables[dotted] = Table(
            name=dotted,
            columns=kept,
            kind="table" if definition is None else "view",
            comment=comment,
            rows=rows,
            definition=definition,
        )
        places[dotted] = place
    return Listing(Catalog("duckdb", "duckdb", tables), places)


def list_unique_columns(cursor: duckdb.DuckDBPyConnection) -> frozenset[tuple[Place, str]]:
    """Columns that a constraint keeps unique on their own."""
    return frozenset((Place(*row[:3]), row[3]) for row in cursor.sql(UNIQUE).fetchall())
