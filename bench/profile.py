"""Profiles against DuckDB's own SUMMARIZE and against a plain hash of every value, by CPU, in one run.

    python -m bench.profile [--rounds 5] [--scale 1.0]

Fails only on missed ratios (WANTED) and on figures that are wrong; how accurate sketches are is printed beside it.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.measure import interleaved, print_table
from vedder_core.cluster import Dataset
from vedder_core.profile import ColumnProfile, Profile
from vedder_core.schema import Table
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.duckdb_file import Walls

WANTED = {"lineitem": 25.0, "wide": 7.0}
"""How many times less CPU than SUMMARIZE."""

DISTINCT_ERROR = 0.05
FEW = 2_000
THREADS = 2

WORDS = (
    "['furiously','carefully','quickly','slyly','ironic','express','regular','final','pending','bold','even','special',"
    "'unusual','deposits','packages','requests','accounts','instructions','theodolites','foxes','ideas','dependencies',"
    "'platelets','pinto beans','sleep','haggle','nag','cajole','among the','above the','across the','against the']"
)
WORD = f"{WORDS}[1 + (random() * 31)::INT]"
COMMENT = f"({WORD} || ' ' || {WORD} || ' ' || {WORD} || ' ' || {WORD})"
LINEITEM = f"""
    CREATE TABLE lineitem AS SELECT
        n // 4 AS l_orderkey,
        (random() * 200000)::INT AS l_partkey,
        (random() * 10000)::INT AS l_suppkey,
        (n % 7 + 1)::INT AS l_linenumber,
        (1 + floor(random() * 50))::DECIMAL(15, 2) AS l_quantity,
        (900 + random() * 104000)::DECIMAL(15, 2) AS l_extendedprice,
        (floor(random() * 11) / 100)::DECIMAL(15, 2) AS l_discount,
        (floor(random() * 9) / 100)::DECIMAL(15, 2) AS l_tax,
        ['A', 'N', 'R'][1 + floor(random() * 3)::INT] AS l_returnflag,
        ['O', 'F'][1 + floor(random() * 2)::INT] AS l_linestatus,
        DATE '1992-01-02' + (random() * 2526)::INT AS l_shipdate,
        DATE '1992-01-31' + (random() * 2466)::INT AS l_commitdate,
        DATE '1992-01-03' + (random() * 2554)::INT AS l_receiptdate,
        ['COLLECT COD', 'DELIVER IN PERSON', 'NONE', 'TAKE BACK RETURN'][1 + floor(random() * 4)::INT]
            AS l_shipinstruct,
        ['AIR', 'FOB', 'MAIL', 'RAIL', 'REG AIR', 'SHIP', 'TRUCK'][1 + floor(random() * 7)::INT] AS l_shipmode,
        {COMMENT}[:(10 + random() * 33)::INT] AS l_comment
    FROM range({{rows}}) t(n)"""
ORDERS = f"""
    CREATE TABLE orders AS SELECT
        n * 4 + 1 AS o_orderkey,
        (random() * 150000)::INT AS o_custkey,
        ['F', 'O', 'P'][1 + floor(random() * 3)::INT] AS o_orderstatus,
        (850 + random() * 500000)::DECIMAL(15, 2) AS o_totalprice,
        DATE '1992-01-01' + (random() * 2405)::INT AS o_orderdate,
        ['1-URGENT', '2-HIGH', '3-MEDIUM', '4-NOT SPECIFIED', '5-LOW'][1 + floor(random() * 5)::INT] AS o_orderpriority,
        'Clerk#' || lpad(((random() * 1000)::INT)::VARCHAR, 9, '0') AS o_clerk,
        0 AS o_shippriority,
        {COMMENT} AS o_comment
    FROM range({{rows}}) t(n)"""
KINDS = (
    "{v}",
    "'value_' || {v}",
    "({v}) / 8.0::DOUBLE",
    "DATE '2000-01-01' + ({v})",
    "({v})::BIGINT * 1000003",
    "'c' || {v}",
)
COUNTS = (2, 7, 30, 120, 400, 1200, 1900, 5000, 30000, 90000)


@dataclass(frozen=True)
class Accuracy:
    """How a profile's figures compare with the truth."""

    errors: tuple[float, ...]
    sampled: int
    common: str


def main() -> int:
    """Measure, print, and say by the exit code whether a wanted ratio was missed."""
    parser = argparse.ArgumentParser(description="Profiles against SUMMARIZE and a hash scan, by CPU.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the rows")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.duckdb"
        build(file, asked.scale)
        with DuckDBWarehouse(file, Walls(threads=THREADS)) as warehouse:
            missed = measure(file, warehouse, rounds=asked.rounds)
    for line in missed:
        print(f"MISSED {line}", file=sys.stderr)
    return 1 if missed else 0


