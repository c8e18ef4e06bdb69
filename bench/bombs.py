"""Do the walls hold? Queries that want all time or memory, sent past the guard to the worker processes.

    python -m bench.bombs [--seconds 2]

Each bomb must end within its deadline and one second, its process must stay within its share of memory, and small
queries that run at the same time must keep a 95th percentile below 5x their usual one. Also: what a worker costs over
the same query in this process. Ratios of wall time within one run, since the work is in other processes.
"""

import argparse
import json
import os
import re
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psutil  # type: ignore[import-untyped]

from bench.measure import print_table
from vedder_core.errors import QueryRefused, VedderError
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.duckdb_workers import Workers
from vedder_core.warehouse.warehouse import Limits

FOLDER = Path("build/bench/bombs")
SHARED = Path(os.environ.get("VEDDER_TEST_DATA", "../shared/data"))
WALLS = Walls(memory="1GB", threads=2)
GRACE_SECONDS = 1.0
MOST_SLOWDOWN = 5.0
USUAL_BEFORE_EACH = 20
ROUNDS = 200

BUILD = """
    CREATE SCHEMA sales; CREATE SCHEMA streams;
    CREATE TABLE sales.customers AS SELECT i AS customer_id, 'name' || i AS name, 'user' || i || '@example.org' AS email
    FROM range(2000) t(i);
    CREATE TABLE streams.plays AS SELECT i AS play_id, i * 31 % 3000 AS track_id, i * 17 % 5000 AS user_id,
        ['US', 'GB', 'SE', 'DE', 'BR'][1 + i % 5] AS country, ['ios', 'web', 'tv'][1 + i % 3] AS platform,
        TIMESTAMP '2025-01-01' + to_seconds(i * 97) AS played_at, 1000 + i * 613 % 240000 AS ms_played
    FROM range(100000) t(i)"""
DATASETS = frozenset({"sales.customers", "streams.plays"})
SMALL = "SELECT country, count(*) AS plays, sum(ms_played) AS ms FROM streams.plays WHERE platform = 'tv' GROUP BY 1"
ROWS = "SELECT * FROM streams.plays LIMIT 5000"


@dataclass(frozen=True)
class Ended:
    """How one bomb ended, and what was seen meanwhile."""

    said: str
    seconds: float
    megabytes: float
    neighbours: Sequence[float]
    failures: int


@dataclass
class Watch:
    """The largest process of a pool, looked at all the time."""

    workers: Workers
    peak: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.ended.wait(0.02):
            for pid in self.workers.pids():
                try:
                    self.peak = max(self.peak, int(psutil.Process(pid).memory_info().rss))
                except psutil.Error:
                    continue


