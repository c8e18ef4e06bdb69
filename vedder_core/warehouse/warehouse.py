"""The one narrow protocol over every engine, and the table of engines.

Deliberately not here: what any engine does. An engine is one file beside this one, a line in `ENGINES`, and a pass
through the contract suite in `tests/`. Its driver is imported only when a URL names it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from vedder_core.closing import Closing
from vedder_core.errors import SettingsError
from vedder_core.problem import did_you_mean
from vedder_core.profile import Partitions, Profile
from vedder_core.schema import Catalog, Table

if TYPE_CHECKING:
    from threading import Event

    import pyarrow as pa

    from vedder_core.cluster import Dataset
    from vedder_core.sql.guard import GuardedQuery

ENGINES: Mapping[str, str] = {
    "duckdb": "vedder_core.warehouse.duckdb:open_duckdb",
    "postgresql": "vedder_core.warehouse.postgres:open_postgres",
}
"""URL scheme -> import path of the function that opens such a warehouse; imported only when used."""

DIALECTS: Mapping[str, str] = {"duckdb": "duckdb", "postgresql": "postgres"}
"""URL scheme -> what the SQL parser calls the engine's dialect."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an engine can do; callers ask instead of trying."""

    partitions: bool
    row_counts: bool
    error_positions: bool
    cancel: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """Where one query ends: after `seconds`, or once `rows` rows or `bytes` bytes were read."""

    seconds: float = 30.0
    rows: int = 1000
    bytes: int = 16_000_000


@dataclass(frozen=True, slots=True)
class Result:
    """Rows of one query. `truncated` is true when the engine had more than the limits let through."""

    table: "pa.Table"
    truncated: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Bound:
    """The engine would run the query; names and engine types of the result's columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unbound:
    """The engine would not run the query.

    `missing` is the name that it could not find and `missing_kind` what it should have been; `offset` is the
    0-based position in the SQL that was bound, None where the engine does not say.
    """

    reason: str
    missing: str | None = None
    missing_kind: str | None = None
    offset: int | None = None


class Warehouse(Closing, Protocol):
    """A warehouse, read only. Every statement from outside passes `run` or `bind` as a GuardedQuery."""

    engine: str
    dialect: str
    capabilities: Capabilities

    def catalog(self) -> Catalog:
        """Tables, views, columns, types, comments and row counts, in one listing. Raises WarehouseError."""
        ...

    def data_versions(self, tables: Iterable[Table]) -> Mapping[str, str]:
        """For each table a mark that changes when its data may have changed; at most one scan of each table."""
        ...

    def partitions(self, table: Table) -> Partitions | None:
        """How a table is cut into parts; None where it is not."""
        ...

    def bind(self, query: "GuardedQuery") -> Bound | Unbound:
        """Would this query run? Nothing is run and no data is read. Raises QueryTimeout of one that is not planned in
        time: engines compute constants while they plan.
        """
        ...

    def run(self, query: "GuardedQuery", limits: Limits, *, stop: "Event | None" = None) -> Result:
        """Run a query within limits, or until `stop` is set. Raises QueryTimeout, QueryRefused where the engine would
        read more than the query's datasets, or QueryFailed.
        """
        ...

    def warm(self) -> None:
        """Begin with what the first query would have to wait for; returns at once."""
        ...

    def profile(self, table: Table, dataset: "Dataset", data_version: str) -> Profile:
        """Profile one table by the engine's cheapest plan. Raises WarehouseError."""
        ...


def open_warehouse(url: str) -> Warehouse:
    """Open the warehouse that a URL names, e.g. `duckdb:///folder/file.duckdb`. Raises SettingsError."""
    module, function = ENGINES[_scheme(url)].split(":")
    try:
        opened: Warehouse = getattr(import_module(module), function)(url)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("vedder"):
            raise
        raise SettingsError(
            f"The driver of the warehouse is not installed: {error.name}.",
            hint=f"Install Vedder with the extra of this engine: {DIALECTS[_scheme(url)]}.",
        ) from error
    return opened


def dialect_of(url: str) -> str:
    """The dialect of the SQL that a warehouse's URL calls for. Raises SettingsError."""
    return DIALECTS[_scheme(url)]


def without_password(url: str) -> str:
    """A warehouse's URL as it may be shown."""
    scheme, mark, rest = url.partition("://")
    place, at, address = rest.rpartition("@")
    return f"{scheme}{mark}{place.partition(':')[0]}{at}{address}" if at else url


def _scheme(url: str) -> str:
    scheme = url.partition(":")[0].casefold()
    if scheme not in ENGINES:
        raise SettingsError(f"No engine for the warehouse URL's scheme `{scheme}`.", hint=did_you_mean(scheme, ENGINES))
    return scheme
