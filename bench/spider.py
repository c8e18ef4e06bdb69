"""Spider's databases as clusters of Vedder, through the public file format: for benches of retrieval and answering.

A database becomes a schema of one DuckDB file and a folder of cluster files. Half of its questions are its pairs, the
other half is asked; a SQL and all the questions that share it stand on one side. What a curator would write (titles,
descriptions) is made of the names that Spider gives to databases, tables and columns, never of the questions.
"""

import hashlib
import json
import os
import random
import re
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict

import duckdb
import pyarrow as pa
import yaml
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

WITHOUT_ROWS = frozenset(
    {"academic", "formula_1", "geo", "imdb", "music_2", "restaurants", "sakila_1", "scholar", "yelp"}
    | {"baseball_1", "soccer_1"}  # their big tables are missing
)
FEWEST_QUESTIONS = 14


class Asked(TypedDict):
    """A question that no pair knows the SQL of; `reworded` is the same with synonyms, where Spider-Syn has it."""

    cluster: str
    question: str
    reworded: str | None
    sql: str


class Names(TypedDict):
    """A database in Spider's `tables.json`: names as they are and as people say them; columns by table number."""

    db_id: str
    table_names: list[str]
    table_names_original: list[str]
    column_names: list[tuple[int, str]]
    column_names_original: list[tuple[int, str]]


@dataclass(frozen=True)
class Spider:
    """The data as they lie in the folder that VEDDER_TEST_DATA names."""

    folder: Path

    @cached_property
    def names(self) -> Mapping[str, Names]:
        listed: list[Names] = json.loads((self.folder / "tables.json").read_text())
        return {names["db_id"]: names for names in listed}

    @cached_property
    def questions(self) -> Mapping[str, list[dict[str, str]]]:
        found = defaultdict(list)
        for line in (self.folder / "pairs.jsonl").read_text().splitlines():
            asked = json.loads(line)
            found[asked["db_id"]].append(asked)
        return found

    def databases(self) -> list[str]:
        """The databases with rows and with enough questions for two halves."""
        return sorted(
            name
            for name, questions in self.questions.items()
            if name not in WITHOUT_ROWS and len(questions) >= FEWEST_QUESTIONS and name in self.names
        )


def open_spider() -> Spider | None:
    """Spider, or None where its folder is not there."""
    folder = Path(os.environ.get("VEDDER_TEST_DATA", "../shared/data"), "spider")
    return Spider(folder) if folder.is_dir() else None


def cluster_name(database: str) -> str:
    return database.lower()


def build(spider: Spider, databases: Sequence[str], folder: Path) -> tuple[Asked, ...]:
    """Write `warehouse.duckdb`, `clusters/` and `asked.json` into the folder; what is asked is given back."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    asked: list[Asked] = []
    with closing(duckdb.connect(str(folder / "warehouse.duckdb"))) as warehouse:
        for database in databases:
            columns = _load(spider.folder / "databases" / f"{database}.sqlite", cluster_name(database), warehouse)
            asked += _write_cluster(spider, database, columns, folder / "clusters")
    (folder / "asked.json").write_text(json.dumps(asked, indent=1))
    return tuple(asked)


Columns = Mapping[str, Sequence[str]]


def _load(file: Path, schema: str, warehouse: duckdb.DuckDBPyConnection) -> Columns:
    """Copy a SQLite file into a schema of the warehouse. DuckDB's own scanner is an extension, which is not at hand."""
    warehouse.execute(f'CREATE SCHEMA "{schema}"')
    tables = read_tables(file)
    for table, rows in tables.items():
        warehouse.register("copied", rows)
        warehouse.execute(f'CREATE TABLE "{schema}"."{table}" AS SELECT * FROM copied')
        warehouse.unregister("copied")
    return {table: rows.column_names for table, rows in tables.items()}


def read_tables(file: Path, *, most_rows: int = -1) -> dict[str, pa.Table]:
    """The tables of a SQLite file, each with its first rows, or with all of them."""
    found: dict[str, pa.Table] = {}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
        source.text_factory = lambda text: text.decode("utf-8", errors="replace")
        tables = source.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        for (table,) in tables.fetchall():
            cursor = source.execute(f'SELECT * FROM "{table}" LIMIT {most_rows}')
            names = [column[0] for column in cursor.description]
            declared = {row[1]: row[2] for row in source.execute(f'PRAGMA table_info("{table}")')}
            rows = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(names)
            arrays = [_array(values, declared[name]) for name, values in zip(names, rows, strict=True)]
            found[table] = pa.table(arrays, names=names)
    return found


