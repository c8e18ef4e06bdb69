"""The guard: the only maker of a `GuardedQuery`, and so the only way for SQL into a warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from vedder_core.schema import Table

ParameterValue = str | int | float | bool | date | None


@dataclass(frozen=True, slots=True)
class GuardedQuery:
    """One checked SELECT. `sql` is generated from the checked tree, `datasets` are the full names it may scan."""

    sql: str
    dialect: str
    datasets: frozenset[str]
    parameters: Mapping[str, ParameterValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Granted:
    """What a caller may read: tables by dotted name, and the columns of each that do not exist for the caller."""

    tables: Mapping[str, Table]
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)


def guard(
    sql: str | exp.Expr,
    granted: Granted,
    *,
    dialect: str,
    parameters: Mapping[str, ParameterValue] | None = None,
) -> GuardedQuery:
    """Check one query against what is granted. Raises QueryRefused, in our words, never the engine's."""
    raise NotImplementedError
