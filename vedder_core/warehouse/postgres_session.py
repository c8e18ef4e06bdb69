"""One connection, driven over its socket by us, so that no wait for the server is longer than its deadline.

Everything runs inside explicit READ ONLY transactions whose settings a query cannot keep; behind each the session is
as new (`DISCARD ALL`). SQL from outside goes through `ask` and `describe` alone: the extended protocol, which takes one
statement. A SELECT can switch the server's own time limit off, so the deadline is kept here: cancel, then terminate.
"""

import contextlib
import logging
import select
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import pq

from vedder_core.errors import QueryFailed, QueryTimeout, WarehouseError
from vedder_core.warehouse.ends import cancelled, too_late
from vedder_core.warehouse.postgres_errors import BROKEN_OFF, failed
from vedder_core.warehouse.postgres_opening import Place, connect
from vedder_core.warehouse.postgres_socket import waiting_bytes

BEGIN = """BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL statement_timeout = {milliseconds};
SET LOCAL lock_timeout = 5000;
SET LOCAL idle_in_transaction_session_timeout = 300000;
SET LOCAL search_path = '';
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'iso_8601';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL standard_conforming_strings = on;
SET LOCAL transform_null_equals = off;
SET LOCAL array_nulls = on;
SET LOCAL quote_all_identifiers = off"""
"""The same question means the same and gives the same answer, whatever the server's and the role's settings are."""

OWN_LIMIT = "SELECT setting FROM pg_catalog.pg_settings WHERE name = 'statement_timeout'"
NO_LIMIT = 2**31 - 1

SERVERS_PATIENCE = 2.0
"""Its own time limit is so much longer than ours: a second wall, for when this process is gone."""

GRACE = 1.0
"""So long a cancelled query may take to end; then its connection is terminated."""

POLLING = 0.05
CHUNK_ROWS = 256
FEW_BYTES = 16_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Until:
    """How long something may take, from `began` on, or until `stop` is set."""

    seconds: float
    began: float
    stop: threading.Event | None = None

    @property
    def left(self) -> float:
        return self.began + self.seconds - time.monotonic()

    @property
    def over(self) -> bool:
        return self.left <= 0 or self.stopped

    @property
    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def error(self) -> QueryTimeout:
        """What is said of a query that is over."""
        return cancelled() if self.stopped else too_late(self.seconds)


@dataclass(frozen=True, slots=True)
class Bindable:
    """SQL with `$1`, and the type (0: the server finds it) and text of each value."""

    sql: str
    types: Sequence[int] = ()
    values: Sequence[bytes | None] = ()


