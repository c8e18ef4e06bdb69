"""The guard's corpus, an oracle that knows nothing of the guard, and the judgement of edited statements by it.

The oracle is the engine's plan before optimizing: which tables and files a statement would scan. The corpus lies in the
folder that VEDDER_TEST_DATA names; nothing of it is kept here.
"""

import json
import os
import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import duckdb

from bench.edits import mutate
from vedder_core.errors import QueryRefused
from vedder_core.schema import Column, Table
from vedder_core.sql.guard import Granted, GuardedQuery, guard

CANARY = "CANARY"
GRANTED_SCHEMAS = ("sales", "streams")
HIDDEN = {"sales.customers": frozenset({"email"})}
BELOW_VIEWS = {"sales.v_recent": {"wh.sales.orders"}}
NO_SOURCES = frozenset(
    ("CHUNK_GET", "COLUMN_DATA_SCAN", "CTE_SCAN", "DELIM_GET", "DELIM_SCAN", "DUMMY_SCAN", "EMPTY_RESULT", "RANGE")
) | {"EXPRESSION_GET", "GENERATE_SERIES", "REC_CTE_SCAN", "RECURSIVE_CTE_SCAN", "UNNEST", "INOUT_FUNCTION"}
"""Leaves of a plan that read no table and no file."""


@dataclass(frozen=True)
class Statement:
    """One line of the corpus; `expect` is refuse, harmless or bounded, and "" for an honest one."""

    id: str
    sql: str
    dialect: str
    expect: str = ""


@dataclass(frozen=True)
class GuardCorpus:
    """`guard/` of the test data: attacks, honest statements, and the warehouse that both are about."""

    folder: Path

    @cached_property
    def hostile(self) -> tuple[Statement, ...]:
        return self._read("hostile.jsonl")

    @cached_property
    def benign(self) -> tuple[Statement, ...]:
        return self._read("benign.jsonl")

    def _read(self, name: str) -> tuple[Statement, ...]:
        lines = map(json.loads, (self.folder / name).read_text().splitlines())
        return tuple(Statement(line["id"], line["sql"], line["dialect"], line.get("expect", "")) for line in lines)

    def build(self, folder: Path) -> None:
        """Write `wh.duckdb` and `other.duckdb` into a folder."""
        with duckdb.connect(str(folder / "wh.duckdb")) as warehouse:
            warehouse.execute((self.folder / "warehouse.sql").read_text())
        with duckdb.connect(str(folder / "other.duckdb")) as other:
            other.execute("CREATE SCHEMA sales; CREATE TABLE sales.orders (order_id INTEGER, memo VARCHAR)")
            other.execute(f"INSERT INTO sales.orders VALUES (1, '{CANARY}-FILE-OTHERDB')")


def open_guard_corpus() -> GuardCorpus | None:
    """The corpus, or None where its folder is not there."""
    folder = Path(os.environ.get("VEDDER_TEST_DATA", "../shared/data"), "guard")
    return GuardCorpus(folder) if folder.is_dir() else None


class Judging(Protocol):
    """An engine that is asked what a statement would read, and knows nothing of the guard."""

    dialect: str

    def granted(self, *, without: str = "") -> Granted: ...

    def scans(self, sql: str) -> frozenset[str] | None: ...

    def shows_canary(self, sql: str) -> bool: ...

    def may_scan(self, query: GuardedQuery) -> set[str]: ...


