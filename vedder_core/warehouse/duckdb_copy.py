"""A copy of some tables in a DuckDB file of its own, to be changed at will: for trials that damage data.

What is copied comes through the door that every query takes, so that hidden columns are not in the copy. The statements
that change it are the caller's own and trusted; nothing of a user or a model may reach them.
"""

import shutil
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import duckdb
from sqlglot import exp

from vedder_core.errors import WarehouseError
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse


def copy_tables(warehouse: Warehouse, granted: Granted, file: Path, limits: Limits) -> tuple[str, ...]:
    """Copy every granted table and view into a new file, its first rows where there are more; the names of those that
    were cut. Raises WarehouseError, QueryRefused.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    cut = []
    with closing(duckdb.connect(str(file))) as connection:
        for name, table in granted.tables.items():
            hidden = granted.hidden_of(table)
            columns = [exp.column(c.name, quoted=True) for c in table.columns if c.name.casefold() not in hidden]
            if not columns:
                continue
            source = exp.to_table(_quoted(name))
            query = guard(exp.select(*columns).from_(source), granted, dialect=warehouse.dialect)
            result = warehouse.run(query, limits)
            if result.truncated:
                cut.append(name)
            connection.register("copied", result.table)
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(name.rpartition('.')[0])}")
            connection.execute(f"CREATE TABLE {_quoted(name)} AS SELECT * FROM copied")  # noqa: S608 (quoted)
            connection.unregister("copied")
    return tuple(cut)


def changed_copy(source: Path, target: Path, statements: Sequence[str]) -> None:
    """A copy of such a file in which some statements ran. Raises WarehouseError that names the one that failed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    with closing(duckdb.connect(str(target))) as connection:
        for statement in statements:
            try:
                connection.execute(statement)
            except duckdb.Error as error:
                raise WarehouseError(
                    f"A trial's own change did not run: {statement}", hint=str(error).splitlines()[0]
                ) from error


def quoted(*parts: str) -> str:
    """A name of one or several parts, as it stands in such a statement."""
    return ".".join(exp.to_identifier(part, quoted=True).sql(dialect="duckdb") for part in parts)


def _quoted(dotted: str) -> str:
    return quoted(*_parts(dotted))


def _parts(dotted: str) -> Iterable[str]:
    return dotted.split(".")[-2:]
