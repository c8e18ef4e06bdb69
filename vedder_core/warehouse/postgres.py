"""PostgreSQL: tables on a server, read by a role that can do nothing else.

The parts: opening and the role (`postgres_opening`), sessions that keep deadlines from outside (`postgres_session`,
`postgres_pool`), listing (`postgres_catalog`), changes and partitions (`postgres_changes`, `postgres_partitions`),
queries (`postgres_query`, checked by `postgres_plan`), profiles (`postgres_profile`).
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Event

import psycopg

from vedder_core.closing import Closing
from vedder_core.cluster import Dataset
from vedder_core.errors import WarehouseError
from vedder_core.profile import Partitions, Profile
from vedder_core.schema import Catalog, Table
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.postgres_catalog import list_tables
from vedder_core.warehouse.postgres_changes import marks
from vedder_core.warehouse.postgres_errors import said
from vedder_core.warehouse.postgres_opening import Place, read_url
from vedder_core.warehouse.postgres_partitions import partitions_of
from vedder_core.warehouse.postgres_pool import Pool
from vedder_core.warehouse.postgres_profile import profile_table
from vedder_core.warehouse.postgres_query import bind, run
from vedder_core.warehouse.postgres_session import Until
from vedder_core.warehouse.postgres_tables import find_table
from vedder_core.warehouse.warehouse import Bound, Capabilities, Limits, Result, Unbound

BIND_SECONDS = 10.0
LISTING_SECONDS = 120.0
PROFILE_SECONDS = 600.0


def open_postgres(url: str) -> "PostgresWarehouse":
    """Open `postgresql://user:password@host:port/database?schemas=a,b`; without `schemas` all that the role may read.

    `connections` is how many queries may run at a time (4). Nothing is connected before the first use.
    """
    return PostgresWarehouse(read_url(url))


class PostgresWarehouse(Closing):
    """A PostgreSQL database behind walls."""

    engine = "postgresql"
    dialect = "postgres"
    capabilities = Capabilities(partitions=True, row_counts=False, error_positions=True, cancel=True)

    def __init__(self, place: Place) -> None:
        self._place = place
        self._pool = Pool(place)

    def catalog(self) -> Catalog:
        with self._reading("The tables cannot be listed.", LISTING_SECONDS) as connection:
            return list_tables(connection, self._place.schemas)

    def data_versions(self, tables: Iterable[Table]) -> Mapping[str, str]:
        with self._reading("The state of the tables cannot be read.", LISTING_SECONDS) as connection:
            return marks(connection, tables)

    def partitions(self, table: Table) -> Partitions | None:
        with self._reading(f"The partitions of `{table.name}` cannot be read.", LISTING_SECONDS) as connection:
            return partitions_of(connection, find_table(connection, table.name, self._place.schemas))

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        until = Until(BIND_SECONDS, time.monotonic())
        with self._pool.session(until) as session:
            return bind(session, query, until)

    def run(self, query: GuardedQuery, limits: Limits, *, stop: Event | None = None) -> Result:
        until = Until(limits.seconds, time.monotonic(), stop)
        with self._pool.session(until) as session:
            return run(session, query, limits, until)

    def warm(self) -> None:
        self._pool.warm()

    def profile(self, table: Table, dataset: Dataset, data_version: str) -> Profile:
        with self._reading(f"`{table.name}` cannot be profiled.", PROFILE_SECONDS) as connection:
            found = find_table(connection, table.name, self._place.schemas)
            return profile_table(connection, found, table, dataset, data_version)

    def close(self) -> None:
        self._pool.close()

    @contextmanager
    def _reading(self, what_failed: str, seconds: float) -> Iterator[psycopg.Connection]:
        """A transaction for statements of our own. Raises WarehouseError that begins with `what_failed`."""
        until = Until(seconds, time.monotonic())
        with self._pool.session(until) as session, session.transaction(until):
            try:
                yield session.connection
            except psycopg.Error as error:
                session.usable = session.alive
                message, hint = said(error)
                raise WarehouseError(f"{what_failed} {message}", hint=hint) from error
