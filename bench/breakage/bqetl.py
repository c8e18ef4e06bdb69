"""A real warehouse's catalogue and its real schema changes, taken back one by one: what breaks in its own queries?

The catalogue is of today, so each recorded change is undone: what was added goes, what was dropped comes back, names
and types turn to what they were. Tables are empty; the queries are production's own, translated for DuckDB. A world is
a dataset whose tables changed, with every query that reads one of them.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from bench.breakage.changes import Change
from bench.breakage.worlds import Stored, World, Written, quoted

TYPES = {
    **dict.fromkeys(("INTEGER", "INT64"), "BIGINT"),
    **dict.fromkeys(("FLOAT", "FLOAT64"), "DOUBLE"),
    **dict.fromkeys(("BOOLEAN", "BOOL"), "BOOLEAN"),
    **dict.fromkeys(("NUMERIC", "BIGNUMERIC"), "DECIMAL(38, 9)"),
    "DATE": "DATE",
    "TIMESTAMP": "TIMESTAMPTZ",
    "DATETIME": "TIMESTAMP",
    "BYTES": "BLOB",
    "INTERVAL": "INTERVAL",
}
"""Of BigQuery's types, those that are no text in DuckDB."""

MOST_QUERIES = 40
MOST_CHANGES = 40
"""Of one dataset, the newest."""


def bqetl_names(folder: Path) -> list[str]:
    """The datasets that have changes and queries."""
    return sorted(_queries_by_dataset(folder).keys() & _changes_by_dataset(folder).keys())


def bqetl_world(folder: Path, dataset: str) -> tuple[World, tuple[Change, ...]]:
    """One dataset's world, and what is done to it."""
    tables = _tables(folder)
    queries = _queries_by_dataset(folder)[dataset][:MOST_QUERIES]
    read = {name for _, names in queries for name in names}
    read |= {name for name in tables if name.startswith(f"{dataset}.")}
    pairs = {
        f"q{number}": Written(f"What does query {number} say?", sql, sql) for number, (sql, _) in enumerate(queries)
    }
    world = World(f"mozilla_{dataset}", {name: Stored(tables[name]) for name in sorted(read)}, {}, pairs)
    found = (_undone(change, tables) for change in _changes_by_dataset(folder)[dataset])
    return world, tuple(change for change in found if change is not None)[:MOST_CHANGES]


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in file.read_text().splitlines())


@lru_cache(maxsize=1)
def _tables(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Columns and types of every table that says which it has, by `dataset.table`."""
    found: dict[str, Mapping[str, str]] = {}
    for table in _lines(folder / "catalog.jsonl"):
        if table.get("columns"):
            found.setdefault(_short(table["table"]), _columns(table["columns"]))
    return found


def _short(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def _columns(listed: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    inner: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    own = {}
    for column in listed:
        first, dot, rest = column["name"].partition(".")
        if dot:
            inner[first].append({**column, "name": rest})
        else:
            own[first] = column
    return {name: _type(column, inner[name]) for name, column in own.items()}


def _type(column: Mapping[str, Any], inner: Sequence[Mapping[str, Any]]) -> str:
    if column["type"] in ("RECORD", "STRUCT"):
        fields = ", ".join(f'"{name}" {kind}' for name, kind in _columns(inner).items()) or '"nothing" VARCHAR'
        plain = f"STRUCT({fields})"
    else:
        plain = TYPES.get(column["type"], "VARCHAR")
    return f"{plain}[]" if column["mode"] == "REPEATED" else plain


@lru_cache(maxsize=1)
def _queries_by_dataset(folder: Path) -> Mapping[str, list[tuple[str, frozenset[str]]]]:
    """For each dataset the queries that read it, in DuckDB's words, with all tables that they read."""
    found = defaultdict(list)
    tables = _tables(folder)
    for query in _lines(folder / "queries.jsonl"):
        translated = _translated(query["sql"], tables)
        if translated is None:
            continue
        for dataset in {name.partition(".")[0] for name in translated[1]}:
            found[dataset].append(translated)
    return found


def _translated(sql: str, tables: Mapping[str, object]) -> tuple[str, frozenset[str]] | None:
    try:
        tree = parse_one(sql, read="bigquery")
    except (SqlglotError, RecursionError):
        return None
    query = tree.expression if isinstance(tree, exp.Create) else tree
    if not isinstance(query, exp.Query):
        return None
    clauses = {clause.alias for clause in query.find_all(exp.CTE)}
    read = set()
    for table in query.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or (table.name in clauses and not table.db):
            continue
        name = _short(".".join(part.name for part in table.parts))
        if name not in tables:
            return None
        schema, _, own = name.partition(".")
        table.set("catalog", None)
        table.set("db", exp.to_identifier(schema))
        table.set("this", exp.to_identifier(own))
        read.add(name)
    for blank in list(query.find_all(exp.Parameter)):
        blank.replace(exp.cast(exp.Literal.string("2024-01-01"), "date"))
    try:
        written = query.sql(dialect="duckdb", pretty=True, comments=False)
    except (SqlglotError, RecursionError, ValueError):
        return None
    return (written, frozenset(read)) if read else None


@lru_cache(maxsize=1)
def _changes_by_dataset(folder: Path) -> Mapping[str, list[dict[str, Any]]]:
    found = defaultdict(list)
    tables = _tables(folder)
    for change in _lines(folder / "schema_changes.jsonl"):
        name = _short(change["table"])
        if name in tables:
            found[name.partition(".")[0]].append(change)
    return found


def _undone(change: Mapping[str, Any], tables: Mapping[str, Mapping[str, str]]) -> Change | None:
    table = _short(change["table"])
    has = tables[table]
    place = f"ALTER TABLE {quoted(table)}"
    renamed = {now: was for was, now in change["renamed"] if now in has and was not in has}
    gone = [column for column in change["added"] if column in has and column not in renamed]
    back = [column for column in change["dropped"] if re.fullmatch(r"\w+", column) and column not in has]
    retyped = {c: TYPES.get(was, "VARCHAR") for c, was, _ in change["type_changed"] if c in has and "RECORD" not in was}
    if len(gone) == len(has):
        return None
    statements = (
        *(f'{place} RENAME COLUMN "{now}" TO "{was}"' for now, was in renamed.items()),
        *(f'{place} DROP COLUMN "{column}"' for column in gone),
        *(f'{place} ADD COLUMN "{column}" VARCHAR' for column in back if column not in renamed.values()),
        *(f'{place} ALTER COLUMN "{c}" TYPE {kind}' for c, kind in retyped.items() if has[c] != kind),
    )
    became = {f"{table}.{now}": f"{table}.{was}" for now, was in renamed.items()}
    return Change("real change undone", statements, frozenset({table}), became) if statements else None
