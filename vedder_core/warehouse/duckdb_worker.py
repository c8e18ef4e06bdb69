"""A worker process: its own read-only instance of the file, inside the limits of its process, one query at a time.

`python -m vedder_core.warehouse.duckdb_worker <descriptor>` speaks with `duckdb_process` over that socket: JSON and
Arrow's stream format in frames. It ends when the socket does, so that no parent leaves one behind.
"""

import io
import json
import os
import queue
import sys
import threading
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from vedder_core.warehouse.process_limits import leave_the_network

if __name__ == "__main__":
    leave_the_network()  # before anything has started a thread: a namespace is left by a single thread only

import duckdb
import pyarrow as pa

from vedder_core.errors import VedderError
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_errors import has_given_up, in_our_words
from vedder_core.warehouse.duckdb_file import SPILL_BYTES, DuckDBFile, Opened, Walls
from vedder_core.warehouse.duckdb_query import Rows, bind
from vedder_core.warehouse.process_limits import limit_memory, limit_processor, limit_the_rest, mapped_bytes
from vedder_core.warehouse.warehouse import Bound, Limits

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SEND_BYTES = 1 << 18
INTERRUPT_AGAIN = 0.05


def main() -> None:
    """Serve until the other end of the socket is gone."""
    connection = Connection(int(sys.argv[1]))
    told = json.loads(connection.recv_bytes())
    limit_the_rest(SPILL_BYTES)
    walls = Walls(tuple(map(Path, told["folders"])), told["memory"], told["threads"], Path(told["spill"]))
    worker = Worker(connection, DuckDBFile(Path(told["file"]), walls), told["share"])
    threading.Thread(target=worker.listen, daemon=True).start()
    worker.serve()


class Worker:
    """One thread runs the queries; the other listens, so that it can interrupt, or end the process, at any time."""

    def __init__(self, connection: Connection, file: DuckDBFile, share: int) -> None:
        self._connection = connection
        self._file = file
        self._share = share
        self._mapped = 0
        self._asked: queue.SimpleQueue[dict[str, object]] = queue.SimpleQueue()
        self._running: duckdb.DuckDBPyConnection | None = None
        self._stopping = False
        self._spoilt = False

    def listen(self) -> None:
        """Pass on what is asked; at `stop` interrupt what runs, again and again until it has ended."""
        while True:
            if self._stopping:
                self._interrupt()
                if not self._connection.poll(INTERRUPT_AGAIN):
                    continue
            try:
                said = json.loads(self._connection.recv_bytes())
            except (EOFError, OSError):
                os._exit(0)
            self._stopping = said["do"] == "stop"
            if not self._stopping:
                self._asked.put(said)

    def serve(self) -> None:
        """Open the file, so that the first query need not wait for it; then answer."""
        self._answer({"do": "open"})
        while True:
            said = self._asked.get()
            try:
                outcome = self._answer(said)
                outcome["worn"] = self._spoilt or mapped_bytes() - self._mapped > self._share // 2
                self._connection.send_bytes(b"e" + json.dumps(outcome).encode())
            except OSError:
                os._exit(0)

    def _interrupt(self) -> None:
        running = self._running
        if running is not None:
            try:
                running.interrupt()
            except duckdb.Error:  # it was closed in this moment
                self._running = None

    def _answer(self, said: dict[str, object]) -> dict[str, object]:
        """The outcome as data; an error of ours with what lies behind it, for the log of the other side."""
        try:
            with in_our_words(), self._file.use() as (cursor, opened):
                self._set_limits(cursor)
                if said["do"] == "open":
                    return {}
                self._running = cursor
                try:
                    self._connection.send_bytes(b"r")
                    return self._query(cursor, opened, said)
                finally:
                    self._running = None
        except VedderError as error:
            self._spoilt = self._spoilt or has_given_up(error)
            cause = str(error.__cause__ or "")
            return {"error": type(error).__name__, "message": error.message, "hint": error.hint, "cause": cause}

    def _set_limits(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Memory, from what the process has mapped once the engine's threads are there."""
        if not self._mapped:
            cursor.sql("SELECT 1").to_arrow_table()
            limit_memory(self._share)
            self._mapped = mapped_bytes() or 1

    def _query(self, cursor: duckdb.DuckDBPyConnection, opened: Opened, said: dict[str, object]) -> dict[str, object]:
        asked = Asked.from_json(said)
        limits = Limits(**said["limits"])  # type: ignore[arg-type]
        limit_processor(limits.seconds)
        if said["do"] == "bind":
            bound = bind(cursor, asked)
            kind = "bound" if isinstance(bound, Bound) else "unbound"
            return {kind: {name: getattr(bound, name) for name in bound.__slots__}}
        rows = Rows(cursor, opened, asked, limits)
        try:
            with (
                io.BufferedWriter(_Sending(self._connection), SEND_BYTES) as sending,
                pa.ipc.new_stream(sending, rows.schema) as stream,
            ):
                for batch in rows:
                    stream.write_batch(batch)
        finally:
            rows.close()
        return {"truncated": rows.truncated}


class _Sending(io.RawIOBase):
    """A file to write to whose content goes over the socket."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        with memoryview(data) as part:
            self._connection.send_bytes(b"a" + bytes(part))
            return part.nbytes


if __name__ == "__main__":
    main()
