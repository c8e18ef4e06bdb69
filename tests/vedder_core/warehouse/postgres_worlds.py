"""Small PostgreSQL databases with a role that only reads, for tests; each is gone at the end of its test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import psycopg

from bench import postgres


@dataclass(frozen=True)
class Database:
    """A database of its own: `url` opens it as the reader, `change` runs statements as its owner."""

    owner_url: str
    reader: str

    def change(self, *statements: str) -> None:
        """As a loader does: what it counted is with the server's statistics when this returns."""
        self.bare(*statements)
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            every = schemas(connection)
        grants = f"GRANT USAGE ON SCHEMA {every}", f"GRANT SELECT ON ALL TABLES IN SCHEMA {every}"
        self.bare(*(f'{grant} TO "{self.reader}"' for grant in grants))

    def bare(self, *statements: str) -> None:
        """Statements without grants behind them."""
        with psycopg.connect(self.owner_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute("SELECT pg_stat_force_next_flush()")

    def url(self, *, user: str | None = None, password: str = "", options: str = "") -> str:
        """The URL by which the warehouse is opened."""
        parts = urlsplit(self.owner_url)
        host = f"&host={given[0]}" if (given := parse_qs(parts.query).get("host")) else ""
        address = "" if host else f"{parts.hostname}:{parts.port or 5432}"
        secret = f":{password}" if password else ""
        return f"postgresql://{user or self.reader}{secret}@{address}{parts.path}?connections=4{host}{options}"


def schemas(connection: psycopg.Connection) -> str:
    """All schemas that are not the system's."""
    found = connection.execute(
        "SELECT string_agg(quote_ident(nspname), ', ') FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> %s",
        ["information_schema"],
    ).fetchone()
    assert found is not None
    return str(found[0])


@contextmanager
def database(server: str) -> Iterator[Database]:
    """A new database and its reader, who may do nothing but read."""
    reader = f"reader_{uuid4().hex[:12]}"
    with postgres.database(server) as made:
        owner = made.replace("postgresql+psycopg://", "postgresql://", 1)
        own = Database(owner, reader)
        name = urlsplit(owner).path[1:]
        own.bare(
            f"REVOKE CREATE, TEMP ON DATABASE {name} FROM PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"CREATE ROLE {reader} LOGIN PASSWORD 'geheim' CONNECTION LIMIT 20",
            f"ALTER ROLE {reader} SET default_transaction_read_only = on",
        )
        try:
            yield own
        finally:
            own.bare(f"DROP OWNED BY {reader} CASCADE", f"DROP ROLE {reader}")
