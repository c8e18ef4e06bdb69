"""One guarded query on one cursor: would it bind, and its rows within limits.

The engine's errors become ours here; what it says while a query runs can hold values of the data, and stays in the
cause of ours. What a query may ask is the guard's part, and was settled before.
"""

import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from vedder_core.errors import QueryFailed, QueryTimeout
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.warehouse import Bound, Limits, Result, Unbound

PREPARE = "PREPARE vedder_bind AS "
BATCH_ROWS = 10_000
OTHER = (
    "The engine broke the query off.",
    "Ask whoever keeps the warehouse; the debug log holds what the engine said.",
)
FAILURES = {
    "Conversion": (
        "A value cannot be converted to the type that the query wants.",
        "Use TRY_CAST where a value may be of another form, or leave such rows out.",
    ),
    "Out of Range": (
        "A value or a result is beyond the range of its type.",
        "Cast to a wider type before computing, or leave such rows out.",
    ),
    "Out of Memory": (
        "It needs more memory than the warehouse may use.",
        "Ask for less: a shorter period or fewer groups. `memory=` in the warehouse's URL allows more.",
    ),
    "Permission": (
        "It reads files outside of the folders that the warehouse may read.",
        "Name their folder with `files=` in the warehouse's URL.",
    ),
    "Binder": (
        "It does not fit the tables and columns that the warehouse holds now.",
        "Check the pairs again; a view may name a column that is gone.",
    ),
}
"""What is said of each class of engine errors, and what to do: our own words, never the engine's."""

CLASS = re.compile(r"(?:^|: )(?P<name>[A-Z][A-Za-z ]*) Error: ")
NO_COLUMN = re.compile(
    r'(?:does not have a column named|Column) "(?P<name>[^"]+)"(?: in \w+ list not found|$)', re.MULTILINE
)
NO_TABLE = re.compile(
    r'Referenced table "(?P<name>[^"]+)" not found|Table with name "?(?P<full>[^" ]+)"? does not exist'
)


log = logging.getLogger(__name__)


def bind(cursor: duckdb.DuckDBPyConnection, query: GuardedQuery) -> Bound | Unbound:
    """Would the engine run this query? Nothing is run: a relation is bound when it is made, executed when read."""
    try:
        return Bound(tuple(cursor.sql(query.sql, params=dict(query.parameters)).columns))
    except duckdb.Error as error:
        refused = error
    try:
        cursor.execute(PREPARE + query.sql)
    except duckdb.Error as error:
        return _unbound(query.sql, error)
    return Unbound(reason=words(refused))  # it binds without its parameters' values: one is missing or of a wrong type


def run(cursor: duckdb.DuckDBPyConnection, query: GuardedQuery, limits: Limits) -> Result:
    """The rows of a query, as many as the limits let through. Raises QueryTimeout or QueryFailed."""
    started = time.monotonic()
    with _deadline(cursor, limits.seconds) as passed:
        try:
            table, truncated = _read(cursor, query, limits)
        except (duckdb.Error, pa.ArrowException, OSError) as error:  # OSError: a stream that broke off under Arrow
            if passed.is_set():
                raise QueryTimeout(
                    f"The query was stopped after {limits.seconds:g} seconds.",
                    hint="Ask for less: a shorter period, fewer groups, or one value instead of all.",
                ) from error
            log.debug("A query failed: %s", error)
            message, hint = FAILURES.get(_class(error), OTHER)
            raise QueryFailed(f"The warehouse could not run the query. {message}", hint=hint) from error
    return Result(table, truncated=truncated, seconds=time.monotonic() - started)


def words(error: Exception) -> str:
    """The first line of what the engine says, without its error class and its JSON."""
    return str(_said(error)["exception_message"]).splitlines()[0]


def _class(error: Exception) -> str:
    """The engine's class of an error; one that broke off a stream comes under Arrow with the class in its text."""
    said = _said(error)
    named = CLASS.search(str(error))
    return str(said.get("exception_type") or (named["name"] if named else ""))


