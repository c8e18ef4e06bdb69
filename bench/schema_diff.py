"""What it costs to see that a warehouse of 70,000 tables changed, or that it did not.

    python -m bench.schema_diff [--tables 70000] [--changed 200]

A real DuckDB file of ten columns a table is written, and a copy of it in which some tables are changed in every way.
A process opens the file, as a sensor has it open, and then lists and compares; the naive diff beside it compares the
same two catalogs column by column. Opening the file is the engine's own cost and is shown, not counted.
"""

import argparse
import json
import random
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from bench.measure import cpu_seconds, print_table
from vedder_core.catalog_snapshot import read_snapshot, snapshot_digest, to_bytes, write_snapshot
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnRenamed, SchemaDiff, TableRenamed
from vedder_core.schema_diff import schema_diff
from vedder_core.warehouse.duckdb import open_duckdb

FOLDER = Path("build/bench/schema_diff")
COLUMNS = 10
MOST_CHANGED_SECONDS, MOST_UNCHANGED_SECONDS = 5.0, 2.0
MOST_MEGABYTES = 400
"""Over what the engine itself takes for the open file."""
WORDS = (
    *("account", "amount", "booking", "carrier", "category", "channel", "city", "client", "country", "currency"),
    *("customer", "delay", "device", "discount", "driver", "duration", "fare", "gate", "height", "invoice", "length"),
    *("limit", "margin", "order", "origin", "parcel", "payment", "phase", "price", "product", "rating", "reason"),
    *("refund", "region", "route", "score", "segment", "shipment", "speed", "station", "status", "tariff", "weight"),
)
TYPES = ("INTEGER", "BIGINT", "VARCHAR", "DATE", "TIMESTAMP", "DOUBLE", "BOOLEAN")
STEP = "import sys; from bench.schema_diff import step; step(*sys.argv[1:])"


def main() -> int:
    """Exit code 1 when the seconds or the memory are over the target, or a rename was not found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=70_000)
    parser.add_argument("--changed", type=int, default=200)
    chosen = parser.parse_args()
    write(chosen.tables, chosen.changed)
    changed, unchanged = _run("changed"), _run("unchanged")
    naive = _run("naive")
    rows = [
        ("changed: listing + snapshot + diff", changed["seconds"], changed["megabytes"], MOST_CHANGED_SECONDS),
        ("  of it the listing", changed["listing"], "", ""),
        ("  of it snapshot and diff", changed["seconds"] - changed["listing"], "", ""),
        ("unchanged: listing + digest", unchanged["seconds"], unchanged["megabytes"], MOST_UNCHANGED_SECONDS),
        ("the same diff, column by column", naive["seconds"], naive["megabytes"], ""),
        ("the open file (not counted)", "", changed["open_megabytes"], ""),
    ]
    print_table(("step", "CPU s", "MB more", "most s"), rows)
    diff = changed["seconds"] - changed["listing"]
    print(f"naive / ours, without the listing: {naive['seconds'] / diff:.1f}")
    print(f"snapshot: {changed['snapshot_megabytes']:.1f} MB")
    print(f"renames found: {changed['found']:.0f} of {changed['made']:.0f}; unchanged seen: {bool(unchanged['same'])}")
    good = (
        changed["seconds"] <= MOST_CHANGED_SECONDS
        and unchanged["seconds"] <= MOST_UNCHANGED_SECONDS
        and max(changed["megabytes"], unchanged["megabytes"]) <= MOST_MEGABYTES
        and changed["found"] == changed["made"]
        and bool(unchanged["same"])
    )
    return 0 if good else 1


def write(tables: int, changed: int) -> None:
    """`before.duckdb`, `loaded.duckdb` (the same with other rows), `after.duckdb`, and the truth; once for a size."""
    made = FOLDER / "made.json"
    if made.is_file() and json.loads(made.read_text())["size"] == [tables, changed]:
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    print(f"writing {tables:,} tables into {FOLDER} (some minutes)")
    rng = random.Random(1)
    names = [f"s{n % 100}.{rng.choice(WORDS)}_{rng.choice(WORDS)}_{n}" for n in range(tables)]
    with closing(duckdb.connect(str(FOLDER / "before.duckdb"))) as connection:
        connection.execute("BEGIN")
        for number in range(100):
            connection.execute(f"CREATE SCHEMA s{number}")
        for name in names:
            connection.execute(f"CREATE TABLE {name} ({', '.join(_column(rng, n) for n in range(COLUMNS))})")
        connection.execute("COMMIT")
    truth: dict[str, str] = {}
    for file in ("loaded", "after"):
        shutil.copy(FOLDER / "before.duckdb", FOLDER / f"{file}.duckdb")
    with closing(duckdb.connect(str(FOLDER / "loaded.duckdb"))) as connection:
        connection.execute(f"INSERT INTO {names[0]} DEFAULT VALUES")
    with closing(duckdb.connect(str(FOLDER / "after.duckdb"))) as connection:
        connection.execute("BEGIN")
        for number, name in enumerate(rng.sample(names, changed)):
            truth |= _change(connection, name, number)
        connection.execute("COMMIT")
    for file in ("before", "after"):
        with open_duckdb(f"duckdb:///{FOLDER / file}.duckdb") as warehouse:
            write_snapshot(warehouse.catalog(), FOLDER / f"{file}.arrow")
    made.write_text(json.dumps({"size": [tables, changed], "truth": truth}))


def _column(rng: random.Random, number: int) -> str:
    return f"{rng.choice(WORDS)}_{rng.choice(WORDS)}_{number} {rng.choice(TYPES)}"


def _change(connection: duckdb.DuckDBPyConnection, table: str, number: int) -> dict[str, str]:
    """One of five kinds of change; of a rename what became of what."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    column = columns[number % COLUMNS]
    match number % 5:
        case 0:
            connection.execute(f"ALTER TABLE {table} RENAME {column} TO {column}_total")
            return {f"{table}.{column}": f"{column}_total"}
        case 1:
            connection.execute(f"ALTER TABLE {table} ADD COLUMN added_{number} VARCHAR")
        case 2:
            connection.execute(f"ALTER TABLE {table} DROP {column}")
        case 3:
            connection.execute(f"ALTER TABLE {table} ALTER {column} TYPE VARCHAR")
        case 4:
            schema, _, last = table.partition(".")
            connection.execute(f"ALTER TABLE {table} RENAME TO {last}_v2")
            return {table: f"{schema}.{last}_v2"}
    return {}


