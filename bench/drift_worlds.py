"""The databases in which `bench.drift` plants drift: Spider's, and four samples with times. Each is a DuckDB file with
one schema, and one cluster whose pairs are the gold SQL that runs there. What is done to them is in `drift_planted`
and `drift_benign`.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from bench.spider import Spider, cluster_name, read_tables, to_duckdb
from vedder_core.cluster import Cluster, Dataset, Freshness, Owner, Pair

MOST_PAIRS = 25
FEWEST_PAIRS = 5
MOST_ROWS = 6_000
VETTED = date(2026, 1, 1)
TIMES = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?|\d{4}-\d\d-\d\d"


@dataclass(frozen=True)
class World:
    """A database as a file, and its cluster, whose pairs are in the words of `dialect`. `keys` are the columns of each
    table that the source declares its key; `cut` is the column of times that cuts a table, where it has one.
    """

    name: str
    file: Path
    cluster: Cluster
    keys: Mapping[str, tuple[str, ...]]
    cut: Mapping[str, str]
    dialect: str


@dataclass(frozen=True)
class Source:
    """What a world is made of. `keys` are by table."""

    name: str
    tables: Mapping[str, pa.Table]
    asked: Sequence[tuple[str, str]]
    keys: Mapping[str, tuple[str, ...]]


def spider_world(spider: Spider, database: str, folder: Path, dialect: str) -> World | None:
    """One database of Spider; None where hardly any of its pairs runs."""
    schema = cluster_name(database)
    source = spider.folder / "databases" / f"{database}.sqlite"
    tables = read_tables(source, most_rows=MOST_ROWS)
    columns = {name: rows.column_names for name, rows in tables.items()}
    pairs: dict[str, tuple[str, str]] = {}
    for one in spider.questions[database]:
        try:
            sql = to_duckdb(one["sql"], schema, columns)
        except SqlglotError:
            continue
        pairs.setdefault(" ".join(sql.casefold().split()), (one["question"], sql))
    listed = [pairs[key] for key in sorted(pairs)]
    random.Random(database).shuffle(listed)
    return world_of(Source(schema, tables, listed, _declared_keys(source)), folder, dialect)


def _declared_keys(source: Path) -> dict[str, tuple[str, ...]]:
    import sqlite3

    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        listed = {name: opened.execute(f'PRAGMA table_info("{name}")').fetchall() for name in names}
    return {name: tuple(row[1] for row in rows if row[5]) for name, rows in listed.items()}


def sample_worlds(folder: Path, samples: Path, dialect: str) -> Iterator[World]:
    """The samples, with times as times, and the pairs of `drift_samples.sql`."""
    asked: dict[str, list[tuple[str, str]]] = {}
    written = Path(__file__).with_name("drift_samples.sql").read_text()
    for name, question, sql in re.findall(r"-- (\w+): (.+)\n(.+);", written):
        asked.setdefault(name, []).append((question, sql))
    for name in ("chinook", "northwind"):
        source = samples / f"{name}.sqlite"
        tables = {table: _with_times(rows) for table, rows in read_tables(source).items()}
        world = world_of(Source(name, tables, asked[name], _declared_keys(source)), folder, dialect)
        if world is not None:
            yield world
    for name, pattern, key in (("sakila", "*.tsv", r"{table}_id"), ("tpch", "*.parquet", r"\w_{table}key")):
        found = {file.stem: _with_times(_read(file)) for file in sorted((samples / name).glob(pattern))}
        keys = {table: _key(rows, key.format(table=table)) for table, rows in found.items()}
        world = world_of(Source(name, found, asked[name], keys), folder, dialect)
        if world is not None:
            yield world


def _read(file: Path) -> pa.Table:
    with closing(duckdb.connect()) as engine:
        reader = "read_csv" if file.suffix == ".tsv" else "read_parquet"
        rows: pa.Table = engine.sql(f"SELECT * FROM {reader}('{file}') LIMIT {MOST_ROWS}").to_arrow_table()
    return rows


def _key(rows: pa.Table, pattern: str) -> tuple[str, ...]:
    return tuple(name for name in rows.column_names if re.fullmatch(pattern, name))[:1]


def _with_times(rows: pa.Table) -> pa.Table:
    """Texts that are all times become times."""
    with closing(duckdb.connect()) as engine:
        engine.register("given", rows)
        listed = []
        for field in rows.schema:
            name = f'"{field.name}"'
            if pa.types.is_string(field.type):
                odd = f"count(*) FILTER (WHERE NOT regexp_full_match({name}, '{TIMES}'))"
                found = engine.execute(f"SELECT {odd}, count({name}) FROM given").fetchall()[0]
                if found[0] == 0 and found[1] > 0:
                    name = f"CAST({name} AS TIMESTAMP) AS {name}"
            listed.append(name)
        timed: pa.Table = engine.sql(f"SELECT {', '.join(listed)} FROM given").to_arrow_table()
    return timed


def world_of(source: Source, folder: Path, dialect: str) -> World | None:
    """A world in a file of its own; None where hardly any of its pairs runs."""
    if dialect == "postgres":
        source = _lowered(source)
    schema = source.name
    file = folder / f"file_of_{schema}.duckdb"
    file.unlink(missing_ok=True)
    with closing(duckdb.connect(str(file))) as engine:
        engine.execute(f'CREATE SCHEMA "{schema}"')
        for name, rows in source.tables.items():
            engine.register("given", rows)
            engine.execute(f'CREATE TABLE "{schema}"."{name}" AS SELECT * FROM given')
            engine.unregister("given")
        run = [(question, sql) for question, sql in source.asked if _runs(engine, sql)][:MOST_PAIRS]
        found = {f"{schema}.{name}": _cut(engine, f'"{schema}"."{name}"') for name in source.tables}
    if len(run) < FEWEST_PAIRS:
        return None
    cut = {name: column for name, column in found.items() if column is not None}
    cluster = Cluster(
        name=re.sub(r"\W", "_", schema.lower()),
        title=schema,
        summary=schema,
        owner=Owner(team="bench", contact="#bench"),
        datasets=tuple(_dataset(f"{schema}.{name}", cut, dialect) for name in source.tables),
        pairs=tuple(_pair(number, question, _said(sql, dialect)) for number, (question, sql) in enumerate(run)),
    )
    keys = {f"{schema}.{name}": tuple(own) for name, own in source.keys.items()}
    return World(schema, file, cluster, keys, cut, dialect)


def _lowered(source: Source) -> Source:
    """As PostgreSQL spells names that nobody quotes."""
    tables = {
        name.lower(): rows.rename_columns(list(map(str.lower, rows.schema.names)))
        for name, rows in source.tables.items()
    }
    keys = {name.lower(): tuple(map(str.lower, own)) for name, own in source.keys.items()}
    return Source(source.name.lower(), tables, source.asked, keys)


def _said(sql: str, dialect: str) -> str:
    if dialect == "duckdb":
        return sql
    tree = parse_one(sql, read="duckdb")
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
    return tree.sql(dialect=dialect)


def _cut(engine: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """The first column of times, always filled, over at least four and at most 120 months."""
    for name, kind, *_ in engine.execute(f"DESCRIBE {table}").fetchall():
        if kind.startswith(("DATE", "TIMESTAMP")):
            months = f"count(DISTINCT date_trunc('month', \"{name}\"))"
            row = engine.execute(f'SELECT {months}, count(*) - count("{name}") FROM {table}').fetchall()[0]
            if 4 <= row[0] <= 120 and row[1] == 0:
                return str(name)
    return None


def _dataset(name: str, cut: Mapping[str, str], dialect: str) -> Dataset:
    """Its freshness tells what cuts it, where the engine does not."""
    fresh = Freshness(column=cut[name], within="P36500D") if name in cut and dialect == "duckdb" else None
    return Dataset(name=name, description=name.partition(".")[2], freshness=fresh)


def _runs(engine: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        engine.execute(sql).fetchall()
    except duckdb.Error:
        return False
    return True


def _pair(number: int, question: str, sql: str) -> Pair:
    return Pair(slug=f"q{number}", question=question, teaches="-", vetted_by="bench", vetted_on=VETTED, sql=sql)
