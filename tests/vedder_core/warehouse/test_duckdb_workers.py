"""Worker processes: walled in, killed in time, replaced, and never left behind.

Some queries here are what the guard would refuse: they are asked past it, so that the walls are what is tested.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.vedder_core.warehouse.test_duckdb import change
from vedder_core.errors import QueryFailed, QueryTimeout, WarehouseError
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.duckdb_process import WorkerProcess
from vedder_core.warehouse.duckdb_workers import Workers
from vedder_core.warehouse.warehouse import Bound, Limits, Result, open_warehouse

DEAF = "SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000)) AS n"  # does not hear an interrupt
ENDLESS = "SELECT sum(a.n * b.n % 7 + c.n) AS s FROM main.t a, main.t b, main.t c"
BREAKING = (
    "SELECT reservoir_quantile(n, 0.5, 2000000000) AS q FROM main.t"  # an allocation whose failure DuckDB resents
)
DATASETS = frozenset({"main.t"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    change(tmp_path / "a.duckdb", "CREATE TABLE t AS SELECT n, 'word ' || n AS word FROM range(5000) r(n)")
    return tmp_path / "a.duckdb"


@pytest.fixture
def workers(file: Path) -> Iterator[Workers]:
    pool = Workers(file, Walls(memory="100MB", threads=1))
    yield pool
    pool.close()


def run(workers: Workers, sql: str, seconds: float = 20.0, *, rows: int = 1000, size: int = 1_000_000) -> Result:
    return workers.run(Asked(sql, DATASETS, {}), Limits(seconds, rows, size))


def count(workers: Workers) -> object:
    return run(workers, "SELECT count(*) AS n FROM main.t").table.to_pylist()


def wait_until(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)


def test_a_query_that_hears_no_interrupt_is_killed_and_the_next_one_is_answered(workers: Workers) -> None:
    assert count(workers) == [{"n": 5000}]
    (before,) = workers.pids()
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"0\.3 seconds"):
        run(workers, DEAF, 0.3)
    assert time.monotonic() - started < 0.3 + 1.0
    wait_until(lambda: not psutil.pid_exists(before))
    assert len(workers.pids()) == 1
    assert count(workers) == [{"n": 5000}]


def test_a_query_that_is_interrupted_leaves_its_process_alive(workers: Workers) -> None:
    run(workers, "SELECT 1 AS one")
    before = workers.pids()
    with pytest.raises(QueryTimeout):
        run(workers, ENDLESS, 0.3)
    assert count(workers) == [{"n": 5000}]
    assert workers.pids() == before


def test_planning_has_a_deadline_too_since_constants_are_computed_there(workers: Workers) -> None:
    deaf = "SELECT strptime('2020', CAST(levenshtein(repeat('ab', 200000), repeat('ba', 200000)) AS VARCHAR)) AS t"
    with pytest.raises(QueryTimeout):
        workers.bind(Asked(deaf, frozenset(), {}), 0.3)
    assert workers.bind(Asked("SELECT n FROM main.t", DATASETS, {}), 5.0) == Bound(("n",))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT len(range(400000000)) AS n",
        "SELECT length(printf('%1900000000d', 1)) AS n",
        "SELECT len(list_resize([1], 4000000000, 0)) AS n",
        "SELECT length(string_agg(repeat(word, 3000), '')) AS n FROM main.t",
    ],
)
def test_one_giant_value_is_stopped_by_the_limits_of_the_process(workers: Workers, sql: str) -> None:
    with pytest.raises(QueryFailed, match="more memory"):
        run(workers, sql)
    assert count(workers) == [{"n": 5000}]


def test_a_process_that_grows_beyond_its_share_is_killed(file: Path) -> None:
    process = WorkerProcess(file, Walls(threads=1))
    process.share = 1_000_000  # less than any process has
    with pytest.raises(QueryFailed, match="more memory"):
        process.run(Asked(ENDLESS, DATASETS, {}), Limits(10.0))
    assert not process.alive
    process.end().join()


def test_small_queries_are_answered_while_a_bomb_runs(workers: Workers) -> None:
    stopped: list[str] = []

    def bomb() -> None:
        with pytest.raises(QueryTimeout) as error:
            run(workers, DEAF, 0.8)
        stopped.append(error.value.message)

    running = threading.Thread(target=bomb)
    running.start()
    answers = 0
    while running.is_alive():
        assert count(workers) == [{"n": 5000}]
        answers += 1
    assert len(stopped) == 1
    assert answers > 10


def test_waiting_for_a_turn_counts_in_the_time_of_a_query(file: Path) -> None:
    pool = Workers(file, Walls(threads=1), 1)
    begun = threading.Event()

    def bomb() -> None:
        begun.set()
        with pytest.raises(QueryTimeout):
            run(pool, DEAF, 0.5)

    running = threading.Thread(target=bomb)
    running.start()
    begun.wait()
    wait_until(lambda: len(pool.pids()) == 1)
    with pytest.raises(QueryTimeout, match=r"waited 0\.2 seconds for its turn"):
        run(pool, "SELECT 1 AS one", 0.2)
    running.join()
    assert count(pool) == [{"n": 5000}]
    pool.close()


def test_a_process_that_dies_fails_its_query_in_our_words_and_is_replaced(workers: Workers) -> None:
    count(workers)
    threading.Timer(0.3, lambda: os.kill(workers.pids()[0], signal.SIGKILL)).start()
    with pytest.raises(QueryFailed, match="process ended"):
        run(workers, ENDLESS)
    assert count(workers) == [{"n": 5000}]
    os.kill(workers.pids()[0], signal.SIGKILL)
    wait_until(lambda: psutil.Process(workers.pids()[0]).status() == psutil.STATUS_ZOMBIE)
    assert count(workers) == [{"n": 5000}], "one that died while idle fails nobody's query"


def test_a_process_whose_engine_has_given_up_is_replaced(workers: Workers) -> None:
    """DuckDB refuses everything after an error of its own making: two such queries would have ended all answers."""
    for _ in range(2):
        broken = {count(workers) and workers.pids()[0]}
        with pytest.raises(QueryFailed):
            run(workers, BREAKING)
        assert count(workers) == [{"n": 5000}]
        assert broken.isdisjoint(workers.pids())


def test_closing_ends_all_processes_and_fails_what_runs(workers: Workers) -> None:
    count(workers)
    before = workers.pids()
    threading.Timer(0.3, workers.close).start()
    with pytest.raises(QueryFailed, match="was closed"):
        run(workers, ENDLESS)
    wait_until(lambda: not any(map(psutil.pid_exists, before)))
    assert workers.pids() == ()
    assert count(workers) == [{"n": 5000}], "it opens again at its next use"


def test_rows_and_bytes_are_cut_in_the_process_that_computes_them(workers: Workers) -> None:
    many = run(workers, "SELECT a.n FROM main.t a, main.t b, main.t c", rows=2500)
    assert (many.table.num_rows, many.truncated) == (2500, True)
    wide = run(workers, "SELECT repeat(word, 1000) AS w FROM main.t", rows=5000, size=100_000)
    assert 0 < wide.table.nbytes <= 100_000
    assert wide.truncated
    giant = run(workers, "SELECT repeat('x', 5000000) AS x", size=1000)
    assert (giant.table.column_names, giant.table.num_rows, giant.truncated) == (["x"], 0, True)


def test_values_of_every_type_come_back_as_they_are_in_this_process(file: Path) -> None:
    change(
        file,
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE TABLE kinds AS SELECT 'bad'::mood AS e, [1, NULL] AS l, {'a': 'x'} AS s, MAP {'k': 1.5} AS m,"
        " NULL AS n, 1.50::DECIMAL(9, 2) AS d, 'x'::BLOB AS b, TIMESTAMPTZ '2026-01-01 12:00:00+02' AS t,"
        " INTERVAL 1 DAY AS i, 170141183460469231731687303715884105727::HUGEINT AS h, uuid() AS u FROM range(3)",
    )
    tables = []
    for url in (f"duckdb:///{file}?workers=0", f"duckdb:///{file}?workers=1"):
        with open_warehouse(url) as warehouse:
            query = guard("SELECT * FROM main.kinds", Granted(warehouse.catalog().tables), dialect="duckdb")
            tables.append(warehouse.run(query, Limits()).table)
    assert tables[0].equals(tables[1])


def test_a_file_that_is_not_there_is_named_from_the_process_as_well(tmp_path: Path) -> None:
    pool = Workers(tmp_path / "none.duckdb", Walls())
    with pytest.raises(WarehouseError, match=r"none\.duckdb") as missing:
        run(pool, "SELECT 1 AS one")
    assert "make demo" in missing.value.hint
    pool.close()


def test_a_process_can_be_warmed_before_the_first_query(workers: Workers) -> None:
    workers.warm()
    before = workers.pids()
    assert len(before) == 1
    count(workers)
    assert workers.pids() == before


# What the process may


def test_no_secret_of_ours_is_in_a_processs_environment(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDDER_CHAT_KEY", "sk-canary")
    count(workers)
    names = set(psutil.Process(workers.pids()[0]).environ())
    assert names <= {
        "LANG",
        "TZ",
        "OPENBLAS_NUM_THREADS",
        "MALLOC_ARENA_MAX",
        "ARROW_DEFAULT_MEMORY_POOL",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "LC_CTYPE",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
def test_the_process_has_limits_no_open_files_of_ours_and_no_new_privileges(workers: Workers, tmp_path: Path) -> None:
    with (tmp_path / "ours.txt").open("w"):
        count(workers)
        proc = Path(f"/proc/{workers.pids()[0]}")
        opened = [str(link.readlink()) for link in (proc / "fd").iterdir()]
    limits = {line[:26].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()[1:]}
    assert limits["Max address space"] != "unlimited"
    assert limits["Max cpu time"] != "unlimited"
    assert (limits["Max core file size"], limits["Max file size"]) == ("0", "4000000000")
    assert int(limits["Max open files"]) <= 1024
    assert not any("ours.txt" in target for target in opened)
    assert "NoNewPrivs:\t1" in (proc / "status").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's")
def test_the_process_has_left_the_network_where_the_system_lets_it(workers: Workers) -> None:
    probe = "from vedder_core.warehouse.process_limits import leave_the_network as leave; print(leave())"
    if "True" not in subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout:
        pytest.skip("this system lets no ordinary process make a network namespace")
    count(workers)
    assert Path(f"/proc/{workers.pids()[0]}/ns/net").readlink() != Path("/proc/self/ns/net").readlink()


# The parent

PARENT = """
import sys, threading, time
from pathlib import Path
from vedder_core.warehouse.duckdb_asked import Asked
from vedder_core.warehouse.duckdb_file import Walls
from vedder_core.warehouse.duckdb_workers import Workers
from vedder_core.warehouse.warehouse import Limits
pool = Workers(Path(sys.argv[1]), Walls(threads=1))
pool.run(Asked("SELECT 1 AS one", frozenset(), {}), Limits())
if sys.argv[2:]:
    threading.Thread(target=pool.run, args=(Asked(sys.argv[2], frozenset(), {}), Limits()), daemon=True).start()
    time.sleep(0.3)
    print(*pool.pids(), flush=True)
    time.sleep(60)
print("imported")
"""


def test_a_parent_that_is_killed_leaves_no_process_behind(file: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, file, DEAF], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert pids
        parent.kill()
    wait_until(lambda: not any(psutil.pid_exists(pid) and _runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    """A process that nobody reaps (its parent is gone) may stay as a zombie."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_starting_a_process_imports_nothing_of_the_program_that_asks(file: Path, tmp_path: Path) -> None:
    """Also of a script without a guard around its main part, and without a `close`."""
    script = tmp_path / "unguarded.py"
    script.write_text(PARENT)
    done = subprocess.run([sys.executable, script, file], capture_output=True, text=True, check=True, timeout=30)
    assert (done.stdout, done.stderr) == ("imported\n", "")
