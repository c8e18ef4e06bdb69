"""BIRD's databases in Spider's form, so that all that builds clusters of Spider builds clusters of BIRD.

Of the databases only five values a column are at hand: they become the rows. Names stand as they are.
"""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.spider import Spider


def open_bird(data: Path, folder: Path) -> Spider | None:
    """BIRD, written into the folder; None where it is not among the data."""
    schemas, pairs = data / "bird/schema_with_samples.json", data / "bird/pairs.jsonl"
    if not (schemas.is_file() and pairs.is_file()):
        return None
    (folder / "databases").mkdir(parents=True, exist_ok=True)
    found: Mapping[str, Any] = json.loads(schemas.read_text())
    for name, schema in found.items():
        file = folder / "databases" / f"{name}.sqlite"
        file.unlink(missing_ok=True)
        with closing(sqlite3.connect(file)) as database:
            for table in _tables(schema):
                _fill(database, table)
            database.commit()
    (folder / "tables.json").write_text(json.dumps([_names(name, schema) for name, schema in found.items()]))
    (folder / "pairs.jsonl").write_text(pairs.read_text())
    return Spider(folder)


def joined(spider: Spider, bird: Spider, folder: Path) -> Spider:
    """Spider's databases that have rows and BIRD's, in one folder."""
    rows = folder / "databases"
    rows.mkdir(parents=True, exist_ok=True)
    names, questions = [], []
    for source, databases in ((spider, spider.databases()), (bird, sorted(bird.names))):
        for database in databases:
            file = rows / f"{database}.sqlite"
            file.unlink(missing_ok=True)
            file.symlink_to((source.folder / "databases" / file.name).resolve())
            names.append(source.names[database])
            questions += source.questions[database]
    (folder / "tables.json").write_text(json.dumps(names))
    (folder / "pairs.jsonl").write_text("".join(json.dumps(asked) + "\n" for asked in questions))
    return Spider(folder)


def _tables(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [table for name, table in schema["tables"].items() if not name.startswith("sqlite_")]


def _fill(database: sqlite3.Connection, table: Mapping[str, Any]) -> None:
    columns = table["columns"]
    described = ", ".join(f'"{column["name"]}" {column["type"]}' for column in columns)
    database.execute(f'CREATE TABLE "{table["name"]}" ({described})')
    samples = [column["value_samples"] for column in columns]
    for row in range(max(map(len, samples), default=0)):
        values = [own[row % len(own)] if own else None for own in samples]
        database.execute(f'INSERT INTO "{table["name"]}" VALUES ({", ".join("?" * len(values))})', values)


def _names(database: str, schema: Mapping[str, Any]) -> Mapping[str, object]:
    tables = _tables(schema)
    columns = [(number, column["name"]) for number, table in enumerate(tables) for column in table["columns"]]
    said = [(number, name.replace("_", " ")) for number, name in columns]
    return {
        "db_id": database,
        "table_names": [table["name"].replace("_", " ") for table in tables],
        "table_names_original": [table["name"] for table in tables],
        "column_names": said,
        "column_names_original": columns,
    }
