"""One worker process as its parent sees it: started clean, asked one thing at a time, watched, and killed in time.

The ladder: at the deadline an interrupt; 0.9 s later, so that all is over one second after the deadline, a kill. A
look at the memory each 0.1 s is the second wall behind the limits that the process took on itself.
"""

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from multiprocessing.connection import Pipe
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pyarrow as pa

from vedder_core.errors import QueryFailed, QueryRefused, VedderError, WarehouseError
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_errors import OUT_OF_MEMORY, failed, in_our_words
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.ends import cancelled, too_late
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

MODULE = "vedder_core.warehouse.duckdb_worker"
ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "TZ": "UTC",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",  # these two so that address space is not reserved far ahead of use, and can be limited
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that a worker's environment takes from ours: where the interpreter finds its libraries."""

OPENING_SECONDS = 60.0
LOOK_SECONDS = 0.1
GRACE_SECONDS = 0.9
SPARE_BYTES = 16_000_000
ERRORS: dict[str, type[VedderError]] = {kind.__name__: kind for kind in (QueryFailed, QueryRefused, WarehouseError)}

log = logging.getLogger(__name__)


class NotBegun(QueryFailed):
    """The process ended before it had begun with the query, which can go to another."""


class WorkerProcess:
    """Not for several threads at once, but for `kill`."""

    def __init__(self, file: Path, walls: Walls) -> None:
        self.share = walls.share()
        self._spill = Path(tempfile.gettempdir()) / f"vedder-spill-{uuid.uuid4().hex}"
        self._connection, theirs = Pipe()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `_bury`
        environment = ENVIRONMENT | {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module by our own interpreter
                [sys.executable, "-I", "-m", MODULE, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
        self.pid = self._process.pid
        self._killed = False
        self._worn = False
        folders = [folder.resolve().as_posix() for folder in walls.folders]
        self._send(file=str(file.absolute()), spill=str(self._spill), folders=folders, memory=walls.memory,
                   threads=walls.threads, share=self.share)  # fmt: skip

    @property
    def alive(self) -> bool:
        return not self._killed and self._process.poll() is None

    @property
    def fresh(self) -> bool:
        """It is alive and has not kept so much memory that the next query would find too little."""
        return self.alive and not self._worn and self.memory() <= self.share // 2

    def memory(self) -> int:
        """Bytes of memory in use; 0 of a process that has ended."""
        try:
            return int(psutil.Process(self.pid).memory_info().rss)
        except psutil.Error:
            return 0

    def run(self, asked: Asked, limits: Limits, *, waited: float = 0.0, stop: threading.Event | None = None) -> Result:
        """The rows of a query that has `waited` of its time already. Raises QueryTimeout, QueryRefused, QueryFailed or
        WarehouseError.
        """
        started = time.monotonic()
        outcome, stream = self._ask("run", asked, limits, _Ladder(self, limits, waited, stop))
        with in_our_words(), contextlib.closing(pa.ipc.open_stream(pa.py_buffer(stream))) as reader:
            table = reader.read_all()
        return Result(table, truncated=bool(outcome["truncated"]), seconds=time.monotonic() - started)

    def bind(self, asked: Asked, seconds: float, *, waited: float = 0.0) -> Bound | Unbound:
        """Would the query run? Raises QueryTimeout, QueryFailed or WarehouseError."""
        limits = Limits(seconds=seconds)
        outcome, _ = self._ask("bind", asked, limits, _Ladder(self, limits, waited))
        if "bound" in outcome:
            return Bound(tuple(outcome["bound"]["columns"]))  # type: ignore[index]
        return Unbound(**outcome["unbound"])  # type: ignore[arg-type]

    def kill(self) -> None:
        """End the process at once; may be called from any thread, and whoever waits for an answer learns of it."""
        self._killed = True
        self._process.kill()

    def end(self) -> threading.Thread:
        """Kill the process, and clear away what is left of it in the thread that is given back."""
        self.kill()
        self._connection.close()
        burying = threading.Thread(target=self._bury, name="vedder-worker-ended", daemon=True)
        burying.start()
        return burying

    def _ask(self, what: str, asked: Asked, limits: Limits, ladder: "_Ladder") -> tuple[dict[str, object], bytes]:
        try:
            bounds = {"seconds": limits.seconds, "rows": limits.rows, "bytes": limits.bytes}
            self._send(do=what, limits=bounds, **asked.to_json())
            outcome, stream = self._await(ladder)
        except BaseException:
            self.kill()  # whatever it is doing now, nobody waits for it any more
            raise
        self._worn = bool(outcome["worn"])
        if "error" in outcome or "unbound" in outcome:
            ladder.raise_if_over()
        if "error" not in outcome:
            return outcome, stream
        cause = RuntimeError(outcome["cause"]) if outcome["cause"] else None
        log.debug("A query failed: %s", cause)
        raise ERRORS[str(outcome["error"])](str(outcome["message"]), hint=str(outcome["hint"])) from cause

    def _await(self, ladder: "_Ladder") -> tuple[dict[str, object], bytes]:
        """The outcome, and the bytes of Arrow's stream that came before it."""
        stream = bytearray()
        while True:
            try:
                came = self._connection.poll(ladder.wait())
                frame = self._connection.recv_bytes(ladder.most_bytes) if came else b""
            except (EOFError, OSError) as gone:
                raise self._gone(begun=ladder.begun) from gone
            kind, content = frame[:1], memoryview(frame)[1:]
            if kind == b"e":
                return json.loads(bytes(content)), bytes(stream)
            if kind == b"r":
                ladder.begin()
            stream += content
            ladder.climb(len(stream))

    def tell_to_stop(self) -> None:
        """Ask for an interrupt; a process that is gone is noticed by whoever waits for its answer."""
        with contextlib.suppress(OSError):
            self._connection.send_bytes(b'{"do": "stop"}')

    def _send(self, **said: object) -> None:
        try:
            self._connection.send_bytes(json.dumps(said).encode())
        except OSError as gone:
            raise self._gone(begun=False) from gone

    def _gone(self, *, begun: bool) -> QueryFailed:
        if self._killed:
            return QueryFailed("The warehouse was closed while the query ran.", hint="Ask again.")
        self._process.kill()  # it may be alive and have sent what nobody can read
        self._process.wait()
        log.warning("A worker process of the warehouse ended by itself: %s", self._process.returncode)
        return (QueryFailed if begun else NotBegun)(
            "The warehouse's process ended while it worked on the query.",
            hint="Ask for less, or otherwise; a new process answers the next query.",
        )

    def _bury(self) -> None:
        self._process.wait()
        shutil.rmtree(self._spill, ignore_errors=True)
        with self._said as said:
            said.seek(0)
            if words := said.read(4_000).decode(errors="replace").strip():
                log.debug("A worker process of the warehouse said: %s", words)


class _Ladder:
    """What is done to one question when: nothing, an interrupt, a kill."""

    def __init__(
        self, process: WorkerProcess, limits: Limits, waited: float, stop: threading.Event | None = None
    ) -> None:
        self._process = process
        self._limits = limits
        self._waited = waited
        self._stop = stop
        self._deadline: float | None = None
        self._opening_until = time.monotonic() + OPENING_SECONDS
        self._look_at = time.monotonic() + LOOK_SECONDS
        self._told_at: float | None = None
        self.most_bytes = 2 * limits.bytes + SPARE_BYTES

    @property
    def begun(self) -> bool:
        return self._deadline is not None

    def begin(self) -> None:
        """The file is open and the query runs: its time starts now."""
        self._deadline = time.monotonic() + self._limits.seconds - self._waited

    def wait(self) -> float:
        """So long nothing need be done."""
        until = [self._look_at]
        if self._told_at is not None:
            until.append(self._told_at + GRACE_SECONDS)
        elif self._deadline is not None:
            until.append(self._deadline)
        return max(0.0, min(until) - time.monotonic())

    def climb(self, received: int) -> None:
        """Do what is due. Raises QueryTimeout or QueryFailed where there is nothing left to wait for."""
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_SECONDS
            if self._process.memory() > self._process.share:
                raise failed(OUT_OF_MEMORY)
        if received > self.most_bytes:
            raise QueryFailed("The warehouse's process sent more than it may.", hint="Ask for fewer columns or rows.")
        if self._deadline is None:
            if now > self._opening_until:
                raise WarehouseError(
                    f"The warehouse file was not open after {OPENING_SECONDS:g} seconds.",
                    hint="Check that its disk answers; a file with very many tables takes long.",
                )
        elif self._told_at is None and (now >= self._deadline or self._is_cancelled()):
            self._told_at = now
            self._process.tell_to_stop()
        elif self._told_at is not None and now >= self._told_at + GRACE_SECONDS:
            self.raise_if_over()

    def raise_if_over(self) -> None:
        """Raises QueryTimeout, or QueryFailed of a cancelled query, where the process was told to stop."""
        if self._told_at is not None:
            raise cancelled() if self._is_cancelled() else too_late(self._limits.seconds)

    def _is_cancelled(self) -> bool:
        return self._stop is not None and self._stop.is_set()
