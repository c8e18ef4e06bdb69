"""Which views read a column, and so go with it where the engine drops them along."""

from collections.abc import Iterator

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vedder_core.against.ddl.statements import Statement
from vedder_core.schema import Catalog, Column, Table
from vedder_core.sql.below import with_tables_below
from vedder_core.sql.parse import PARSER_FAULTS
from vedder_core.sql.references import references

NAME_THEM = "Say it in a statement of its own: DROP VIEW ..."


def reading(table: Table, column: Column, catalog: Catalog, statement: Statement) -> Iterator[str]:
    """The views that read a column of a table itself. Raises SourceError where that cannot be told of a view."""
    for name in catalog.views:
        view = catalog.tables[name]
        if name == table.name or table.name not in with_tables_below([name], catalog):
            continue
        try:
            made = parse_one(view.definition or "", read=catalog.dialect)
        except (SqlglotError, *PARSER_FAULTS):
            made = None
        query = made.expression if isinstance(made, exp.Create) else made
        if not isinstance(query, exp.Query):
            raise statement.problem(f"may take `{name}` along, whose SQL cannot be followed.", NAME_THEM)
        if (table.name, column.name) in references(query, dialect=catalog.dialect, catalog=catalog).columns:
            yield name
