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
from sqlglot.errors import SqlglotError

from bench.spider import Spider, cluster_name, read_tables, to_duckdb
from vedder_core.cluster import Cluster, Dataset, Owner, Pair

MOST_PAIRS = 25
MOST_ROWS = 6_000
VETTED = date(2026, 1, 1)
TIMES = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?|\d{4}-\d\d-\d\d"


@dataclass(frozen=True)
class World:
    """A database as a file, and its cluster. `keys` are the columns of each table that the source declares its key."""

    name: str
    file: Path
    cluster: Cluster
    keys: Mapping[str, tuple[str, ...]]


def spider_world(spider: Spider, database: str, folder: Path) -> World | None:
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
    return _world(schema, tables, listed, _declared_keys(source), folder)


def _declared_keys(source: Path) -> dict[str, tuple[str, ...]]:
    import sqlite3

    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        listed = {name: opened.execute(f'PRAGMA table_info("{name}")').fetchall() for name in names}
    return {name: tuple(row[1] for row in rows if row[5]) for name, rows in listed.items()}


def sample_worlds(folder: Path, samples: Path) -> Iterator[World]:
    """The samples, with times as times, and the pairs of `drift_samples.sql`."""
    asked: dict[str, list[tuple[str, str]]] = {}
    written = Path(__file__).with_name("drift_samples.sql").read_text()
    for name, question, sql in re.findall(r"-- (\w+): (.+)\n(.+);", written):
        asked.setdefault(name, []).append((question, sql))
    for name in ("chinook", "northwind"):
        source = samples / f"{name}.sqlite"
        tables = {table: _with_times(rows) for table, rows in read_tables(source).items()}
        world = _world(name, tables, asked[name], _declared_keys(source), folder)
        if world is not None:
            yield world
    for name, pattern, key in (("sakila", "*.tsv", r"{table}_id"), ("tpch", "*.parquet", r"\w_{table}key")):
        found = {file.stem: _with_times(_read(file)) for file in sorted((samples / name).glob(pattern))}
        keys = {table: _key(rows, key.format(table=table)) for table, rows in found.items()}
        world = _world(name, found, asked[name], keys, folder)
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


def _world(
    schema: str,
    tables: Mapping[str, pa.Table],
    asked: Sequence[tuple[str, str]],
    keys: Mapping[str, tuple[str, ...]],
    folder: Path,
) -> World | None:
    file = folder / f"file_of_{schema}.duckdb"
    file.unlink(missing_ok=True)
    with closing(duckdb.connect(str(file))) as engine:
        engine.execute(f'CREATE SCHEMA "{schema}"')
        for name, rows in tables.items():
            engine.register("given", rows)
            engine.execute(f'CREATE TABLE "{schema}"."{name}" AS SELECT * FROM given')
            engine.unregister("given")
        run = [(question, sql) for question, sql in asked if _runs(engine, sql)][:MOST_PAIRS]
    if len(run) < 5:
        return None
    pairs = tuple(_pair(number, question, sql) for number, (question, sql) in enumerate(run))
    datasets = tuple(Dataset(name=f"{schema}.{name}", description=name) for name in tables)
    cluster = Cluster(
        name=re.sub(r"\W", "_", schema.lower()),
        title=schema,
        summary=schema,
        owner=Owner(team="bench", contact="#bench"),
        datasets=datasets,
        pairs=pairs,
    )
    return World(schema, file, cluster, {f"{schema}.{name}": tuple(own) for name, own in keys.items()})


def _runs(engine: duckdb.DuckDBPyConnection, sql: str) -> bool:
    try:
        engine.execute(sql).fetchall()
    except duckdb.Error:
        return False
    return True


def _pair(number: int, question: str, sql: str) -> Pair:
    return Pair(slug=f"q{number}", question=question, teaches="-", vetted_by="bench", vetted_on=VETTED, sql=sql)
