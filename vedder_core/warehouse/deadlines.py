"""Interrupts what runs longer than it may, or is not wanted any more: one thread for all that runs in this process,
because starting one for each query takes as long as binding it.
"""

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

AGAIN = 0.05
"""Seconds between two looks at whether somebody gave up, and between two interrupts: one that comes before the query
has started is lost."""


@dataclass(eq=False)
class _Running:
    interrupt: Callable[[], None]
    deadline: float
    stop: threading.Event | None
    passed: threading.Event = field(default_factory=threading.Event)

    def is_over(self, now: float) -> bool:
        return now >= self.deadline or (self.stop is not None and self.stop.is_set())

    def next_look(self, now: float) -> float:
        return now + AGAIN if self.stop is not None or now >= self.deadline else self.deadline


class Deadlines:
    """Watches any number of things that run."""

    _changed: threading.Condition
    _running: set[_Running]
    _looks_at: float
    _thread: threading.Thread | None

    def __init__(self) -> None:
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)  # the thread stays with the parent

    @contextmanager
    def watch(
        self, interrupt: Callable[[], None], seconds: float, stop: threading.Event | None = None
    ) -> Iterator[threading.Event]:
        """Call `interrupt` once `seconds` have passed or `stop` is set, again and again until the block has ended, and
        never after it. What is given is set before the first call.
        """
        running = _Running(interrupt, time.monotonic() + seconds, stop)
        with self._changed:
            self._running.add(running)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="vedder-deadlines", daemon=True)
                self._thread.start()
            elif running.next_look(time.monotonic()) < self._looks_at:
                self._changed.notify()
        try:
            yield running.passed
        finally:
            with self._changed:
                self._running.discard(running)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._running = set()
        self._looks_at = math.inf
        self._thread = None

    def _look(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for running in self._running:
                    if running.is_over(now):
                        running.passed.set()
                        _interrupt(running)
                self._looks_at = min((running.next_look(now) for running in self._running), default=math.inf)
                self._changed.wait(None if math.isinf(self._looks_at) else self._looks_at - now)


def _interrupt(running: _Running) -> None:
    """What cannot be interrupted must not end the watch over everything else."""
    try:
        running.interrupt()
    except Exception:
        log.exception("A query that is over its time cannot be interrupted.")


DEADLINES = Deadlines()
