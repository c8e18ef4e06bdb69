"""Spider's and BIRD's databases as worlds, with views above some tables.

Their pairs are the gold SQL of the data set, written by hands of several habits.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from bench.breakage.worlds import Stored, View, World, Written, literal
from bench.spider import Spider, cluster_name, read_tables, to_duckdb

MOST_ROWS = 1500
MOST_PAIRS = 40
GENERATED_ROWS = 80
SHARE_VIEWED = 0.3
SHARE_VIEWED_TWICE = 0.1
SHARE_WITH_PARAMETERS = 0.2


def spider_world(spider: Spider, database: str, dialect: str) -> World:
    """One database of Spider, with its first rows."""
    schema = cluster_name(database)
    tables = read_tables(spider.folder / "databases" / f"{database}.sqlite", most_rows=MOST_ROWS)
    asked = [(one["question"], one["sql"]) for one in spider.questions[database]]
    return _world(schema, tables, asked, dialect)


def bird_worlds(folder: Path, dialect: str) -> Iterator[World]:
    """BIRD's databases: rows are drawn from the five sample values of each column."""
    databases: dict[str, dict[str, Any]] = json.loads((folder / "schema_with_samples.json").read_text())
    pairs = [json.loads(line) for line in (folder / "pairs.jsonl").read_text().splitlines()]
    for name, database in databases.items():
        rng = random.Random(f"rows of {name}")
        tables = {table: _generated(about["columns"], rng) for table, about in database["tables"].items()}
        asked = [(pair["question"], pair["sql"]) for pair in pairs if pair["db_id"] == name]
        yield _world(f"bird_{name.lower()}", tables, asked, dialect)


def _generated(columns: Sequence[Mapping[str, Any]], rng: random.Random) -> pa.Table:
    arrays = {}
    for column in columns:
        samples = [value for value in column["value_samples"] if value is not None] or [1]
        if column["primary_key"] and column["type"] == "INTEGER":
            values: list[Any] = list(range(1, GENERATED_ROWS + 1))
        elif column["foreign_keys"] and column["type"] == "INTEGER":
            values = [rng.randint(1, GENERATED_ROWS) for _ in range(GENERATED_ROWS)]
        else:
            values = [rng.choice([*samples, None] if rng.random() < 0.2 else samples) for _ in range(GENERATED_ROWS)]
        arrays[column["name"]] = _typed(values, column["type"])
    return pa.table(arrays)


def _typed(values: Sequence[Any], kind: str) -> "pa.Array[Any]":
    try:
        if kind == "INTEGER":
            return pa.array([None if value is None else int(value) for value in values], pa.int64())
        if kind == "REAL":
            return pa.array([None if value is None else float(value) for value in values], pa.float64())
        if kind == "DATE":
            return pa.array([None if value is None else date.fromisoformat(str(value)) for value in values])
    except ValueError:
        pass
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _world(schema: str, tables: Mapping[str, pa.Table], asked: Sequence[tuple[str, str]], dialect: str) -> World:
    rng = random.Random(f"world {schema}")
    if dialect == "postgres":
        tables = {name.lower(): _lowered(rows) for name, rows in tables.items()}
    columns = {name: rows.column_names for name, rows in tables.items()}
    stored = {f"{schema}.{name}": Stored(_types(rows), rows) for name, rows in tables.items()}
    pairs: dict[str, Written] = {}
    for question, gold in _distinct(asked, rng)[:MOST_PAIRS]:
        try:
            sql = to_duckdb(gold, schema, columns)
            pairs[f"q{len(pairs)}"] = _in_a_hand(question, sql, stored, dialect, rng)
        except (SqlglotError, ValueError, KeyError):
            continue
    return _with_views(World(schema, stored, {}, pairs), rng)


def _lowered(rows: pa.Table) -> pa.Table:
    return rows.rename_columns([name.lower() for name in rows.column_names])


ENGINE_TYPES = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE PRECISION", pa.date32(): "DATE"}


def _types(rows: pa.Table) -> dict[str, str]:
    return {one.name: ENGINE_TYPES.get(one.type, "VARCHAR") for one in rows.schema}


def _distinct(asked: Sequence[tuple[str, str]], rng: random.Random) -> list[tuple[str, str]]:
    """One question for each SQL, in a drawn order."""
    by_sql = {" ".join(sql.split()).rstrip("; ").casefold(): (question, sql) for question, sql in asked}
    found = [by_sql[key] for key in sorted(by_sql)]
    rng.shuffle(found)
    return found


def _in_a_hand(question: str, sql: str, tables: Mapping[str, Stored], dialect: str, rng: random.Random) -> Written:
    """The SQL as one of several curators writes: on one line or many, lower or upper, with comments, with blanks."""
    tree = parse_one(sql, read="duckdb")
    if dialect == "postgres":
        for identifier in tree.find_all(exp.Identifier):
            identifier.set("this", identifier.this.lower())
    raw = tree.sql(
        dialect=dialect, pretty=rng.random() < 0.6, normalize_functions="lower" if rng.random() < 0.3 else "upper"
    )
    parameters: dict[str, tuple[str, str]] = {}
    if rng.random() < SHARE_WITH_PARAMETERS:
        raw, parameters = _with_parameter(tree, raw, tables)
    if rng.random() < 0.25:
        raw = f"-- {question.splitlines()[0]}\n{raw}"
    if rng.random() < 0.15:
        raw = raw.replace("WHERE", "/* only these */ WHERE")
    written = raw
    for name, (_, value) in parameters.items():
        written = written.replace(literal(value), f":{name}")
    return Written(" ".join(question.split()), written, raw, parameters)


def _with_parameter(tree: exp.Expr, raw: str, tables: Mapping[str, Stored]) -> tuple[str, dict[str, tuple[str, str]]]:
    """A text that a column of only one table is compared with becomes a parameter."""
    read = {".".join(part.name for part in table.parts).casefold() for table in tree.find_all(exp.Table)}
    for equal in tree.find_all(exp.EQ):
        column, value = equal.this, equal.expression
        if isinstance(column, exp.Column) and isinstance(value, exp.Literal) and value.is_string:
            owners = [
                f"{name}.{own}"
                for name, table in tables.items()
                if name.casefold() in read
                for own, kind in table.types.items()
                if own.casefold() == column.name.casefold() and kind == "VARCHAR"
            ]
            if len(owners) == 1 and raw.count(literal(value.name)) == 1 and value.name and ":" not in raw:
                return raw, {"wanted": (owners[0], value.name)}
    return raw, {}


def _with_views(world: World, rng: random.Random) -> World:
    """Some tables move below a view of their name, and some views below another."""
    tables, views = dict(world.tables), dict(world.views)
    for name in sorted(world.tables):
        drawn = rng.random()
        if drawn >= SHARE_VIEWED:
            continue
        below = f"{name}_base"
        columns = list(world.tables[name].types)
        tables[below] = tables.pop(name)
        if drawn < SHARE_VIEWED_TWICE:
            middle = f"{name}_mid"
            views[middle] = View(below, {column: column for column in columns})
            below = middle
        views[name] = View(below, {column: column for column in columns})
    return replace(world, tables=tables, views=views)
