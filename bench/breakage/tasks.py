"""The worlds that there are, and one of them through all its changes; each in a process of its own."""

import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.breakage.bqetl import bqetl_names, bqetl_world
from bench.breakage.cases import break_world
from bench.breakage.changes import Change
from bench.breakage.data_sets import bird_worlds, spider_world
from bench.breakage.duckdb_lab import DuckDBLab
from bench.breakage.kinds import QUICK, TIMES, changes_of
from bench.breakage.postgres_lab import PostgresLab
from bench.breakage.tally import Tally
from bench.breakage.worlds import World
from bench.spider import open_spider

LOST = "worlds not measured"
SEED = 1


@dataclass(frozen=True)
class Task:
    """One world on one engine. `database` is a name of Spider's, `bird:<number>` or `bqetl:<dataset>`."""

    database: str
    engine: str
    server: str
    quick: bool
    perfect: bool


def databases(engine: str) -> list[str]:
    """Every world that there is for an engine; none where the data are absent."""
    spider = open_spider()
    if spider is None:
        return []
    files = sorted(file.stem for file in (spider.folder / "databases").glob("*.sqlite"))
    bird = spider.folder.parent / "bird"
    real = [f"bqetl:{name}" for name in bqetl_names(bird.parent / "bqetl")] if engine == "duckdb" else []
    return [*files, *(f"bird:{number}" for number in range(6) if bird.is_dir()), *real]


def measured(tasks: Sequence[Task], processes: int) -> Tally:
    """All worlds; each is told when it is done. One that ends by an error costs the others nothing, and who interrupts
    gets what was counted until then: worlds that are lost are counted.
    """
    whole = Tally()
    if len(tasks) == 1:
        return measure(tasks[0])
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(measure, task): task.database for task in tasks}
        left = len(tasks)
        try:
            for done in as_completed(waiting):
                _take(whole, waiting[done], done)
                left -= 1
                print(f"{left} left after {waiting[done]}: {_so_far(whole)}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            whole.add("before", LOST, left)
    return whole


def _take(whole: Tally, name: str, done: Future[Tally]) -> None:
    error = done.exception()
    if error is None:
        whole.merge(done.result())
    else:
        whole.add("before", LOST)
        whole.say(f"{name} was not measured: {error!r}")


def _so_far(whole: Tally) -> str:
    return ", ".join(f"{whole.total(what):,} {what}" for what in ("cases", "broken", "found", "false alarm"))


def measure(task: Task) -> Tally:
    """One world through all its changes."""
    dialect = task.engine
    world, real = world_named(task.database, dialect)
    times = QUICK if task.quick else TIMES
    with tempfile.TemporaryDirectory(prefix="vedder-breakage-") as folder:
        home = Path(folder)
        lab = PostgresLab(world, task.server) if task.server else DuckDBLab(world, home / "duckdb")
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