def _array(values: Sequence[object], declared: str) -> "pa.Array[Any]":
    """A column with one type: SQLite's values are typed one by one, and its declared types are only wishes."""
    kinds = {type(value) for value in values if value is not None and value != ""}
    if not kinds:
        number = declared.upper().startswith(("INT", "BIGINT", "NUM", "REAL", "FLOAT", "DOUBLE", "DEC"))
        return pa.array([None] * len(values), pa.int64() if number else pa.string())
    if kinds == {int}:
        return pa.array([None if value == "" else value for value in values], pa.int64())
    if kinds <= {int, float}:
        return pa.array([None if value in (None, "") else float(str(value)) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _write_cluster(spider: Spider, database: str, columns: Columns, folder: Path) -> Iterator[Asked]:
    schema = cluster_name(database)
    home = folder / schema
    (home / "pairs").mkdir(parents=True)
    (home / "cluster.yaml").write_text(_card(spider.names[database], schema, columns))
    for number, (sql, questions) in enumerate(_by_sql(spider.questions[database], database)):
        try:
            translated = to_duckdb(sql, schema, columns)
        except SqlglotError:
            continue
        if number % 2:
            yield from (
                Asked(cluster=schema, question=q["question"], reworded=q.get("question_syn"), sql=translated)
                for q in questions
            )
        else:
            (home / "pairs" / f"{_slug(number, questions[0]['question'])}.sql").write_text(_pair(questions, translated))


def _by_sql(questions: Iterable[dict[str, str]], seed: str) -> list[tuple[str, list[dict[str, str]]]]:
    """Questions with one SQL together, in an order that is random and always the same."""
    groups = defaultdict(list)
    for asked in questions:
        groups[re.sub(r"\s+", " ", asked["sql"].strip().rstrip(";")).casefold()].append(asked)
    found = sorted((group[0]["sql"], group) for group in groups.values())
    random.Random(seed).shuffle(found)
    return found


def _card(names: Names, schema: str, columns: Columns) -> str:
    said = dict(zip(names["table_names_original"], names["table_names"], strict=True))
    datasets = []
    for table, own in columns.items():
        human = said.get(table, table.replace("_", " "))
        notes = _column_names(names, table)
        listed = ", ".join(notes.get(column.casefold(), column) for column in own)
        datasets.append({"name": f"{schema}.{table}", "description": f"{human}: {listed}."})
    title = re.sub(r"_\d+$", "", schema).replace("_", " ")
    tables = ", ".join(said.get(table, table) for table in columns)
    card = {
        "title": title.capitalize(),
        "summary": f"{title.capitalize()}: {tables}.",
        "owner": {"team": schema, "contact": f"#{schema}"},
        "datasets": datasets,
    }
    return yaml.safe_dump(card, sort_keys=False, allow_unicode=True, width=1000)


def _column_names(names: Names, table: str) -> dict[str, str]:
    """What people call the columns of a table, by the column's own name."""
    if table not in names["table_names_original"]:
        return {}
    number = names["table_names_original"].index(table)
    both = zip(names["column_names_original"], names["column_names"], strict=True)
    return {own[1].casefold(): said[1] for own, said in both if own[0] == number}


def _slug(number: int, question: str) -> str:
    words = "_".join(re.findall(r"[a-z0-9]+", question.lower())[:8])
    return f"q{number}_{words}"


def _pair(questions: Sequence[dict[str, str]], sql: str) -> str:
    said = list(dict.fromkeys(" ".join(asked["question"].split()) for asked in questions))
    header: dict[str, object] = {"question": said[0]}
    if said[1:]:
        header["phrasings"] = said[1:]
    header |= {"teaches": "A question of Spider.", "vetted_by": "Spider", "vetted_on": "2024-01-01"}
    text = yaml.safe_dump(header, sort_keys=False, allow_unicode=True, width=1000).replace("*/", "* /")
    return f"/*\n{text}*/\n{sql}\n"


def to_duckdb(sql: str, schema: str, columns: Columns) -> str:
    """A SQL of Spider in DuckDB's words: tables with their schema, words in double quotes that are no column as
    text, and columns beside aggregates wrapped as SQLite silently does."""
    tree = parse_one(sql, read="sqlite")
    known = {name.casefold() for names in columns.values() for name in names}
    tables = {table.casefold(): table for table in columns}
    for column in list(tree.find_all(exp.Column)):
        if column.this.args.get("quoted") and not column.table and column.name.casefold() not in known:
            column.replace(exp.Literal.string(column.name))
    for table in tree.find_all(exp.Table):
        if table.name.casefold() in tables and not table.db:
            table.set("db", exp.to_identifier(schema))
            table.set("this", exp.to_identifier(tables[table.name.casefold()]))
    for select in tree.find_all(exp.Select):
        _wrap_ungrouped(select)
    return tree.sql(dialect="duckdb", pretty=True)


def _wrap_ungrouped(select: exp.Select) -> None:
    group = select.args.get("group")
    clauses = [*select.expressions, *(select.args[key] for key in ("having", "order") if select.args.get(key))]
    if group is None and not any(_aggregates(clause) for clause in clauses):
        return
    grouped = {found.name.casefold() for found in (group.find_all(exp.Column) if group else ())}
    aliases = {projection.alias.casefold() for projection in select.expressions if projection.alias}
    for clause in clauses:
        for column in list(clause.find_all(exp.Column)):
            inside = column.find_ancestor(exp.AggFunc, exp.Select)
            if inside is select and column.name.casefold() not in grouped | aliases:
                column.replace(exp.AnyValue(this=column.copy()))


def _aggregates(clause: exp.Expr) -> bool:
    return any(
        found.find_ancestor(exp.Select) is clause.find_ancestor(exp.Select) for found in clause.find_all(exp.AggFunc)
    )


def built(
    spider: Spider, databases: Sequence[str], folder: Path, *, progress: Callable[[str], None]
) -> tuple[Asked, ...]:
    """`build`, unless the folder was already built from these databases by this code."""
    mark = hashlib.sha256(Path(__file__).read_bytes() + json.dumps([*databases]).encode()).hexdigest()
    marked = folder / "built"
    if marked.is_file() and marked.read_text() == mark:
        return tuple(json.loads((folder / "asked.json").read_text()))
    progress(f"writing {len(databases)} databases as clusters into {folder}")
    asked = build(spider, databases, folder)
    marked.write_text(mark)
    return asked
