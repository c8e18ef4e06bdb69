"""What the assets need from outside, as Dagster resources: the cluster files, the warehouse, the context store.

Each is opened at its first use in a run and closed at the run's end, and all assets of a run see one listing of the
warehouse. Nothing here decides anything.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from vedder_core.context.catalogs import Catalogs
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.memory import Memory
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.schema import Catalog
from vedder_core.settings import Settings
from vedder_core.state.database import State
from vedder_core.warehouse.warehouse import Warehouse, dialect_of, open_warehouse, without_password
from vedder_pipelines.curated import Curated, read_curated

WAREHOUSE_POOL = "warehouse"
CONTEXT_POOL = "context_store"
RETRIES = dg.RetryPolicy(max_retries=2, delay=1, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)
"""For steps that read or write over a network: what is busy now may answer in some seconds."""


class ClusterFiles(dg.ConfigurableResource["ClusterFiles"]):
    """The folder of the cluster files, and the dialect of the SQL in them."""

    folder: str
    dialect: str

    def read(self) -> Curated:
        return read_curated(Path(self.folder), self.dialect)


class WarehouseResource(dg.ConfigurableResource["WarehouseResource"]):
    """The warehouse, read only. `shown` is its URL without a password: Dagster shows fields in its UI."""

    shown: str
    _closing: ExitStack = PrivateAttr(default_factory=ExitStack)
    _opened: Warehouse | None = PrivateAttr(default=None)
    _catalog: Catalog | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["WarehouseResource"]:  # noqa: ARG002
        with self._closing:
            yield self

    def opened(self) -> Warehouse:
        if self._opened is None:
            self._opened = self._closing.enter_context(_open(self.shown))
        return self._opened

    def catalog(self) -> Catalog:
        """The listing that this run works with."""
        if self._catalog is None:
            self._catalog = self.opened().catalog()
        return self._catalog


class ContextResource(dg.ConfigurableResource["ContextResource"]):
    """The context store and what writes to it. The embedder's key is no field: Dagster shows fields in its UI."""

    url: str
    embedder: str
    models: str
    embeddings_url: str
    keep_versions_days: int
    _embedding: Embedder | None = PrivateAttr(default=None)
    _writer: ContextWriter | None = PrivateAttr(default=None)
    _reader: ContextReader | None = PrivateAttr(default=None)
    _memory: Memory | None = PrivateAttr(default=None)
    _catalogs: Catalogs | None = PrivateAttr(default=None)

    def embedding(self) -> Embedder:
        """What turns texts into vectors."""
        if self._embedding is None:
            chosen = Settings(embedder=self.embedder, models=Path(self.models), embeddings_url=self.embeddings_url)
            self._embedding = open_embedder(chosen)
        return self._embedding

    def writer(self) -> ContextWriter:
        if self._writer is None:
            self._writer = ContextWriter(self.url, self.embedding())
        return self._writer

    def reader(self) -> ContextReader:
        """The context as the API searches it."""
        if self._reader is None:
            self._reader = ContextReader(self.url, self.embedding())
        return self._reader

    def memory(self) -> Memory:
        if self._memory is None:
            self._memory = Memory(self.url)
        return self._memory

    def catalogs(self) -> Catalogs:
        if self._catalogs is None:
            self._catalogs = Catalogs(self.url)
        return self._catalogs

    def history(self) -> HealthHistory:
        return HealthHistory(self.url)

    def keep(self) -> timedelta:
        """How long old versions of the context are kept."""
        return timedelta(days=self.keep_versions_days)


class StateSource:
    """The API's state database, to be looked at. No Dagster resource with fields: its URL may hold a password."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def looked_at(self) -> Iterator[State | None]:
        """The database, read only; None where there is none yet. Raises StateError."""
        state = State.look(self._url)
        try:
            yield state
        finally:
            if state is not None:
                state.close()


def resources_of(settings: Settings) -> dict[str, object]:
    """The resources by the names under which assets, sensors and jobs ask for them."""
    shown = without_password(settings.warehouse)
    _whole_urls[shown] = settings.warehouse
    return {
        "files": ClusterFiles(folder=str(settings.clusters), dialect=dialect_of(settings.warehouse)),
        "warehouse": WarehouseResource(shown=shown),
        "store": ContextResource(
            url=settings.context,
            embedder=settings.embedder,
            models=str(settings.models),
            embeddings_url=settings.embeddings_url,
            keep_versions_days=settings.keep_versions_days,
        ),
        "state": StateSource(settings.state),
    }


_whole_urls: dict[str, str] = {}
"""The warehouses' URLs with their passwords, by the ones without: known to this process only, and in no field."""


def _open(shown: str) -> Warehouse:
    """The warehouse of a URL; DuckDB's connections come from Dagster's own resource for it."""
    url = _whole_urls.get(shown, shown)
    if not url.startswith("duckdb:"):
        return open_warehouse(url)
    from dagster_duckdb import DuckDBResource

    from vedder_core.warehouse.duckdb import open_duckdb

    return open_duckdb(url, connect=DuckDBResource(database=":memory:").get_connection)
