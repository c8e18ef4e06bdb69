"""One guarded query in one session: would it bind, and its rows within limits of time, rows and bytes.

What a query may ask is the guard's part, and was settled before.
"""

import time
from collections.abc import Sequence
from contextlib import closing

import psycopg
from psycopg.pq.abc import PGresult

from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.ends import fitting
from vedder_core.warehouse.postgres_errors import failed, in_our_words, said, unbound
from vedder_core.warehouse.postgres_parameters import Spelt, spelt
from vedder_core.warehouse.postgres_plan import check_scans
from vedder_core.warehouse.postgres_session import Bindable, Session, TooManyBytes, Until
from vedder_core.warehouse.postgres_values import ResultColumn, columns_of, to_table
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

SENT_BYTES = 16_000_000
"""The server sends a value as text, and a short row with much around it: so much on top of eight times the limit."""

SPEAKS_OF_THE_QUERY = ("42", "22", "0A", "3F", "21", "54")
"""Classes of errors that say something of the query; after others nothing is known of it."""


def bind(session: Session, query: GuardedQuery, until: Until) -> Bound | Unbound:
    """Would the engine run this query? Raises QueryTimeout, or QueryFailed where the server itself fails."""
    written = spelt(query)
    with session.transaction(until):
        try:
            _, columns = _described(session, written, until)
        except psycopg.Error as error:
            if not (error.sqlstate or "").startswith(SPEAKS_OF_THE_QUERY):
                raise failed(said(error)) from error
            position = error.diag.statement_position
            place = written.place(int(position) - 1) if position else None
            return unbound(query.sql, place, error)
    return Bound(tuple(column.name for column in columns))


def run(session: Session, query: GuardedQuery, limits: Limits, until: Until) -> Result:
    """The rows of a query. Raises QueryTimeout, QueryRefused or QueryFailed."""
    with in_our_words(), session.transaction(until):
        sent, columns = _described(session, spelt(query), until)
        check_scans(session, sent, query.datasets, until)
        rows = _Rows(columns, limits)
        rows.read(session, sent, until)
        table = to_table(columns, rows.values, session.connection)
    kept = table.slice(0, fitting(table, limits.rows, limits.bytes))
    truncated = rows.truncated or kept.num_rows < table.num_rows
    return Result(kept, truncated=truncated, seconds=time.monotonic() - until.began)


def _described(session: Session, written: Spelt, until: Until) -> tuple[Bindable, list[ResultColumn]]:
    """The query as it can be run, and its columns; texts get their type said where the server cannot find it."""
    try:
        return written.query, columns_of(session.describe(written.query, until))
    except psycopg.errors.IndeterminateDatatype:
        session.start_again(until)
    return written.with_texts(), columns_of(session.describe(written.with_texts(), until))


class _Rows:
    """Values by column as the server wrote them, until one of the limits is reached."""

    def __init__(self, columns: Sequence[ResultColumn], limits: Limits) -> None:
        self.values: list[list[bytes | None]] = [[] for _ in columns]
        self.truncated = False
        self._widths = [column.width for column in columns]
        self._limits = limits
        self._rows = self._bytes = 0

    def read(self, session: Session, query: Bindable, until: Until) -> None:
        """Read what fits."""
        most = 8 * self._limits.bytes + SENT_BYTES
        with closing(session.ask(query, until, most_bytes=most)) as chunks:
            try:
                self.truncated = any(self._is_full_after(chunk) for chunk in chunks)
            except TooManyBytes:
                self.truncated = True

    def _is_full_after(self, chunk: PGresult) -> bool:
        """Take the rows of a chunk; true once there are more than the limits let through."""
        for row in range(chunk.ntuples):
            if self._rows >= self._limits.rows or self._bytes > self._limits.bytes:
                return True
            for column, (values, width) in enumerate(zip(self.values, self._widths, strict=True)):
                raw = chunk.get_value(row, column)
                values.append(raw)
                self._bytes += width or 4 + len(raw or b"")
            self._rows += 1
        return False
