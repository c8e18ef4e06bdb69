"""The engine's errors in our words: why a query failed, and what it was that would not bind.

What the engine says while a query runs can hold values of the data, and names that the caller may not know: it stays
in the cause of our error and in the debug log. Worker processes import this too: nothing heavy here.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from vedder_core.errors import QueryFailed
from vedder_core.warehouse.warehouse import Unbound

DESCRIBE = "DESCRIBE "
OTHER = (
    "The engine broke the query off.",
    "Ask whoever keeps the warehouse; the debug log holds what the engine said.",
)
OUT_OF_MEMORY = (
    "It needs more memory than the warehouse may use.",
    "Ask for less: a shorter period or fewer groups. `memory=` in the warehouse's URL allows more.",
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
    "Out of Memory": OUT_OF_MEMORY,
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

GIVEN_UP = frozenset(("INTERNAL", "FATAL"))
"""Classes of errors after which the engine refuses whatever its instance is asked, for good."""

CLASS = re.compile(r"(?:^|: )(?P<name>[A-Z][A-Za-z ]*) Error: ")
NO_COLUMN = re.compile(
    r'(?:does not have a column named|Column) "(?P<name>[^"]+)"(?: in \w+ list not found|$)', re.MULTILINE
)
NO_TABLE = re.compile(
    r'Referenced table "(?P<name>[^"]+)" not found|Table with name "?(?P<full>[^" ]+)"? does not exist'
)


log = logging.getLogger(__name__)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever breaks off a query inside is raised as QueryFailed; the engine's error is its cause."""
    try:
        yield
    except MemoryError as error:  # Python's own, or Arrow's, at the limit of a worker process
        raise failed(OUT_OF_MEMORY) from error
    except (duckdb.Error, pa.ArrowException, OSError, RecursionError) as error:  # OSError: a stream broke off in Arrow
        log.debug("A query failed: %s", error)
        raise failed(FAILURES.get(class_of(error), OTHER)) from error


def failed(said: tuple[str, str]) -> QueryFailed:
    """A query that failed for one of the reasons above."""
    message, hint = said
    return QueryFailed(f"The warehouse could not run the query. {message}", hint=hint)


def has_given_up(error: BaseException) -> bool:
    """Can the engine's instance answer nothing any more, so that only a new one helps? Also of an error of ours."""
    return class_of(error.__cause__ or error) in GIVEN_UP


def class_of(error: BaseException) -> str:
    """The engine's class of an error; one that broke off a stream comes under Arrow with the class in its text."""
    said = _said(error)
    named = CLASS.search(str(error))
    return str(said.get("exception_type") or (named["name"] if named else ""))


def unbound(sql: str, error: duckdb.Error) -> Unbound:
    """What would not bind, from the error of describing it, and the SQL."""
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
    """The engine counts bytes from the start of DESCRIBE; ours are characters from the start of the query."""
    if "position" not in said:
        return None, 0
    start, length = (
        int(number) for number in str(said.get("location", f"[{said['position']},0]")).strip("[]").split(",")
    )
    text = sql.encode()
    start -= len(DESCRIBE)
    if not 0 <= start <= len(text):
        return None, 0
    return len(text[:start].decode(errors="ignore")), len(text[start : start + length].decode(errors="ignore"))


def _said(error: BaseException) -> dict[str, object]:
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
