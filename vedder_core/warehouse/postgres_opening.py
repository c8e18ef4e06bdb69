"""A PostgreSQL URL, a connection of it, and the wall before all others: what the role may not be able to do.

What a session may use is set in each of its transactions (`postgres_session`); why a role is the wall, and the SQL that
makes a right one, is in docs/postgres.md. The password is in no error and in nothing that is printed.
"""

import logging
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import psycopg

from vedder_core.errors import SettingsError, WarehouseError
from vedder_core.problem import did_you_mean

LIBPQ_OPTIONS = ("host", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs")
"""What is passed on to the client library as it is."""

OPTIONS = ("schemas", "connections", *LIBPQ_OPTIONS)
CONNECT_SECONDS = 10

CAN = """
    WITH roles AS (SELECT oid, rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication
                   FROM pg_catalog.pg_roles WHERE pg_catalog.pg_has_role(oid, 'MEMBER')),
         places AS (SELECT oid FROM pg_catalog.pg_namespace
                    WHERE nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')),
         owners AS (SELECT DISTINCT relowner AS oid FROM pg_catalog.pg_class
                    WHERE relnamespace IN (SELECT oid FROM places)),
         grants AS (SELECT DISTINCT relacl::text AS acl, relkind = 'S' AS sequence FROM pg_catalog.pg_class
                    WHERE relacl IS NOT NULL AND relnamespace IN (SELECT oid FROM places)
                    UNION ALL SELECT DISTINCT a.attacl::text, false FROM pg_catalog.pg_attribute a
                    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
                    WHERE a.attacl IS NOT NULL AND c.relnamespace IN (SELECT oid FROM places))
    SELECT 'is a superuser' WHERE EXISTS (SELECT FROM roles WHERE rolsuper)
    UNION ALL SELECT 'may create roles or databases, or replicate'
      WHERE EXISTS (SELECT FROM roles WHERE rolcreaterole OR rolcreatedb OR rolreplication)
    UNION ALL SELECT 'may do what only a server''s keeper may'
      WHERE EXISTS (SELECT FROM roles WHERE rolname IN ('pg_write_all_data', 'pg_execute_server_program',
        'pg_read_server_files', 'pg_write_server_files', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain',
        'pg_create_subscription', 'pg_database_owner'))
    UNION ALL SELECT 'may create schemas in the database'
      WHERE EXISTS (SELECT FROM roles r WHERE
        pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CREATE'))
    UNION ALL SELECT 'may create temporary tables'
      WHERE EXISTS (SELECT FROM roles r WHERE
        pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'TEMP'))
    UNION ALL SELECT 'may create tables in a schema'
      WHERE EXISTS (SELECT FROM roles r, pg_catalog.pg_namespace n
        WHERE pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'))
    UNION ALL SELECT 'owns tables' WHERE EXISTS (SELECT FROM owners WHERE oid IN (SELECT oid FROM roles))
    UNION ALL SELECT 'may write to a table or a sequence'
      WHERE EXISTS (SELECT FROM grants g CROSS JOIN LATERAL pg_catalog.aclexplode(g.acl::aclitem[]) x
        WHERE (x.grantee = 0 OR x.grantee IN (SELECT oid FROM roles))
          AND (x.privilege_type NOT IN ('SELECT', 'REFERENCES', 'USAGE')
               OR (g.sequence AND x.privilege_type = 'USAGE')))"""
"""What the role may do and must not, also through the roles that it is a member of; nothing where all is well."""

MAKE_ROLE = """REVOKE CREATE, TEMP ON DATABASE {database} FROM PUBLIC;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE ROLE vedder_reader LOGIN PASSWORD '...' CONNECTION LIMIT 20;
ALTER ROLE vedder_reader SET default_transaction_read_only = on;
GRANT USAGE ON SCHEMA {schema} TO vedder_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO vedder_reader;"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the database is and as whom to open it. `told` is how errors name it."""

    database: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    options: tuple[tuple[str, str], ...] = ()
    schemas: tuple[str, ...] = ()
    connections: int = 4

    @property
    def told(self) -> str:
        address = f"{self.host or 'localhost'}:{self.port}" if self.port else self.host or "localhost"
        return f"{address}/{self.database}"


def read_url(url: str) -> Place:
    """`postgresql://user:password@host:port/database?schemas=a,b`. Raises SettingsError, which tells no password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingsError(
            "The URL of the PostgreSQL warehouse cannot be read.",
            hint="Write postgresql://user:password@host:port/database, with %40 for @ and %2F for / in the password.",
        ) from None
    database = unquote(parts.path[1:])
    if parts.scheme != "postgresql" or not database or "/" in database:
        raise SettingsError(
            "The URL of the PostgreSQL warehouse names no database.",
            hint="Write postgresql://user:password@host:port/database?schemas=a,b.",
        )
    return _place(parts, port, database)


def _place(parts: SplitResult, port: int | None, database: str) -> Place:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    for name in options:
        if name not in OPTIONS:
            raise SettingsError(f"The PostgreSQL URL has an unknown option `{name}`.", hint=did_you_mean(name, OPTIONS))
    connections = options.get("connections", "4")
    if not connections.isdecimal() or not int(connections):
        raise SettingsError(
            f"`connections={connections}` is no number of connections.", hint="Give a whole number, or leave it out."
        )
    return Place(
        database=database,
        host=options.get("host", unquote(parts.hostname) if parts.hostname else None),
        port=port,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        options=tuple((name, value) for name, value in options.items() if name in LIBPQ_OPTIONS and name != "host"),
        schemas=tuple(name for name in options.get("schemas", "").split(",") if name),
        connections=int(connections),
    )


def connect(place: Place) -> psycopg.Connection:
    """A new connection. Raises WarehouseError."""
    given = {"host": place.host, "port": place.port, "user": place.user, "password": place.password}
    named = {name: value for name, value in given.items() if value is not None} | dict(place.options)
    try:
        return psycopg.connect(
            dbname=place.database,
            autocommit=True,
            prepare_threshold=None,
            connect_timeout=CONNECT_SECONDS,
            client_encoding="utf8",
            application_name="vedder",
            **named,  # type: ignore[arg-type]
        )
    except psycopg.Error as error:
        log.debug("PostgreSQL refused a connection: %s", error)
        raise WarehouseError(
            f"The PostgreSQL database at {place.told} cannot be opened.",
            hint="Check that the server runs, and the address, database, user and password in VEDDER_WAREHOUSE.",
        ) from error


def check_role(connection: psycopg.Connection, place: Place) -> None:
    """Raises WarehouseError, with the SQL that makes a right role, where the role could do more than read."""
    try:
        can = [str(what) for (what,) in connection.execute(CAN).fetchall()]
        user = connection.info.user
    except psycopg.Error as error:
        raise WarehouseError(
            f"What the role may do in {place.told} cannot be found out.", hint="Ask whoever keeps the server."
        ) from error
    if not can:
        return
    names = {"database": _quoted(place.database), "schema": _quoted((place.schemas or ("your_schema",))[0])}
    raise WarehouseError(
        f"Vedder opens no warehouse with a role that can do more than read: `{user}` {', '.join(can)}.",
        hint="Make a role that only reads, and use it (docs/postgres.md says more):\n" + MAKE_ROLE.format(**names),
    )


def _quoted(name: str) -> str:
    return name if name.isidentifier() and name.islower() else '"' + name.replace('"', '""') + '"'
