"""Requests that wait for a turn, which hold a thread each: never so many that none is left for the others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vedder_core.errors import VedderError

MOST_WAITING = 64
OTHERS = 40
"""Threads for requests that do not wait."""


class TooManyWait(VedderError):
    """More requests wait for answers than this process has places for."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} requests wait here already.",
            hint="Try again in a moment; POST /v1/turns and GET /v1/turns/{id} do not wait.",
        )


class WaitingRoom:
    """Places for requests that wait."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST_WAITING)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises TooManyWait at once where none is free."""
        if not self._places.acquire(blocking=False):
            raise TooManyWait
        try:
            yield
        finally:
            self._places.release()
