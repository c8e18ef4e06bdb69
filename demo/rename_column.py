"""Renames a column of the demo warehouse, to show what a changed schema does to the pairs that use it.

    python -m demo.rename_column nyc.weather wind_speed wind_speed_mph [--undo]

A copy of the database is changed and put in its place by one rename, because DuckDB locks a file that is read.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
from sqlglot import exp, parse_one

from demo.load_nycflights import DemoError
from vedder_core.problem import did_you_mean


def main() -> int:
    """Rename, and say what was renamed."""
    parser = argparse.ArgumentParser(description="Rename a column of the demo warehouse.")
    parser.add_argument("table", help="schema.table, e.g. nyc.weather")
    parser.add_argument("old", help="the column's name, e.g. wind_speed")
    parser.add_argument("new", help="its new name, e.g. wind_speed_mph")
    parser.add_argument("--undo", action="store_true", help="rename it back")
    parser.add_argument("--warehouse", type=Path, default=Path("build/warehouse/demo.duckdb"), help="database file")
    given = parser.parse_args()
    old, new = (given.new, given.old) if given.undo else (given.old, given.new)
    try:
        rename(given.warehouse, given.table, old=old, new=new)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{given.table}: `{old}` is now `{new}`.")
    if not given.undo:
        print(f"Undo: python -m demo.rename_column {given.table} {given.old} {given.new} --undo")
    return 0


def rename(warehouse: Path, table: str, *, old: str, new: str) -> None:
    """Rename one column of a table or view. Raises DemoError when there is no such column, or the new name is taken."""
    if not warehouse.is_file():
        raise DemoError(f"There is no {warehouse}.", hint="Build it: python -m demo.load_nycflights")
    with tempfile.TemporaryDirectory(dir=warehouse.parent, prefix=".renaming-") as scratch:
        copy = Path(scratch) / warehouse.name
        shutil.copy2(warehouse, copy)
        with duckdb.connect(copy) as connection:
            _check(connection, table, old, new)
            view = _view_sql(connection, table)
            if view is None:
                connection.execute(f"ALTER TABLE {_quoted(table)} RENAME COLUMN {_quoted(old)} TO {_quoted(new)}")
            else:
                _rebuild_view(connection, table, _with_alias(view, old, new))
        copy.replace(warehouse)


def _check(connection: duckdb.DuckDBPyConnection, table: str, old: str, new: str) -> None:
    rows = connection.execute("SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns()").fetchall()
    columns = {column for name, column in rows if name == table}
    if not columns:
        raise DemoError(f"There is no table or view `{table}`.", hint=did_you_mean(table, {name for name, _ in rows}))
    if old not in columns:
        raise DemoError(f"`{table}` has no column `{old}`.", hint=did_you_mean(old, columns))
    if new.casefold() in {column.casefold() for column in columns}:
        raise DemoError(f"`{table}` already has a column `{new}`.", hint="Choose another new name.")


def _view_sql(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    query = "SELECT sql FROM duckdb_views() WHERE schema_name || '.' || view_name = ?"
    row = connection.execute(query, [table]).fetchone()
    return None if row is None else str(row[0])


def _with_alias(view: str, old: str, new: str) -> exp.Create:
    """The view's statement with one output column under another name; renaming it back leaves no alias."""
    created = parse_one(view, read="duckdb")
    query = created.expression
    for place, column in enumerate(query.expressions):
        if column.alias_or_name == old:
            inner = column.this if isinstance(column, exp.Alias) else column
            renamed = inner if inner.name == new else exp.alias_(inner, new, quoted=True)
            query.expressions[place] = renamed
    return exp.Create(this=created.this, kind="VIEW", replace=True, expression=query)


def _rebuild_view(connection: duckdb.DuckDBPyConnection, table: str, statement: exp.Create) -> None:
    """Replace a view and keep its comments, in the order of its columns: the names differ, the places do not."""
    query = "SELECT comment FROM duckdb_{}() WHERE schema_name || '.' || {} = ?"
    about_view = connection.execute(query.format("views", "view_name"), [table]).fetchone()
    about_columns = connection.execute(query.format("columns", "table_name") + " ORDER BY column_index", [table])
    comments = [row[0] for row in about_columns.fetchall()]
    connection.execute(statement.sql(dialect="duckdb"))
    names = [str(row[0]) for row in connection.execute(f"DESCRIBE {_quoted(table)}").fetchall()]
    if about_view is not None and about_view[0] is not None:
        connection.execute(f"COMMENT ON VIEW {_quoted(table)} IS {_text(about_view[0])}")
    for name, comment in zip(names, comments, strict=True):
        if comment is not None:
            connection.execute(f"COMMENT ON COLUMN {_quoted(table)}.{_quoted(name)} IS {_text(comment)}")


def _quoted(dotted: str) -> str:
    return ".".join(exp.to_identifier(part, quoted=True).sql("duckdb") for part in dotted.split("."))


def _text(value: str) -> str:
    return exp.Literal.string(value).sql("duckdb")


if __name__ == "__main__":
    sys.exit(main())
