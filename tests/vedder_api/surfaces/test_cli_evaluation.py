"""`vedder eval` on the command line: what it says aloud, and what it makes CI fail by."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.vedder_api.surfaces.test_cli_asking import Run, invoked
from tests.vedder_api.world import state_in
from vedder_core.settings import Settings

EMPTY = {"question": "How many flights left JFK in July?", "sql": "SELECT origin FROM nyc.flights WHERE month = 13"}
RIGHT = {
    "question": "How many flights left JFK in July?",
    "sql": "SELECT count(*) FROM nyc.flights WHERE origin = 'JFK' AND month = 7 AND dep_time IS NOT NULL",
    "cluster": "flights",
}


@pytest.fixture
def run(world: Settings, tmp_path: Path) -> Run:
    return partial(invoked, world.model_copy(update={"state": state_in(tmp_path)}))


def questions(folder: Path, *lines: dict[str, str]) -> str:
    file = folder / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    return str(file)


def test_an_evaluation_fails_ci_by_the_results_that_say_something(run: Run, tmp_path: Path) -> None:
    right = run("eval", "--questions", questions(tmp_path, RIGHT), "--at-least", "1")
    assert right.exit_code == 0, right.output
    assert "Nothing was left out" in right.stdout
    hollow = run("eval", "--questions", questions(tmp_path, EMPTY), "--at-least", "0.1")
    assert hollow.exit_code == 1
    assert "0.0% came to the same result (those that are empty or 0 aside)" in hollow.stderr
