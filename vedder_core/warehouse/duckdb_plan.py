"""The check of the bound plan: a query may scan what its datasets scan when each is read alone, and nothing else.

The guard has settled the names before. This asks the engine what they came to, below views and macros: its plan before
optimizing, since an optimized one no longer shows a table whose answer came from statistics.
"""

import json
import logging

import duckdb

from vedder_core.errors import QueryRefused
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Opened, quoted

REMEMBERED = 2_000
NO_SCANS = frozenset(
    (
        "AGGREGATE", "ANY_JOIN", "ASOF_JOIN", "CHUNK_GET", "COLUMN_DATA_SCAN", "COMPARISON_JOIN",
        "CROSS_PRODUCT", "CTE", "CTE_SCAN", "DELIM_GET", "DELIM_JOIN", "DEPENDENT_JOIN", "DISTINCT",
        "DUMMY_SCAN", "EMPTY_RESULT", "EXCEPT", "EXPRESSION_GET", "FILTER", "GENERATE_SERIES", "INTERSECT",
        "JOIN", "LIMIT", "LIMIT_PERCENT", "MATERIALIZED_CTE", "ORDER_BY", "PIVOT", "POSITIONAL_JOIN",
        "PROJECTION", "RANGE", "REC_CTE", "REC_CTE_SCAN", "SAMPLE", "TOP_N", "UNION", "UNNEST", "WINDOW",
    )
)  # fmt: skip
"""Steps of a plan that read nothing but other steps or numbers; a step that is not here is taken for a scan."""

log = logging.getLogger(__name__)


def check_scans(cursor: duckdb.DuckDBPyConnection, opened: Opened, asked: Asked) -> None:
    """Raises QueryRefused where the plan reads something else than the query's datasets; names nothing of it."""
    checked: dict[object, bool] = opened.fact("checked", dict)
    key = (asked.sql, asked.datasets, repr(sorted(asked.parameters.items())))
    if key not in checked:
        strange = _scans(cursor, asked.sql, asked) - _allowed(cursor, opened, asked)
        if strange:
            log.debug("The plan of a guarded query reads more than its datasets: %s", ", ".join(sorted(strange)))
        if len(checked) >= REMEMBERED:
            checked.clear()
        checked[key] = not strange
    if not checked[key]:
        raise QueryRefused(
            "The query reads more than the datasets that it names.",
            hint="Read the cluster's datasets only, and by their own names.",
        )


def _allowed(cursor: duckdb.DuckDBPyConnection, opened: Opened, asked: Asked) -> set[str]:
    """What the datasets scan, each read alone: a table itself, a view whatever lies below it."""
    known: dict[str, frozenset[str]] = opened.fact("scans", dict)
    for name in asked.datasets - known.keys():
        catalog, schema, table = [opened.catalog, *name.split(".")][-3:]
        tree = ".".join(map(quoted, (catalog, schema, table)))
        known[name] = frozenset(_scans(cursor, f"SELECT * FROM {tree}"))  # noqa: S608 - quoted
    return {scan for name in asked.datasets for scan in known[name]}


def _scans(cursor: duckdb.DuckDBPyConnection, sql: str, asked: Asked | None = None) -> set[str]:
    """Each table by its full name, and each other source by the function that reads it."""
    parameters = dict(asked.parameters) if asked else {}
    plans = dict(cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchall())
    waiting = list(json.loads(plans["logical_plan"]))
    found: set[str] = set()
    while waiting:
        step = waiting.pop()
        table = step["extra_info"].get("Table")
        if table is not None or step["name"] not in NO_SCANS:
            found.add(str(table or step["name"]))
        waiting.extend(step["children"])
    return found