def build(file: Path, scale: float) -> None:
    """A long table, one like orders, and a wide one with skewed columns of which a quarter has NULLs."""
    wide = []
    for number in range(200):
        value = f"floor(power(random(), {3 + number % 4}) * {COUNTS[number % 10]})::INT"
        made = KINDS[number % 6].format(v=value)
        often_null = number % 4 == 1
        wide.append(f"CASE WHEN random() < {0.8 if often_null else 1} THEN {made} END AS c{number}")
    with duckdb.connect(file, config={"threads": 1}) as connection:
        connection.execute("SELECT setseed(0.42)")
        connection.execute(LINEITEM.format(rows=int(1_500_000 * scale)))
        connection.execute(ORDERS.format(rows=int(1_500_000 * scale)))
        connection.execute(f"CREATE TABLE wide AS SELECT {', '.join(wide)} FROM range({int(100_000 * scale)})")


def measure(file: Path, warehouse: DuckDBWarehouse, *, rounds: int) -> list[str]:
    """Print both tables; the sentences say what was missed."""
    ratios: list[tuple[object, ...]] = []
    accuracies: list[tuple[object, ...]] = []
    missed: list[str] = []
    with duckdb.connect() as peer:
        peer.execute(f"SET threads = {THREADS}")
        peer.execute(f"ATTACH '{file}' AS bench (READ_ONLY)")
        peer.execute("USE bench")
        for name in ("lineitem", "orders", "wide"):
            table = warehouse.catalog().tables[f"main.{name}"]
            cpu = interleaved(_variants(peer, warehouse, table), rounds=rounds)
            ratio = cpu["SUMMARIZE"] / cpu["ours"]
            milliseconds = [f"{seconds * 1000:.0f}" for seconds in cpu.values()]
            ratios.append((name, *milliseconds, cpu["ours"] / cpu["scan"], ratio, WANTED.get(name, "")))
            if ratio < WANTED.get(name, 0):
                missed.append(f"{name}: {ratio:.1f}x less CPU than SUMMARIZE, wanted {WANTED[name]:g}x")
            found = accuracy(peer, name, warehouse.profile(table, _dataset(table), "v1"))
            error, worst = statistics.median(found.errors), max(found.errors)
            accuracies.append((name, len(found.errors), f"{error:.2%}", f"{worst:.1%}", found.sampled, found.common))
            if error > DISTINCT_ERROR:
                missed.append(f"{name}: distinct counts are {error:.1%} off in the median, wanted {DISTINCT_ERROR:.0%}")
            if not found.common.startswith("all "):
                missed.append(f"{name}: common values are wrong in {found.common}")
    print_table(("CPU ms", "ours", "scan", "SUMMARIZE", "ours/scan", "SUMMARIZE/ours", "wanted"), ratios)
    print()
    print_table(("distinct", "counted", "median error", "max error", "sampled only", "common values exact"), accuracies)
    return missed


def _variants(
    peer: duckdb.DuckDBPyConnection, warehouse: DuckDBWarehouse, table: Table
) -> dict[str, Callable[[], object]]:
    name = table.name.removeprefix("main.")
    hashes = ", ".join(f'bit_xor(hash("{column.name}"))' for column in table.columns)
    return {
        "ours": lambda: warehouse.profile(table, _dataset(table), "v1"),
        "scan": lambda: peer.execute(f"SELECT {hashes} FROM {name}").fetchall(),
        "SUMMARIZE": lambda: peer.execute(f"SUMMARIZE {name}").fetchall(),
    }


def _dataset(table: Table) -> Dataset:
    return Dataset(name=table.name, description="Bench.")


def accuracy(peer: duckdb.DuckDBPyConnection, name: str, profile: Profile) -> Accuracy:
    """Against counts that are exact: every distinct count, and the common values of columns with few."""
    figures = {column.name: column.distinct for column in profile.columns if column.distinct is not None}
    counts = ", ".join(f'count(DISTINCT "{column}")' for column in figures)
    truth = dict(zip(figures, peer.execute(f"SELECT {counts} FROM {name}").fetchall()[0], strict=True))
    counted = {column: figure.value for column, figure in figures.items() if figure.mark != "sampled"}
    few = [column for column in profile.columns if truth.get(column.name, FEW + 1) <= FEW]
    wrong = [column.name for column in few if not _is_right(peer, name, column)]
    return Accuracy(
        errors=tuple(abs(value - truth[column]) / max(truth[column], 1) for column, value in counted.items()),
        sampled=len(figures) - len(counted),
        common=f"all {len(few)}" if not wrong else f"{len(wrong)} of {len(few)}: {', '.join(wrong[:5])}",
    )


def _is_right(peer: duckdb.DuckDBPyConnection, table: str, column: ColumnProfile) -> bool:
    """Are these the most common values, with their exact rows?"""
    told = [(value.value, value.rows) for value in column.common_values]
    value = f'"{column.name}"'
    counted = f"SELECT {value}::VARCHAR, count(*) FROM {table} WHERE {value} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    return column.common_mark == "exact" and told == peer.execute(f"{counted} LIMIT {len(told)}").fetchall()


if __name__ == "__main__":
    sys.exit(main())
