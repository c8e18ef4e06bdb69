"""Bringing the tables up to date, by Alembic: the steps are in `migrations`, and run when the database is opened.

Processes that start at once wait for one another, so that each step is taken once.
"""

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, select, text

from vedder_core.errors import StateError

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x7EDDE12  # of all advisory locks of a PostgreSQL database, ours
_in_this_process = threading.Lock()  # Alembic keeps its context in a module


def is_current(connection: Connection) -> bool:
    """Whether every step has been taken, and none that this Vedder does not know."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == newest()


def newest() -> str:
    """The newest step, by the name of its file: `v<revision>_<what>.py`.

    Alembic, which takes a tenth of a second to load, is needed only where a database has not got there.
    """
    return max(path.name[1:].partition("_")[0] for path in (_FOLDER / "versions").glob("v*_*.py"))


def migrate(connection: Connection, *, patience: float) -> None:
    """Take every step that this database has not taken, in the transaction of this connection.

    `patience` is for how many seconds another one that does so is waited for; on SQLite, the transaction has waited.
    Raises StateError where the database is of a newer Vedder.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = {round(patience * 1000)}"))
        connection.execute(select(text(f"pg_advisory_xact_lock({_LOCK})")))
    if is_current(connection):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_FOLDER))
    try:
        with _in_this_process:
            command.upgrade(config, "head")
    except CommandError as error:
        raise StateError(
            f"The state database has a shape that this Vedder does not know ({error}).",
            hint="A newer Vedder has opened it: use that one, or restore a backup from before.",
        ) from error