def _read(cursor: duckdb.DuckDBPyConnection, query: GuardedQuery, limits: Limits) -> tuple[pa.Table, bool]:
    relation = cursor.sql(query.sql, params=dict(query.parameters))
    reader = relation.to_arrow_reader(min(limits.rows + 1, BATCH_ROWS))
    kept: list[pa.RecordBatch] = []
    rows = size = 0
    truncated = False
    try:
        for batch in reader:
            fitting = batch.slice(0, _fitting(batch, limits.rows - rows, limits.bytes - size))
            kept.append(fitting)
            rows += fitting.num_rows
            size += fitting.nbytes
            truncated = fitting.num_rows < batch.num_rows
            if truncated:
                break
        return pa.Table.from_batches(kept, schema=reader.schema), truncated
    finally:
        reader.close()


def _fitting(batch: pa.RecordBatch, rows: int, size: int) -> int:
    """How many of a batch's first rows stay within both limits."""
    low, high = 0, min(batch.num_rows, rows)
    if batch.slice(0, high).nbytes <= size:
        return high
    while low < high - 1:
        middle = (low + high) // 2
        low, high = (middle, high) if batch.slice(0, middle).nbytes <= size else (low, middle)
    return low


@contextmanager
def _deadline(cursor: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[threading.Event]:
    """Interrupt the cursor once `seconds` have passed, and again until it has ended: an interrupt that comes before
    the query has started is lost.
    """
    ended, passed = threading.Event(), threading.Event()

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):
            passed.set()
            cursor.interrupt()
            wait = 0.05

    watcher = threading.Thread(target=watch, name="vedder-deadline", daemon=True)
    watcher.start()
    try:
        yield passed
    finally:
        ended.set()
        watcher.join()


def _unbound(sql: str, error: duckdb.Error) -> Unbound:
    said = _said(error)
    reason = str(said["exception_message"]).splitlines()[0]
    offset, length = _place(sql, said)
    spelt = sql[offset : offset + length].replace('"', "") if offset is not None else ""
    missing, kind = _missing(said, spelt)
    if missing is not None and missing.rpartition(".")[2].casefold() not in spelt.casefold():
        offset = None  # the place is inside of a view that the query reads, not in the query
    return Unbound(reason=reason, missing=missing, missing_kind=kind, offset=offset)


def _missing(said: dict[str, object], spelt: str) -> tuple[str | None, str | None]:
    message = str(said["exception_message"])
    name = str(said["name"]) if "name" in said else None
    if name is not None and said.get("error_subtype") == "COLUMN_NOT_FOUND":
        return name, "column"
    if name is not None and said.get("error_subtype") == "MISSING_ENTRY":
        kind = str(said.get("type", "")).casefold()
        if kind in ("table", "view"):
            return (spelt if spelt.casefold().endswith(name.casefold()) else name), "table"
        return name, "function" if "function" in kind else kind
    if found := NO_TABLE.search(message):
        return found["name"] or found["full"], "table"
    if found := NO_COLUMN.search(message):
        return found["name"], "column"
    return None, None


def _place(sql: str, said: dict[str, object]) -> tuple[int | None, int]:
    """The engine counts bytes from the start of the PREPARE; ours are characters from the start of the query."""
    if "position" not in said:
        return None, 0
    start, length = (
        int(number) for number in str(said.get("location", f"[{said['position']},0]")).strip("[]").split(",")
    )
    text = sql.encode()
    start -= len(PREPARE)
    if not 0 <= start <= len(text):
        return None, 0
    return len(text[:start].decode(errors="ignore")), len(text[start : start + length].decode(errors="ignore"))


def _said(error: Exception) -> dict[str, object]:
    """The engine's error as a record; binder errors come as plain text, the others as JSON behind a class name."""
    text = str(error)
    start = text.find("{")
    if start >= 0:
        try:
            said = json.loads(text[start:])
        except json.JSONDecodeError:
            said = None
        if isinstance(said, dict) and "exception_message" in said:
            return said
    return {"exception_message": re.sub(r"^[A-Z][\w ]* Error: ", "", text) or type(error).__name__}
