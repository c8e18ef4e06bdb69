"""Promises of Dagster's instance as the command line opens it."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from vedder_pipelines.launch import instance

TOGETHER = 4


def test_whoever_opens_a_new_dagster_home_at_the_same_time_finds_it_whole(tmp_path, monkeypatch):
    shutil.copy(Path(__file__).parents[2] / "dagster.yaml", tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    ready = Barrier(TOGETHER)

    def runs_seen(_: int) -> int:
        ready.wait()
        with instance() as opened:
            return opened.get_runs_count()

    with ThreadPoolExecutor(TOGETHER) as threads:
        assert list(threads.map(runs_seen, range(TOGETHER))) == [0] * TOGETHER