def _run(name: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, "-c", STEP, name], check=True, capture_output=True, text=True)
    said: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return said


def step(name: str) -> None:
    """One step in a process of its own; prints what it cost."""
    {"changed": _changed, "unchanged": _unchanged, "naive": _naive}[name]()


def _changed() -> None:
    opened, megabytes = _open("after")
    was = time.process_time()
    listed = opened()
    listing = time.process_time() - was
    before = read_snapshot(FOLDER / "before.arrow")
    found = schema_diff(before, listed)
    write_snapshot(listed, FOLDER / "now.arrow")
    seconds = time.process_time() - was
    truth: dict[str, str] = json.loads((FOLDER / "made.json").read_text())["truth"]
    renamed = _renamed(found)
    _say(
        seconds=seconds,
        listing=listing,
        megabytes=_megabytes() - megabytes,
        open_megabytes=megabytes,
        snapshot_megabytes=len(to_bytes(listed)) / 1e6,
        made=len(truth),
        found=sum(renamed.get(was) == now for was, now in truth.items()),
    )


def _unchanged() -> None:
    """The rows of one table are other ones, so that the file is another, and no schema."""
    path = FOLDER / "live" / "w.duckdb"
    path.parent.mkdir(exist_ok=True)
    shutil.copy(FOLDER / "before.duckdb", path)
    warehouse = open_duckdb(f"duckdb:///{path}")
    warehouse.catalog()  # as the last look at it did
    fresh = path.with_suffix(".fresh")
    shutil.copy(FOLDER / "loaded.duckdb", fresh)
    fresh.replace(path)
    with warehouse._file.use():
        pass  # it is open now
    megabytes, was = _megabytes(), time.process_time()
    same = warehouse.catalog().digest == snapshot_digest(FOLDER / "before.arrow")
    _say(seconds=time.process_time() - was, megabytes=_megabytes() - megabytes, same=same)
    warehouse.close()


def _naive() -> None:
    """Every column of every table is compared with the one of its name."""
    megabytes = _megabytes()

    def diff() -> None:
        before, after = (read_snapshot(FOLDER / f"{name}.arrow") for name in ("before", "after"))
        for name, table in before.tables.items():
            now = after.find(name)
            columns = {c.name: (c.type, c.nullable) for c in now.columns} if now else {}
            _ = [c.name for c in table.columns if columns.get(c.name) != (c.type, c.nullable)]

    seconds = cpu_seconds(diff)
    _say(seconds=seconds, megabytes=_megabytes() - megabytes)


def _open(name: str) -> tuple[Callable[[], Catalog], float]:
    """A warehouse whose file is open, what lists it, and the memory that it took so far."""
    duckdb.execute("SELECT 1").to_arrow_table()  # libraries that the first table of a process loads
    warehouse = open_duckdb(f"duckdb:///{FOLDER / name}.duckdb")
    with warehouse._file.use():
        pass
    return warehouse.catalog, _megabytes()


def _renamed(found: SchemaDiff) -> dict[str, str]:
    columns = {f"{c.table}.{c.column}": c.now for c in found.changes if isinstance(c, ColumnRenamed)}
    return columns | {c.table: c.now for c in found.changes if isinstance(c, TableRenamed)}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _say(**figures: float) -> None:
    print(json.dumps(figures))


if __name__ == "__main__":
    sys.exit(main())
