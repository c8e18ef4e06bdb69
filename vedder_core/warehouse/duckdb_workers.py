"""The pool of worker processes of one file: started when first needed, one query at a time each, the others wait.

A process that was killed, that ended by itself, or that keeps too much memory, is replaced at once; starting one
takes nobody's time, since it opens the file by itself and is waited for only by the next query that needs it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from vedder_core.errors import QueryTimeout, WarehouseError
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.duckdb_process import NotBegun, WorkerProcess
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

WORKERS = 2
ENDING_SECONDS = 2.0
Done = TypeVar("Done")


class Workers:
    """At most `count` processes. Waiting for a free one counts in the query's time; the start of a process does not."""

    def __init__(self, file: Path, walls: Walls, count: int = WORKERS) -> None:
        self._file = file
        self._walls = walls
        self._count = count
        self._free = threading.Condition()
        self._idle: list[WorkerProcess] = []
        self._busy: list[WorkerProcess] = []

    def warm(self) -> None:
        """Start one process if there is none; returns at once."""
        with self._free:
            if not self._idle and not self._busy:
                self._idle.append(self._start())

    def run(self, asked: Asked, limits: Limits, stop: threading.Event | None = None) -> Result:
        """Raises QueryTimeout, QueryRefused, QueryFailed or WarehouseError."""

        def run(worker: WorkerProcess, waited: float) -> Result:
            return worker.run(asked, limits, waited=waited, stop=stop)

        return self._let(run, limits.seconds)

    def bind(self, asked: Asked, seconds: float) -> Bound | Unbound:
        """Raises QueryTimeout, QueryFailed or WarehouseError."""

        def bind(worker: WorkerProcess, waited: float) -> Bound | Unbound:
            return worker.bind(asked, seconds, waited=waited)

        return self._let(bind, seconds)

    def pids(self) -> tuple[int, ...]:
        """The processes that there are now."""
        with self._free:
            return tuple(worker.pid for worker in (*self._busy, *self._idle))

    def close(self) -> None:
        """End all processes, also those that work: their queries fail."""
        with self._free:
            ending = [worker.end() for worker in self._idle]
            for worker in self._busy:
                worker.kill()
            self._idle.clear()
            self._busy.clear()
        for thread in ending:
            thread.join(ENDING_SECONDS)

    def _let(self, work: Callable[[WorkerProcess, float], Done], seconds: float) -> Done:
        """Have a process do it, and another one where the first was already ending."""
        try:
            with self._worker(seconds) as (worker, waited):
                return work(worker, waited)
        except NotBegun:
            with self._worker(seconds) as (worker, waited):
                return work(worker, waited)

    @contextmanager
    def _worker(self, seconds: float) -> Iterator[tuple[WorkerProcess, float]]:
        """A process of one's own, and how long it was waited for."""
        began = time.monotonic()
        worker = self._take(seconds)
        waited = time.monotonic() - began
        try:
            yield worker, waited
        finally:
            self._give_back(worker)

    def _take(self, seconds: float) -> WorkerProcess:
        with self._free:
            if not self._free.wait_for(self._has_room, timeout=max(seconds, 0.0)):
                raise QueryTimeout(
                    f"The query waited {seconds:g} seconds for its turn, and was not run.",
                    hint="The warehouse is busy: ask again. `workers=` in its URL allows more at a time.",
                )
            alive = [worker for worker in self._idle if worker.alive]
            for dead in set(self._idle) - set(alive):
                dead.end()
            self._idle = alive
            worker = self._idle.pop() if self._idle else self._start()
            self._busy.append(worker)
            return worker

    def _has_room(self) -> bool:
        return bool(self._idle) or len(self._busy) < self._count

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._free:
            open_still = worker in self._busy
            if open_still:
                self._busy.remove(worker)
            keep = open_still and worker.fresh
            if not keep:
                worker.end()
            if keep:
                self._idle.append(worker)
            elif open_still:
                with suppress(WarehouseError):  # the next query tries again, and says so
                    self._idle.insert(0, self._start())  # asked last, so that it has opened the file by then
            self._free.notify()

    def _start(self) -> WorkerProcess:
        try:
            return WorkerProcess(self._file, self._walls)
        except OSError as error:
            raise WarehouseError(
                "No process could be started to run queries in.",
                hint="Check the machine's limits of processes and memory; `workers=0` in the URL does without.",
            ) from error