class Session:
    """One connection to the server. `usable` is false once it was lost, or had to be given up."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.connection = connect(place)
        self._pgconn = self.connection.pgconn
        self.usable = True
        self._terminating = False
        self._allowed = self._own_limit()

    @property
    def alive(self) -> bool:
        """Does the connection still stand, as far as this side knows?"""
        return self._pgconn.status == pq.ConnStatus.OK

    def close(self) -> None:
        """Close the connection, unless the server is just being asked to end it."""
        self.usable = False
        if not self._terminating:
            self.connection.close()

    @contextmanager
    def transaction(self, until: Until) -> Iterator[None]:
        """A READ ONLY transaction with our settings. Raises QueryTimeout or QueryFailed."""
        try:
            self._begin(until)
            yield
        finally:
            self._end()

    def start_again(self, until: Until) -> None:
        """The same transaction anew, after an error has ended what could be done in it."""
        self._tell("ROLLBACK", until)
        self._begin(until)

    def ask(self, query: Bindable, until: Until, *, most_bytes: int = FEW_BYTES) -> Generator[pq.abc.PGresult]:
        """The rows of one statement, in chunks. Where they are not read to the end, the rest is not computed.

        Raises QueryTimeout, `psycopg.Error`, or TooManyBytes once the server has sent so many.
        """
        self._must_have_time(until)
        self._pgconn.send_query_params(query.sql.encode(), query.values, query.types or None)
        if hasattr(self._pgconn, "set_chunked_rows_mode") and pq.version() >= 170000:
            self._pgconn.set_chunked_rows_mode(CHUNK_ROWS)
        else:
            self._pgconn.set_single_row_mode()
        ended = False
        try:
            yield from self._results(until, most_bytes)
            ended = True
        except psycopg.Error:
            ended = True
            self.usable = self.alive
            raise
        finally:
            if not ended:
                self._break_off()

    def describe(self, query: Bindable, until: Until) -> pq.abc.PGresult:
        """The types and names of a statement's columns; it is parsed and analysed, and neither planned nor run."""
        self._must_have_time(until)
        self._pgconn.send_prepare(b"", query.sql.encode(), query.types or None)
        self._all(until)
        self._pgconn.send_describe_prepared(b"")
        return self._all(until)[-1]

    def _must_have_time(self, until: Until) -> None:
        if until.over:
            raise until.error()

    def _begin(self, until: Until) -> None:
        self._must_have_time(until)
        milliseconds = max(1, min(int((until.left + SERVERS_PATIENCE) * 1000), self._allowed))
        self._tell(BEGIN.format(milliseconds=milliseconds), until)

    def _own_limit(self) -> int:
        """The milliseconds that the role or the server lets a statement take: never more, where they say less."""
        try:
            said = self.connection.execute(OWN_LIMIT).fetchall()
        except psycopg.Error as error:
            self.connection.close()
            raise failed(BROKEN_OFF) from error
        return int(said[0][0]) or NO_LIMIT

    def _tell(self, text: str, until: Until) -> None:
        """Run statements of our own, which have no values from outside in them."""
        with self._lost_in_our_words():
            self._pgconn.send_query(text.encode())
            self._all(until)

    def _all(self, until: Until) -> list[pq.abc.PGresult]:
        try:
            return list(self._results(until, FEW_BYTES))
        except QueryTimeout:
            self._break_off()
            raise

    def _results(self, until: Until, most_bytes: int) -> Iterator[pq.abc.PGresult]:
        """Each result as it comes. Raises the first error once all of them are read; QueryTimeout leaves the rest."""
        refused: pq.abc.PGresult | None = None
        received = 0
        while self._pgconn.flush():
            self._wait(until, writing=True)
        while True:
            while self._pgconn.is_busy():
                self._wait(until)
                received += waiting_bytes(self._pgconn.socket)
                if received > most_bytes:
                    raise TooManyBytes
                self._pgconn.consume_input()
            result = self._pgconn.get_result()
            if result is None:
                break
            if result.status == pq.ExecStatus.FATAL_ERROR:
                refused = refused or result
            elif refused is None:
                yield result
        if refused is not None:
            raise psycopg.errors.error_from_result(refused)

    def _wait(self, until: Until, *, writing: bool = False) -> None:
        while True:
            if until.over:
                raise until.error()
            socket = [self._pgconn.socket]
            wait = until.left if until.stop is None else min(until.left, POLLING)
            ready = select.select(socket, socket if writing else [], [], max(wait, 0.0))
            if ready[0] or ready[1]:
                return

    def _break_off(self) -> None:
        """Cancel what runs and read it away; where that takes too long, have the server end the connection."""
        grace = Until(GRACE, time.monotonic())
        try:
            self.connection.cancel_safe(timeout=GRACE)
            for _ in self._results(grace, FEW_BYTES):
                pass
        except (QueryTimeout, TooManyBytes, psycopg.errors.CancellationTimeout):
            self.usable, self._terminating = False, True
            threading.Thread(target=self._terminate, name="vedder-terminate", daemon=True).start()
        except psycopg.Error as error:  # the query's end, or the connection's
            log.debug("A query was broken off: %s", error)
            self.usable = self.alive

    def _terminate(self) -> None:
        """From another connection; the own one stays open until then, so that its number is nobody else's."""
        try:
            with contextlib.suppress(psycopg.Error, WarehouseError), connect(self._place) as other:
                other.execute("SELECT pg_catalog.pg_terminate_backend(%s)", [self._pgconn.backend_pid])
        finally:
            self.connection.close()

    def _end(self) -> None:
        if not self.usable:
            return
        until = Until(GRACE, time.monotonic())
        try:
            self._tell("ROLLBACK", until)
            self._tell("DISCARD ALL", until)
        except (QueryFailed, QueryTimeout, psycopg.Error) as error:
            log.debug("A session could not be made as new: %s", error)
            self.usable = False

    @contextmanager
    def _lost_in_our_words(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            self.usable = self.alive
            raise failed(BROKEN_OFF) from error


class TooManyBytes(Exception):
    """The server has sent more than may come, perhaps one giant value."""
