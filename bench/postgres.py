"""A PostgreSQL server for trials, from the programs on this machine; its folder and socket are gone at the end.

Nothing is synced to the disk: kill whoever uses it, but not the machine.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

GIVEN = "VEDDER_TEST_POSTGRES"
"""Names the URL of a server to use instead; the user must be allowed to create databases."""

MISSING = f"no PostgreSQL: neither its programs are on this machine nor is {GIVEN} set"
_PATIENCE = 30.0


class NoPostgres(Exception):
    """There is no server to be had."""


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server, `postgresql+psycopg://...`, without a database's name. Raises NoPostgres."""
    given = os.environ.get(GIVEN)
    if given:
        yield given
        return
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="vedder-pg-"))
    user = _unprivileged()
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder} | as_user
    made = [programs / "initdb", "--no-sync", "--auth=trust", "--username=vedder", "-D", data]
    subprocess.run(made, check=True, **quiet)  # type: ignore[call-overload]
    options = ("-k", folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=200")
    running = subprocess.Popen([programs / "postgres", "-D", data, *options], **quiet)  # type: ignore[call-overload]
    try:
        url = f"postgresql+psycopg://vedder@/postgres?host={folder}"
        _await(url)
        yield url
    finally:
        running.send_signal(signal.SIGINT)  # do not wait for clients
        running.wait(_PATIENCE)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server_url: str) -> Iterator[str]:
    """The URL of a new, empty database on a server; it is dropped at the end."""
    name = f"vedder_{uuid4().hex[:12]}"
    with psycopg.connect(_plain(server_url), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            place, mark, options = server_url.partition("?")
            yield f"{place.rpartition('/')[0]}/{name}{mark}{options}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _programs() -> Path:
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(MISSING)


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom to be instead of root, as whom PostgreSQL does not run."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _await(url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(_plain(url)).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
