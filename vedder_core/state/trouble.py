"""What a failing state database is told as: one message by kind, and what to do. No statement and no value in it."""

import logging
import sqlite3

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from vedder_core.errors import StateError

log = logging.getLogger(__name__)

_GOES_ON = "What was written before stays and can be read; Vedder goes on by itself once that is mended."

_SQLITE: dict[str, tuple[str, str]] = {
    "SQLITE_FULL": ("has no room: its disk is full", f"Free some space there. {_GOES_ON}"),
    "SQLITE_BUSY": (
        "is locked for too long",
        "End whatever program holds it, or move to PostgreSQL where many processes write.",
    ),
    "SQLITE_READONLY": ("may not be written to", "Give Vedder's user the right to write the file and its folder."),
    "SQLITE_CANTOPEN": ("cannot be opened", "VEDDER_STATE must name a file in a folder that may be written to."),
    "SQLITE_NOTADB": ("is no SQLite database", "Let VEDDER_STATE name another file, or restore it from a backup."),
    "SQLITE_CORRUPT": ("is damaged", "Restore it from a backup."),
    "SQLITE_IOERR": ("cannot be read or written: its disk fails", f"Look at the disk. {_GOES_ON}"),
}

_POSTGRES: dict[str, tuple[str, str]] = {
    "53100": ("has no room: its disk is full", f"Free some space there. {_GOES_ON}"),
    "53300": ("takes no more connections", "Raise max_connections, or run fewer processes."),
    "28": ("does not let Vedder in", "Look at user and password in VEDDER_STATE."),
    "3D": ("does not exist", "Create it, or let VEDDER_STATE name another one."),
    "55P03": ("is locked for too long", "End whatever program holds it, or ask again when it is done."),
    "42501": ("does not grant what Vedder needs", "Let Vedder's user own the schema of its tables."),
    "25006": ("may not be written to", "Let VEDDER_STATE name the primary server."),
    "08": ("does not answer", f"Start it, or mend VEDDER_STATE. {_GOES_ON}"),
    "57": ("does not answer", f"Start it. {_GOES_ON}"),
}

_UNREACHABLE = ("does not answer", f"Start it, or mend VEDDER_STATE. {_GOES_ON}")
_OTHER = ("failed", f"The log tells more. {_GOES_ON}")


def trouble(error: Exception, url: URL) -> StateError:
    """The error of a database as a person should read it."""
    place = url.render_as_string(hide_password=True)
    if isinstance(error, NoConnectionFree):
        what, hint = "is too busy: no connection came free", "Ask again, or run more processes."
    else:
        what, hint = _kind(error.orig if isinstance(error, DBAPIError) and error.orig is not None else error)
    if what == _OTHER[0]:
        log.error("The state database failed in a way that has no name here", exc_info=error)
    return StateError(f"The state database {place} {what}.", hint=hint)


def _kind(error: BaseException) -> tuple[str, str]:
    if isinstance(error, sqlite3.Error):
        return _by_prefix(_SQLITE, str(getattr(error, "sqlite_errorname", "")), _OTHER)
    code = getattr(error, "sqlstate", None)  # psycopg's; None where no server spoke
    return _by_prefix(_POSTGRES, code, _OTHER) if isinstance(code, str) else _UNREACHABLE


def _by_prefix(kinds: dict[str, tuple[str, str]], code: str, other: tuple[str, str]) -> tuple[str, str]:
    return next((told for prefix, told in kinds.items() if code.startswith(prefix)), other)