class Oracle:
    """A plain connection to the corpus's warehouse, with the second database beside it and no walls."""

    dialect = "duckdb"

    def __init__(self, folder: Path) -> None:
        self._connection = duckdb.connect()
        self._connection.execute(f"ATTACH '{folder / 'other.duckdb'}' AS other (READ_ONLY)")
        self._connection.execute(f"ATTACH '{folder / 'wh.duckdb'}' AS wh (READ_ONLY)")
        self._connection.execute("USE wh")
        self._connection.execute("SET explain_output = 'all'; PRAGMA disable_optimizer; SET memory_limit = '1GB'")

    def granted(self, *, without: str = "") -> Granted:
        rows = self._connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, data_type FROM duckdb_columns() "
            "WHERE database_name = 'wh' AND list_contains(?, schema_name) ORDER BY table_oid, column_index",
            [list(GRANTED_SCHEMAS)],
        ).fetchall()
        columns: dict[str, list[Column]] = {}
        for table, column, type_ in rows:
            columns.setdefault(table, []).append(Column(column, type_))
        tables = {name: Table(name, tuple(own)) for name, own in columns.items() if name != without}
        return Granted(tables, HIDDEN)

    def rows(self, sql: str, most: int = 1_000_000) -> list[tuple[object, ...]]:
        return self._connection.execute(sql).fetchmany(most)

    def shows_canary(self, sql: str, seconds: float = 0.2) -> bool:
        """Is a canary in the first rows, or in what the engine says while it computes them?"""
        timer = threading.Timer(seconds, self._connection.interrupt)
        timer.start()
        try:
            told = repr(self._connection.execute(sql).fetchmany(100))
        except (duckdb.Error, ValueError, OverflowError) as error:  # Python has no dates beyond the year 9999
            told = str(error)
        finally:
            timer.cancel()
        return CANARY in told and CANARY not in sql

    def scans(self, sql: str) -> frozenset[str] | None:
        """Full names of tables, and names of other sources, that the engine would read; None if it does not bind."""
        try:
            plans = dict(self._connection.execute(f"EXPLAIN (FORMAT JSON) {sql}").fetchall())
        except duckdb.Error:
            return None
        return frozenset(_sources(json.loads(plans["logical_plan"])))

    def may_scan(self, query: GuardedQuery) -> set[str]:
        """What a guarded query may scan: its own datasets, and what lies below its views."""
        below = {name for dataset in query.datasets for name in BELOW_VIEWS.get(dataset, ())}
        return {f"wh.{dataset}" for dataset in query.datasets} | below

    def close(self) -> None:
        self._connection.close()


def _sources(steps: Sequence[dict[str, object]]) -> Iterator[str]:
    for step in steps:
        extra, children, name = step["extra_info"], step["children"], str(step["name"])
        assert isinstance(extra, dict)
        assert isinstance(children, list)
        if "Table" in extra:
            yield str(extra["Table"])
        elif not children and name not in NO_SOURCES:
            yield name
        yield from _sources(children)


@dataclass
class Judged:
    """What became of many mutations. `escapes` must stay empty: allowed, and more is scanned than was granted."""

    mutations: int = 0
    allowed: int = 0
    bound: int = 0
    escapes: list[str] = field(default_factory=list)


def judge(statements: Sequence[Statement], oracle: Judging, *, mutations: int, seed: int) -> Judged:
    """Mutate, guard, and ask the engine what the allowed ones scan."""
    rng = random.Random(seed)
    grants = (oracle.granted(), oracle.granted(without="sales.orders"))
    pool = [statement.sql for statement in statements]
    judged = Judged()
    originals: dict[str, frozenset[str] | None] = {}
    for number in range(mutations):
        statement = statements[number % len(statements)]
        mutation = mutate(statement.sql, rng, pool)
        judged.mutations += 1
        try:
            query = guard(mutation.sql, rng.choice(grants), dialect=oracle.dialect)
        except QueryRefused:
            continue
        judged.allowed += 1
        scans = oracle.scans(query.sql)
        if scans is None:
            continue
        judged.bound += 1
        may = oracle.may_scan(query)
        if not statement.expect and not mutation.widening:
            if statement.sql not in originals:
                originals[statement.sql] = oracle.scans(statement.sql)
            may &= originals[statement.sql] or set()
        if not scans <= may or oracle.shows_canary(query.sql):
            judged.escapes.append(
                f"{statement.id} {mutation.edits}: {mutation.sql!r} ran as {query.sql!r}: {sorted(scans - may)}"
            )
    return judged
