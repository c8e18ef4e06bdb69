"""Are broken pairs found, all and only they, and are their repairs right? Thousands of changes to real schemas.

Worlds are Spider's and BIRD's databases with their gold SQL as pairs. Every kind of change of `breakage_changes` is
done to a copy of each; the truth is what the engine itself runs before and after.

    python -m bench.breakage [--engine duckdb | postgres] [--quick] [--only NAME ...] [--perfect] [--show 20]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from bench import postgres
from bench.breakage_bqetl import bqetl_names, bqetl_world
from bench.breakage_cases import Tally, break_world
from bench.breakage_changes import QUICK, TIMES, Change, changes_of
from bench.breakage_labs import DuckLab, PostgresLab
from bench.breakage_worlds import World, bird_worlds, spider_world
from bench.measure import print_table
from bench.spider import open_spider

PROCESSES = 2
QUICK_EVERY = 12
SEED = 1
SHARE_OF_NAMES = 0.95


@dataclass(frozen=True)
class Task:
    """One world on one engine. `database` is a name of Spider's, `bird:<number>` or `bqetl:<dataset>`."""

    database: str
    engine: str
    server: str
    quick: bool
    perfect: bool


def main(arguments: Sequence[str]) -> int:
    """0 when every wanted share is reached, or nothing could be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("duckdb", "postgres"), default="duckdb")
    parser.add_argument("--quick", action="store_true", help="every twelfth world, each kind of change once")
    parser.add_argument("--only", nargs="*", default=[], help="databases by name")
    parser.add_argument("--perfect", action="store_true", help="repairs are given the true changes, not those found")
    parser.add_argument("--show", type=int, default=12, help="sentences about what went wrong")
    chosen = parser.parse_args(arguments)
    names = databases(chosen.engine)
    if not names:
        print("bench.breakage: skipped, there is no `spider` folder in VEDDER_TEST_DATA (default ../shared/data)")
        return 0
    names = chosen.only or (names[::QUICK_EVERY] if chosen.quick else names)
    with ExitStack() as stack:
        try:
            server = stack.enter_context(postgres.server()) if chosen.engine == "postgres" else ""
        except postgres.NoPostgres as missing:
            print(f"bench.breakage: skipped, {missing}")
            return 0
        tasks = [Task(name, chosen.engine, server, chosen.quick, chosen.perfect) for name in names]
        started = time.monotonic()
        tally = measured(tasks)
        print(f"{len(tasks)} worlds, {chosen.engine}, {time.monotonic() - started:.0f} s")
    return report(tally, show=chosen.show)


def databases(engine: str) -> list[str]:
    """Every world that there is for an engine; none where the data are absent."""
    spider = open_spider()
    if spider is None:
        return []
    files = sorted(file.stem for file in (spider.folder / "databases").glob("*.sqlite"))
    bird = spider.folder.parent / "bird"
    real = [f"bqetl:{name}" for name in bqetl_names(bird.parent / "bqetl")] if engine == "duckdb" else []
    return [*files, *(f"bird:{number}" for number in range(6) if bird.is_dir()), *real]


def measured(tasks: Sequence[Task]) -> Tally:
    """All worlds, in as many processes as there are cores here."""
    whole = Tally()
    if len(tasks) == 1:
        return measure(tasks[0])
    with ProcessPoolExecutor(PROCESSES) as pool:
        waiting = {pool.submit(measure, task): task for task in tasks}
        for done in as_completed(waiting):
            whole.merge(done.result())
    return whole


def measure(task: Task) -> Tally:
    """One world through all its changes."""
    dialect = task.engine
    world, real = world_named(task.database, dialect)
    times = QUICK if task.quick else TIMES
    with tempfile.TemporaryDirectory(prefix="vedder-breakage-") as folder:
        home = Path(folder)
        lab = PostgresLab(world, task.server) if task.server else DuckLab(world, home / "duckdb")
        with closing(lab):
            changes = real or changes_of(world, dialect, seed=SEED, kinds=times)
            return break_world(world, lab, changes, home / "clusters", perfect=task.perfect)


def world_named(database: str, dialect: str) -> tuple[World, tuple[Change, ...]]:
    """A world, and the real changes that are known of it."""
    spider = open_spider()
    if spider is None:
        raise FileNotFoundError(os.environ.get("VEDDER_TEST_DATA", "../shared/data"))
    if database.startswith("bird:"):
        return list(bird_worlds(spider.folder.parent / "bird", dialect))[int(database.removeprefix("bird:"))], ()
    if database.startswith("bqetl:"):
        return bqetl_world(spider.folder.parent / "bqetl", database.removeprefix("bqetl:"))
    return spider_world(spider, database, dialect), ()


COLUMNS = (
    *("changes", "cases", "broken", "found", "missed", "false alarm", "fail only on the data"),
    *("touched", "judged again"),
)
REPAIRS = (
    *("renames", "renames in the diff", "broken by a rename", "right new name"),
    *("repairs", "repairs that are right", "repairs proven", "wrong repairs proven"),
)


def report(tally: Tally, *, show: int) -> int:
    """Print what was counted, and say whether it is what is wanted."""
    kinds = list(dict.fromkeys(kind for kind, _ in sorted(tally.counts) if kind != "before"))
    before = {name: many for (kind, name), many in tally.counts.items() if kind == "before"}
    print(", ".join(f"{many:,} {name}" for name, many in before.items()))
    for columns in (COLUMNS, REPAIRS):
        rows = [(kind, *(tally.counts[kind, name] for name in columns)) for kind in kinds]
        print_table(("kind", *columns), [*rows, ("all", *(tally.total(name) for name in columns))])
        print()
    for sentence in tally.wrong[:show]:
        print(f"- {sentence}")
    failed = list(_failures(tally))
    for line in failed:
        print(f"MISSED: {line}")
    return 1 if failed else 0


def _failures(tally: Tally) -> Iterator[str]:
    found, broken = tally.total("found"), tally.total("broken")
    print(f"recall {found / max(broken, 1):.4f}, precision {found / max(found + tally.total('false alarm'), 1):.4f}")
    for what in ("missed", "false alarm", "not judged again", "judged needlessly", "wrong repairs proven"):
        if tally.total(what):
            yield f"{tally.total(what)} {what}, wanted none"
    share = tally.total("renames in the diff") / max(tally.total("renames"), 1)
    print(f"renames found {share:.3f}")
    if share < SHARE_OF_NAMES:
        yield f"{share:.3f} of the renames are found, wanted {SHARE_OF_NAMES}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
