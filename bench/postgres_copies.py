"""Databases on a PostgreSQL server that are templates of copies, with a role that only reads; all are gone at the end.

A copy is made for each thing that is tried, so that every trial begins with the world as it was.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg

from vedder_core.closing import Closing

READER = "bench_reader"
"""The role as which the product reads: it may do nothing else."""

Connection = psycopg.Connection[Any]


class Databases(Closing):
    """Each has a name. `seconds` is the longest that a statement may take, 0 for as long as it likes."""

    def __init__(self, server: str, *, seconds: int = 0) -> None:
        self._server = server.replace("postgresql+psycopg://", "postgresql://", 1)
        self._seconds = seconds
        self._admin = psycopg.connect(self._server, autocommit=True)
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            self._admin.execute(f"CREATE ROLE {READER} LOGIN")
        self._made: list[str] = []

    def new(self) -> str:
        """An empty database; the reader will read what is made in it."""
        name = f"world_{uuid4().hex[:12]}"
        self._admin.execute(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        with self.connected(name) as connection:
            connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
            connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}")
            connection.execute(f"ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO {READER}")
        return name

    @contextmanager
    def copy(self, name: str) -> Iterator[tuple[Connection, str]]:
        """A copy as its owner, and the URL by which the product reads it."""
        copied = f"copy_{uuid4().hex[:12]}"
        self._admin.execute(f'CREATE DATABASE "{copied}" TEMPLATE "{name}"')
        try:
            self._admin.execute(f'REVOKE CREATE, TEMP ON DATABASE "{copied}" FROM PUBLIC'.encode())
            with self.connected(copied) as connection:
                yield connection, self._url(copied, user=READER)
        finally:
            self._admin.execute(f'DROP DATABASE "{copied}" WITH (FORCE)'.encode())

    @contextmanager
    def connected(self, name: str) -> Iterator[Connection]:
        with closing(psycopg.connect(self._url(name), autocommit=True)) as connection:
            connection.execute(f"SET statement_timeout = '{self._seconds}s'".encode())
            yield connection

    def close(self) -> None:
        for name in self._made:
            self._admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._admin.close()

    def _url(self, name: str, *, user: str = "") -> str:
        parts = urlsplit(self._server)
        host = parts.netloc.rpartition("@")[2]
        return urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else parts.netloc, path=f"/{name}"))
