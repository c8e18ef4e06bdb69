"""The engine's errors in our words, by SQLSTATE: why a query failed, and what it was that would not bind.

What the engine says while a query runs can hold values of the data: it stays in the cause of our error and in the debug
log. While a query is only bound no data is read; what the engine says of the query's own words is told then.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from vedder_core.errors import QueryFailed
from vedder_core.warehouse.warehouse import Unbound

OTHER = (
    "The engine broke the query off.",
    "Ask whoever keeps the warehouse; the debug log holds what the engine said.",
)
BROKEN_OFF = ("The connection to the server ended.", "Ask again; if it stays so, check that the server runs.")
CONVERSION = (
    "A value cannot be converted to the type that the query wants.",
    "Test the text with a regular expression in a CASE before it is cast, or leave such rows out.",
)
RANGE = (
    "A value or a result is beyond the range of its type.",
    "Cast to a wider type before computing, or leave such rows out.",
)
TOO_BIG = (
    "It needs more memory or disk than the server lets it have.",
    "Ask for less: a shorter period or fewer groups. The role's `temp_file_limit` may allow more.",
)
UNFIT = (
    "It does not fit the tables and columns that the warehouse holds now.",
    "Check the pairs again; a view may name a column that is gone.",
)
MAY_NOT = (
    "The warehouse's role may not read what it names, or what lies below.",
    "Grant SELECT to the role that VEDDER_WAREHOUSE names.",
)
FAILURES = {
    "22003": RANGE,
    "22008": RANGE,
    "22012": ("It divides by zero.", "Divide by NULLIF(x, 0), which gives NULL instead."),
    "22": CONVERSION,
    "21000": ("A subquery gives several rows where one is wanted.", "Use IN, an aggregate, or LIMIT 1."),
    "53300": ("The server takes no more connections.", "Ask again later; `connections=` in the URL asks for fewer."),
    "53": TOO_BIG,
    "54": TOO_BIG,
    "55P03": ("Somebody else has locked a table that it reads.", "Ask again when the load or change is done."),
    "57014": (
        "It was stopped on the server: by the role's time limit, or by somebody.",
        "Ask for less, or again.",
    ),
    "57": BROKEN_OFF,
    "08": BROKEN_OFF,
    "42501": MAY_NOT,
    "42": UNFIT,
    "25006": ("It would write.", "Write one SELECT that only reads."),
}
"""What is said of an error's SQLSTATE or of the class in its first two letters: our own words, never the engine's."""

REASONS = {
    "42803": "A column stands neither in GROUP BY nor in an aggregate function.",
    "42702": "A column's name is ambiguous: several of the tables have it.",
    "42P10": "A number in ORDER BY or GROUP BY is no column of the result.",
    "42501": MAY_NOT[0],
    "3F000": "It names a schema that is not there.",
}
"""Why a query does not bind, where we say it better than the engine."""

NAME = re.compile(r'"(?:[^"]|"")*"|[^\W\d][\w$]*')

log = logging.getLogger(__name__)


@contextmanager
def in_our_words() -> Iterator[None]:
    """Whatever breaks off a query inside is raised as QueryFailed; the engine's error is its cause."""
    try:
        yield
    except psycopg.Error as error:
        log.debug("A query failed: %s", error)
        raise failed(said(error)) from error


def failed(words: tuple[str, str]) -> QueryFailed:
    """A query that failed for one of the reasons above."""
    message, hint = words
    return QueryFailed(f"The warehouse could not run the query. {message}", hint=hint)


def said(error: psycopg.Error) -> tuple[str, str]:
    """What is said of an error, and what to do."""
    state = error.sqlstate or "08"
    return FAILURES.get(state, FAILURES.get(state[:2], OTHER))


def unbound(sql: str, position: int | None, error: psycopg.Error) -> Unbound:
    """What would not bind; `position` is the 0-based place in `sql` that the engine names."""
    state = error.sqlstate or ""
    names = _names_at(sql, position) if position is not None else []
    if state == "42703" and position is not None and names:
        name, start = names[-1]
        return Unbound(f"There is no column `{name}`.", name, "column", position + start)
    if state in ("42P01", "3F000") and position is not None and names:
        dotted = ".".join(name for name, _ in names)
        if not _is_from(sql, position) and len(names) > 1:  # a table that the query uses and nowhere reads
            dotted = ".".join(name for name, _ in names[:-1])
        return Unbound(f"There is no table `{dotted}` here.", dotted, "table", position)
    return Unbound(_reason(error), offset=position)


def _reason(error: psycopg.Error) -> str:
    """One line. The engine's own only where it speaks of the query's names and types, and of no value."""
    state = error.sqlstate or ""
    if state in REASONS:
        return REASONS[state]
    if state.startswith("42") and error.diag.message_primary:
        return error.diag.message_primary.splitlines()[0]
    return said(error)[0]


def _names_at(sql: str, start: int) -> list[tuple[str, int]]:
    """The dotted name at a place: each part as the engine reads it, and where it begins from there."""
    found: list[tuple[str, int]] = []
    place = start
    while part := NAME.match(sql, place):
        text = part[0]
        name = text[1:-1].replace('""', '"') if text.startswith('"') else text.lower()
        found.append((name, part.start() - start))
        if sql[part.end() : part.end() + 1] != ".":
            break
        place = part.end() + 1
    return found


def _is_from(sql: str, position: int) -> bool:
    """Does a table stand there? Those are read in full names, so after FROM, JOIN or a comma between tables."""
    before = sql[:position].rstrip().rpartition(" ")[2].upper()
    return before in ("FROM", "JOIN", "LATERAL", "ONLY") or sql[position] == '"'
