"""A world in DuckDB files of one folder; the warehouse finds each changed file in the place of the last one."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow as pa

from bench.breakage.labs import Rows, Side, Unchangeable, fill
from bench.breakage.worlds import World, quoted, resampled
from vedder_core.warehouse.duckdb import DuckDBWarehouse

FAILURES = (duckdb.Error, RuntimeError)


class DuckDBLab:
    """Copies are copies of a file."""

    def __init__(self, world: World, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in (("base", world), ("other", resampled(world))):
            with closing(duckdb.connect(str(folder / f"{name}.duckdb"))) as connection:
                _fill(connection, rows)
        self._warehouse = DuckDBWarehouse(folder / "warehouse.duckdb", workers=0)

    @contextmanager
    def side(self, statements: Sequence[str]) -> Iterator[Side]:
        with ExitStack() as stack:
            rows, file = self._copy("base", statements, stack)
            others, _ = self._copy("other", statements, stack)
            fresh = self._folder / "fresh.duckdb"
            shutil.copyfile(file, fresh)
            fresh.replace(self._folder / "warehouse.duckdb")
            yield Side(self._warehouse, Rows(rows.execute, FAILURES), Rows(others.execute, FAILURES))

    def close(self) -> None:
        self._warehouse.close()

    def _copy(self, name: str, statements: Sequence[str], stack: ExitStack) -> tuple[duckdb.DuckDBPyConnection, Path]:
        file = self._folder / f"{name}-{uuid4().hex}.duckdb"
        shutil.copyfile(self._folder / f"{name}.duckdb", file)
        stack.callback(file.unlink)
        connection = stack.enter_context(closing(duckdb.connect(str(file), config={"threads": 1})))
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute("CHECKPOINT")
        except duckdb.Error as error:
            raise Unchangeable(str(error)) from error
        return connection, file


def _fill(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    def copy(name: str, rows: pa.Table) -> None:
        connection.register("copied", rows)
        connection.execute(f"INSERT INTO {quoted(name)} SELECT * FROM copied")
        connection.unregister("copied")

    fill(world, connection.execute, copy)
