"""A slice of `bench.breakage`, so that every commit keeps what it measured: all and only the broken pairs are found."""

import logging

import pytest

from bench.breakage.tasks import Task, measure
from bench.spider import open_spider

WORLDS = ("book_2",)


@pytest.fixture
def server(request):
    return request.getfixturevalue("postgres_server") if request.param == "postgres" else ""


@pytest.mark.parametrize("server", ["duckdb", "postgres"], indirect=True)
@pytest.mark.parametrize("world", WORLDS)
def test_exactly_the_broken_pairs_are_found_and_no_wrong_repair_is_proven(world, server, caplog):
    if open_spider() is None:
        pytest.skip("no Spider in VEDDER_TEST_DATA (default ../shared/data)")
    caplog.set_level(logging.ERROR)
    tally = measure(Task(world, "postgres" if server else "duckdb", server, quick=True, perfect=False))
    wrong = ("missed", "false alarm", "not judged again", "judged needlessly", "wrong repairs proven")
    assert {what: tally.total(what) for what in wrong} == dict.fromkeys(wrong, 0), tally.wrong[:5]
    assert tally.total("found") == tally.total("broken") >= 20
    assert tally.total("repairs proven") >= 3
    assert tally.total("renames in the diff") >= 0.8 * tally.total("renames")
