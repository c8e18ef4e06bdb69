"""DuckDB: the default warehouse, one file, embedded. Everything here only reads.

Each call takes a cursor of its own on the newest state of the file. The parts: opening and walls (`duckdb_file`),
listing (`duckdb_catalog`), views (`duckdb_views`), changes and partitions (`duckdb_changes`), queries (`duckdb_query`,
checked by `duckdb_plan`, run in worker processes by `duckdb_workers`), profiles (`duckdb_profile`).
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from threading import Event
from urllib.parse import parse_qs, unquote, urlsplit

import duckdb

from vedder_core.closing import Closing
from vedder_core.cluster import Dataset
from vedder_core.errors import SettingsError, WarehouseError
from vedder_core.problem import did_you_mean
from vedder_core.profile import Figure, Partitions, Profile
from vedder_core.schema import Catalog, Table
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_catalog import Listing, list_tables, list_unique_columns
from vedder_core.warehouse.duckdb_changes import Changes, modified
from vedder_core.warehouse.duckdb_errors import FAILURES, OTHER, class_of
from vedder_core.warehouse.duckdb_file import Connect, DuckDBFile, Opened, Walls, in_memory
from vedder_core.warehouse.duckdb_profile import Source, measure
from vedder_core.warehouse.duckdb_query import bind_here, run_here
from vedder_core.warehouse.duckdb_views import read_sources
from vedder_core.warehouse.duckdb_workers import WORKERS, Workers
from vedder_core.warehouse.measured import partitions_told
from vedder_core.warehouse.warehouse import Bound, Capabilities, Limits, Result, Unbound

OPTIONS = ("files", "memory", "threads", "workers")
BIND_SECONDS = 10.0


def open_duckdb(url: str, connect: Connect = in_memory) -> "DuckDBWarehouse":
    """Open `duckdb:///relative.duckdb?files=folder`; four slashes make the path absolute, `files` may come often.

    `memory` is what each process may use, `threads` how many it computes with, and `workers` how many processes run
    queries, 0 for none but this one.
    """
    parts = urlsplit(url)
    if parts.scheme != "duckdb" or parts.netloc or len(parts.path) < 2:
        raise SettingsError(
            f"`{url}` names no DuckDB file.",
            hint="Three slashes and a path from here (duckdb:///build/nyc.duckdb), or four and a path from the root.",
        )
    options = parse_qs(parts.query)
    for name in options:
        if name not in OPTIONS:
            raise SettingsError(f"The DuckDB URL has an unknown option `{name}`.", hint=did_you_mean(name, OPTIONS))
    walls = Walls(
        folders=tuple(Path(folder) for folder in options.get("files", ())),
        memory=options.get("memory", [Walls.memory])[-1],
        threads=_number(options, "threads") or None,
    )
    return DuckDBWarehouse(Path(unquote(parts.path[1:])), walls, connect=connect, workers=_number(options, "workers"))


def _number(options: Mapping[str, list[str]], name: str) -> int | None:
    given = options.get(name, [""])[-1]
    if given and not given.isdecimal():
        raise SettingsError(f"`{name}={given}` is no number of {name}.", hint="Give a whole number, or leave it out.")
    return int(given) if given else None


class DuckDBWarehouse(Closing):
    """A DuckDB file behind walls. Queries run in `workers` processes (2), which can be killed; with 0 they run in this
    one, where a deadline only interrupts: no wall against a single call that computes for hours or takes all memory.

    `connect` gives the empty in-memory instance that the file is attached to in this process. Whoever supplies it owns
    connections elsewhere (a resource of the pipelines) and runs vetted SQL, so that there are then no workers by
    default.
    """

    engine = "duckdb"
    dialect = "duckdb"
    capabilities = Capabilities(partitions=True, row_counts=True, error_positions=True, cancel=True)

    def __init__(
        self, path: Path, walls: Walls | None = None, *, connect: Connect = in_memory, workers: int | None = None
    ) -> None:
        walls = walls or Walls()
        count = workers if workers is not None else WORKERS if connect is in_memory else 0
        self._file = DuckDBFile(path, walls, connect)
        self._workers = Workers(path, walls, count) if count else None

    def catalog(self) -> Catalog:
        with self._using() as (_, _, listing):
            return listing.catalog

    def data_versions(self, tables: Iterable[Table]) -> Mapping[str, str]:
        with self._using() as (cursor, opened, listing):
            return Changes(cursor, opened, listing).marks(tables)

    def partitions(self, table: Table) -> Partitions | None:
        with self._using() as (cursor, opened, listing):
            return Changes(cursor, opened, listing).partitions(table)

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        asked = Asked.of(query)
        if self._workers is not None:
            return self._workers.bind(asked, BIND_SECONDS)
        with self._file.use() as (cursor, _):
            return bind_here(cursor, asked, BIND_SECONDS)

    def run(self, query: GuardedQuery, limits: Limits, *, stop: Event | None = None) -> Result:
        asked = Asked.of(query)
        if self._workers is not None:
            return self._workers.run(asked, limits, stop)
        with self._file.use() as (cursor, opened):
            return run_here(cursor, opened, asked, limits, stop=stop)

    def warm(self) -> None:
        if self._workers is not None:
            self._workers.warm()

    def worker_pids(self) -> tuple[int, ...]:
        """The processes that run queries now."""
        return self._workers.pids() if self._workers is not None else ()

    def profile(self, table: Table, dataset: Dataset, data_version: str) -> Profile:
        with self._using() as (cursor, opened, listing):
            try:
                return _profile(cursor, opened, listing, table, dataset, data_version)
            except duckdb.Error as error:
                message, hint = FAILURES.get(class_of(error), OTHER)
                raise WarehouseError(f"`{table.name}` cannot be profiled. {message}", hint=hint) from error

    def close(self) -> None:
        if self._workers is not None:
            self._workers.close()
        self._file.close()

    @contextmanager
    def _using(self) -> Iterator[tuple[duckdb.DuckDBPyConnection, Opened, Listing]]:
        with self._file.use() as (cursor, opened):
            listed = _listed(self._file.path, opened.catalog)
            listing = opened.fact("listing", lambda: list_tables(cursor, own=opened.catalog, last=listed.get("last")))
            listed["last"] = listing
            yield cursor, opened, listing


@lru_cache(maxsize=2)
def _listed(path: Path, own: str) -> dict[str, Listing]:  # noqa: ARG001
    """The last listing of a file in this process, for the next state of it."""
    return {}


def _profile(
    cursor: duckdb.DuckDBPyConnection,
    opened: Opened,
    listing: Listing,
    table: Table,
    dataset: Dataset,
    data_version: str,
) -> Profile:
    place = listing.place(table.name)
    unique = opened.fact("unique", lambda: list_unique_columns(cursor))
    sources = read_sources(table.definition) if table.definition else None
    source = Source(
        tree=place.tree(),
        table=table,
        unique=frozenset(column for where, column in unique if where == place),
        cheap=sources is None or sources.plain,
    )
    rows, columns = measure(cursor, source, dataset)
    changes = Changes(cursor, opened, listing)
    published = tuple(column.profile() for column in columns)
    written = modified(changes.files(table)) if sources is not None and sources.plain else None
    return Profile(
        dataset=dataset.name,
        engine="duckdb",
        fingerprint=table.fingerprint,
        data_version=data_version,
        rows=Figure(rows, "exact"),
        columns=published,
        partitions=partitions_told(changes.partitions(table), published, dataset),
        bytes=written[0] if written else None,
        modified_at=written[1] if written else None,
        key_candidates=tuple(column.name for column in columns if column.is_key(rows)),
        profiled_at=datetime.now(UTC),
    )
