"""The parts that answer questions, by the settings: each opened when first used, all closed together.

A part that cannot be opened raises its own error each time and is tried again the next time: an API that was started
before its context was built begins to answer once it is there.
"""

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from vedder_api.ask import Asker
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextReader
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import Limits, Warehouse, open_warehouse

T = TypeVar("T")


class OnFirstUse(Generic[T]):
    """Makes its part once, by whichever thread asks first."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self.made: T | None = None

    def __call__(self) -> T:
        """The part. Raises what making it raises."""
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made


class Parts:
    """What answering takes, wired by the settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.healths = HealthHistory(settings.context)
        self.embedder: OnFirstUse[Embedder] = OnFirstUse(lambda: open_embedder(settings))
        self.warehouse: OnFirstUse[Warehouse] = OnFirstUse(lambda: open_warehouse(settings.warehouse))
        self.shelf: OnFirstUse[ContextReader] = OnFirstUse(lambda: ContextReader(settings.context))
        """The context to read and list, without an embedder."""
        self.reader: OnFirstUse[ContextReader] = OnFirstUse(lambda: ContextReader(settings.context, self.embedder()))
        """The context to search."""

    def asker(self) -> Asker:
        """Raises SettingsError, EmbedderError or WarehouseError."""
        limits = Limits(self.settings.query_seconds, self.settings.query_rows, self.settings.query_bytes)
        return Asker(self.reader(), self.embedder(), self.warehouse(), limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.warehouse.made is not None:
            self.warehouse.made.close()
