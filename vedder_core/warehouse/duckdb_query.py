"""One guarded query on one cursor: would it bind, and its rows within limits of rows and bytes.

What a query may ask is the guard's part, and was settled before; the deadline is kept by whoever calls: a thread in
this process (`in_time`), or the process that asked a worker. Worker processes import this too: nothing heavy here.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import duckdb
import pyarrow as pa

from vedder_core.errors import QueryFailed
from vedder_core.warehouse.deadlines import DEADLINES
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_errors import DESCRIBE, OTHER, failed, has_given_up, in_our_words, unbound
from vedder_core.warehouse.duckdb_file import Opened
from vedder_core.warehouse.duckdb_plan import check_scans
from vedder_core.warehouse.ends import cancelled, fitting, too_late
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

BATCH_ROWS = 10_000
UNSIGNED = pa.decimal256(39, 0)


def bind(cursor: duckdb.DuckDBPyConnection, asked: Asked) -> Bound | Unbound:
    """Would the engine run this query? No data is read: what is described is bound and not executed.

    Constants are computed all the same, so this needs a deadline as much as running does. Raises QueryFailed where the
    engine itself breaks.
    """
    try:
        described = cursor.execute(DESCRIBE + asked.sql, dict(asked.parameters)).fetchall()
    except duckdb.Error as error:
        if has_given_up(error):  # that says nothing of the query
            raise failed(OTHER) from error
        return unbound(asked.sql, error)
    return Bound(tuple(str(name) for name, *_ in described))


class Rows:
    """The rows of a query in batches, as many as the limits let through. `truncated` is known once all were read.

    Raises QueryRefused where the plan reads more than the query's datasets, and QueryFailed; use as a context manager.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, opened: Opened, asked: Asked, limits: Limits) -> None:
        self._limits = limits
        self.truncated = False
        with in_our_words():
            check_scans(cursor, opened, asked)
            relation = cursor.sql(asked.sql, params=dict(asked.parameters))
            self._unsigned = _unsigned(relation)
            self._reader = relation.to_arrow_reader(min(limits.rows + 1, BATCH_ROWS))
            self.schema = self._reader.schema
            for place in self._unsigned:
                self.schema = self.schema.set(place, self.schema.field(place).with_type(UNSIGNED))

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        rows = size = 0
        with in_our_words():
            for read in self._reader:
                batch = _with_signs_as_digits(read, self._unsigned, self.schema) if self._unsigned else read
                kept = batch.slice(0, fitting(batch, self._limits.rows - rows, self._limits.bytes - size))
                rows += kept.num_rows
                size += kept.nbytes
                self.truncated = kept.num_rows < batch.num_rows
                yield kept
                if self.truncated:
                    break

    def close(self) -> None:
        self._reader.close()


def run_here(
    cursor: duckdb.DuckDBPyConnection,
    opened: Opened,
    asked: Asked,
    limits: Limits,
    *,
    stop: threading.Event | None = None,
) -> Result:
    """The rows of a query, computed in this process. Raises QueryTimeout, QueryRefused or QueryFailed."""
    started = time.monotonic()
    with in_time(cursor, limits.seconds, stop):
        rows = Rows(cursor, opened, asked, limits)
        try:
            table = pa.Table.from_batches(list(rows), schema=rows.schema)
        finally:
            rows.close()
    return Result(table, truncated=rows.truncated, seconds=time.monotonic() - started)


def bind_here(cursor: duckdb.DuckDBPyConnection, asked: Asked, seconds: float) -> Bound | Unbound:
    """Bind in this process. Raises QueryTimeout."""
    with in_time(cursor, seconds) as passed:
        bound = bind(cursor, asked)
        if isinstance(bound, Unbound) and passed.is_set():
            raise too_late(seconds)
        return bound


@contextmanager
def in_time(
    cursor: duckdb.DuckDBPyConnection, seconds: float, stop: threading.Event | None = None
) -> Iterator[threading.Event]:
    """Interrupt the cursor once `seconds` have passed or `stop` is set. Raises QueryTimeout for what then fails."""
    with DEADLINES.watch(cursor.interrupt, seconds, stop) as passed:
        try:
            yield passed
        except QueryFailed as error:
            if passed.is_set():
                raise (cancelled() if stop is not None and stop.is_set() else too_late(seconds)) from error.__cause__
            raise


def _unsigned(relation: duckdb.DuckDBPyRelation) -> tuple[int, ...]:
    """The columns of 128 unsigned bits: the engine hands them to Arrow as signed ones, and so the largest as negative.

    Raises QueryFailed where such numbers are inside of lists or records.
    """
    types = [str(each) for each in relation.types]
    if any("UHUGEINT" in each and each != "UHUGEINT" for each in types):
        raise failed(
            ("It gives numbers of the type UHUGEINT inside of lists or records.", "Cast them to VARCHAR or DOUBLE.")
        )
    return tuple(place for place, each in enumerate(types) if each == "UHUGEINT")


def _with_signs_as_digits(batch: pa.RecordBatch, places: tuple[int, ...], schema: pa.Schema) -> pa.RecordBatch:
    columns = list(batch.columns)
    for place in places:
        values = (None if value is None else Decimal(int(value) % 2**128) for value in columns[place].to_pylist())
        columns[place] = pa.array(list(values), UNSIGNED)
    return pa.RecordBatch.from_arrays(columns, schema=schema)
