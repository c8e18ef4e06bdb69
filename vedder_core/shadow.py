"""Empty shadows of a warehouse: its tables and views without any data, in which an engine's binder can be asked.

A shadow holds nothing that was read from the warehouse but names, types and views. Where there is no engine to ask,
names alone are compared (`shadow_names`), and `judge` says so.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Literal, Protocol
from urllib.parse import urlsplit

from vedder_core.closing import Closing
from vedder_core.errors import SettingsError
from vedder_core.schema import Catalog, Routine, Table
from vedder_core.sql.guard import GuardedQuery
from vedder_core.warehouse.warehouse import Bound, Unbound

Judge = Literal["duckdb", "postgresql", "names"]

SHADOWS: Mapping[str, str] = {"duckdb": "vedder_core.warehouse.duckdb_shadow:shadow_in_memory"}
"""Dialects whose engine is embedded -> import path of what makes a shadow in this process."""
SCRATCHES: Mapping[str, str] = {"postgresql": "vedder_core.warehouse.postgres_shadow:shadow_in_scratch"}
"""Schemes of scratch databases -> import path of what makes a shadow in one, and leaves nothing behind."""
BY_NAMES = "vedder_core.shadow_names:shadow_of_names"


class Shadow(Closing, Protocol):
    """Tables and views without data. `failed` are the views that do not bind, with what the engine says; `untyped` are
    the columns (`dataset.column`) whose type the shadow does not know.
    """

    judge: Judge
    failed: Mapping[str, Unbound]
    untyped: frozenset[str]

    def catalog(self) -> Catalog:
        """What it holds, with the columns of views as the engine finds them."""
        ...

    def bind(self, query: GuardedQuery) -> Bound | Unbound:
        """Would this query run, if the tables had these columns?"""
        ...


def open_shadow(
    tables: Sequence[Table],
    dialect: str,
    *,
    routines: Sequence[Routine] = (),
    types: Sequence[str] = (),
    scratch: str | None = None,
) -> Shadow:
    """A shadow of these tables. `scratch` is the URL of a database in which it may be made, for engines that need one;
    `types` are statements that make types of their own; `routines` are what views call, which DuckDB alone is given.
    Raises SettingsError of a scratch of another engine.
    """
    path = SHADOWS.get(dialect, BY_NAMES)
    if scratch is not None:
        scheme = urlsplit(scratch).scheme.partition("+")[0]
        if scheme not in SCRATCHES or not scheme.startswith(dialect):
            raise SettingsError(
                f"The scratch database is no {dialect} database.",
                hint="Give postgresql://... for a PostgreSQL warehouse; a DuckDB warehouse needs none.",
            )
        path = SCRATCHES[scheme]
    module, _, function = path.partition(":")
    make = getattr(import_module(module), function)
    shadow: Shadow = make(tables, dialect, types, scratch, routines)
    return shadow
