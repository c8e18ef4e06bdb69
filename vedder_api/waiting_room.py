"""Requests that wait for a turn, which hold a thread each: never so many that none is left for the others.

When the process is about to end, those who wait are sent away; what they wait for is kept and goes on without them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from vedder_core.errors import VedderError

MOST_WAITING = 64
OTHERS = 40
"""Threads for requests that do not wait."""

PATIENCE = 1.0
"""Seconds after which who waits looks up: does anybody still listen, does this process go on?"""


class TooManyWait(VedderError):
    """More requests wait for answers than this process has places for."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_WAITING} requests wait here already.",
            hint="Try again in a moment; POST /v1/turns and GET /v1/turns/{id} do not wait.",
        )


class Leaving(VedderError):
    """This process ends before the turn that somebody waits for."""

    def __init__(self) -> None:
        super().__init__(
            "This process ends. The question is kept, and another process goes on with it.",
            hint="Send it again with the same Idempotency-Key, or look for it among your conversations.",
        )


class WaitingRoom:
    """Places for requests that wait."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(MOST_WAITING)
        self._closed = threading.Event()

    @property
    def is_closed(self) -> bool:
        """Is everybody sent away?"""
        return self._closed.is_set()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place. Raises TooManyWait at once where none is free."""
        if not self._places.acquire(blocking=False):
            raise TooManyWait
        try:
            yield
        finally:
            self._places.release()

    def close(self) -> None:
        """Send everybody away who waits, soon, and whoever comes after."""
        self._closed.set()