def main() -> int:
    """Exit code 1 when a bomb missed its time or its share, or small queries became too slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    file = _built()
    workers = Workers(file, WALLS)
    ask = _asker(workers)
    usual = _times(lambda: ask(SMALL), 5 * USUAL_BEFORE_EACH)[USUAL_BEFORE_EACH:]
    ended: dict[str, Ended] = {}
    refused = {}
    for name, sql in bombs():
        refused[name] = _refused(file, sql)
        usual += _times(lambda: ask(SMALL), USUAL_BEFORE_EACH)
        ended[name] = _explode(workers, sql, seconds)
        print(f"{name}: {ended[name].said}", file=sys.stderr)
    workers.close()
    misses = _report(ended, refused, seconds=seconds, share=WALLS.share() / 1e6)
    misses += _report_neighbours(usual, [each for end in ended.values() for each in end.neighbours])
    _report_overhead(file)
    for miss in misses:
        print(f"missed: {miss}")
    return 1 if misses else 0


def bombs() -> Iterator[tuple[str, str]]:
    """Name and SQL of each: ours, some that are made, and those of the shared corpus where it is there."""
    for part in re.split(r"^-- ", Path(__file__).with_suffix(".sql").read_text(), flags=re.MULTILINE)[1:]:
        name, sql = part.split("\n", 1)
        yield name, sql.strip()
    yield "planning: 4,000 unions", " UNION ALL ".join(f"SELECT {n} AS n" for n in range(4_000))
    yield "planning: 60,000 values", f"SELECT 1 WHERE 1 IN ({', '.join(map(str, range(2, 60_000)))})"
    yield "planning: nested lists", f"SELECT {'[' * 400}1{']' * 400} AS x"
    yield "planning: nested calls", f"SELECT {'abs(' * 900}1{')' * 900} AS x"
    corpus = SHARED / "guard/hostile.jsonl"
    for line in corpus.read_text().splitlines() if corpus.exists() else ():
        row = json.loads(line)
        if row["category"] == "bomb" and row["dialect"] == "duckdb":
            yield f"corpus: {row['why']} ({row['id'][-3:]})", row["sql"]


def _built() -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "warehouse.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(file) as connection:
        connection.execute(BUILD)
    return file


def _asker(workers: Workers) -> Callable[[str], None]:
    def ask(sql: str) -> None:
        workers.run(Asked(sql, DATASETS, {}), Limits(seconds=60.0))

    return ask


def _times(work: Callable[[], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return times


def _refused(file: Path, sql: str) -> bool:
    """Would the guard have let it through? Here it is asked past the guard either way."""
    with DuckDBWarehouse(file, workers=0) as warehouse:
        granted = Granted(warehouse.catalog().tables)
        try:
            guard(sql, granted, dialect=warehouse.dialect)
        except (QueryRefused, RecursionError):
            return True
        return False


def _explode(workers: Workers, sql: str, seconds: float) -> Ended:
    """Run a bomb in one thread and small queries in this one."""
    said: list[str] = []
    took: list[float] = []

    def bomb() -> None:
        started = time.perf_counter()
        try:
            result = workers.run(Asked(sql, DATASETS, {}), Limits(seconds))
            said.append(f"{result.table.num_rows} rows{', cut' if result.truncated else ''}")
        except VedderError as error:
            said.append(error.message.removeprefix("The warehouse could not run the query. "))
        took.append(time.perf_counter() - started)

    watch = Watch(workers)
    ask = _asker(workers)
    running, looking = threading.Thread(target=bomb, daemon=True), threading.Thread(target=watch.look, daemon=True)
    looking.start()
    running.start()
    neighbours: list[float] = []
    failures = 0
    while running.is_alive():
        try:
            neighbours += _times(lambda: ask(SMALL), 1)
        except VedderError:
            failures += 1
    watch.ended.set()
    looking.join()
    return Ended(said[0], took[0], watch.peak / 1e6, neighbours, failures)


def _report(ended: dict[str, Ended], refused: dict[str, bool], *, seconds: float, share: float) -> list[str]:
    print_table(
        ("bomb", "seconds", "MB", "small beside", "guard", "ended with"),
        [
            (name, end.seconds, round(end.megabytes), len(end.neighbours), "no" if refused[name] else "yes", end.said)
            for name, end in ended.items()
        ],
    )
    print(f"\n{len(ended)} bombs, {sum(refused.values())} of which the guard refuses; share {share:,.0f} MB")
    late = [f"{name} took {end.seconds:.2f} s" for name, end in ended.items() if end.seconds > seconds + GRACE_SECONDS]
    large = [f"{name} took {end.megabytes:,.0f} MB" for name, end in ended.items() if end.megabytes > share]
    failed = [f"{end.failures} small queries failed beside {name}" for name, end in ended.items() if end.failures]
    return late + large + failed


def _report_neighbours(usual: Sequence[float], beside: Sequence[float]) -> list[str]:
    slowdown = _p95(beside) / _p95(usual)
    rows = [(name, len(t), 1e3 * statistics.median(t), 1e3 * _p95(t)) for name, t in
            (("usual", usual), ("beside a bomb", beside))]  # fmt: skip
    print_table(("small queries", "count", "median ms", "p95 ms"), rows)
    print(f"p95 beside a bomb / usual: {slowdown:.2f} (wanted below {MOST_SLOWDOWN:g})\n")
    return [f"small queries became {slowdown:.1f}x slower"] if slowdown >= MOST_SLOWDOWN else []


def _report_overhead(file: Path) -> None:
    """The same guarded query in this process and in a worker, in turns."""
    with DuckDBWarehouse(file, WALLS, workers=0) as here, DuckDBWarehouse(file, WALLS, workers=1) as there:
        granted = Granted(here.catalog().tables)
        rows = []
        for name, sql in (("small aggregate", SMALL), ("5,000 rows x 7 columns", ROWS)):
            query = guard(sql, granted, dialect="duckdb")
            times: dict[DuckDBWarehouse, list[float]] = {here: [], there: []}
            for number in range(ROUNDS + 5):
                for warehouse, seen in times.items():
                    took = _times(lambda: warehouse.run(query, Limits(rows=5_000)), 1)  # noqa: B023 - called at once
                    seen += took if number >= 5 else []
            medians = [1e3 * statistics.median(times[each]) for each in (here, there)]
            rows.append((name, *medians, medians[1] / medians[0], medians[1] - medians[0]))
    print_table(("overhead", "here ms", "worker ms", "ratio", "more ms"), rows)


def _p95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
