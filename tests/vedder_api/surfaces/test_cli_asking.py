"""Conversations on the command line: gone on with, looked back at, judged, run again."""

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.vedder_api.surfaces.environment import environment
from tests.vedder_api.world import build, publish, state_in
from vedder_api.caller import CALLER
from vedder_api.surfaces.cli import app
from vedder_core.settings import Settings
from vedder_core.settings import settings as settings_of_process
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State

Run = Callable[..., Result]
JFK = "How many flights left JFK in July?"
EWR = "How many flights left EWR in March?"


@pytest.fixture
def fresh(world: Settings, tmp_path: Path) -> Settings:
    return world.model_copy(update={"state": state_in(tmp_path)})


def test_a_question_that_is_too_long_is_refused_before_it_is_kept(fresh: Settings) -> None:
    refused = invoked(fresh, "ask", "x" * 20_001)
    assert refused.exit_code == 1
    assert "20,000 at most are read" in str(refused.exception)
    with State.open(fresh.state) as state:
        assert Conversations(state).conversations(caller=CALLER) == ()


@pytest.fixture
def run(fresh: Settings) -> Run:
    return partial(invoked, fresh)


def invoked(settings: Settings, *arguments: str) -> Result:
    settings_of_process.cache_clear()
    try:
        return CliRunner().invoke(app, arguments, env=environment(settings))
    finally:
        settings_of_process.cache_clear()


def told(result: Result) -> dict[str, str]:
    assert result.exit_code == 0, result.output
    page: dict[str, str] = json.loads(result.stdout)
    return page


def test_a_conversation_goes_on_with_the_newest_one_or_with_the_one_that_is_named(run: Run) -> None:
    first = told(run("ask", JFK, "--json"))
    other = told(run("ask", EWR, "--json"))
    newest = told(run("ask", JFK, "--continue", "--json"))
    named = told(run("ask", EWR, "--conversation", first["conversation"], "--json"))
    assert (newest["conversation"], newest["number"]) == (other["conversation"], 2)
    assert (named["conversation"], named["number"]) == (first["conversation"], 2)


def test_there_is_nothing_to_go_on_with_before_the_first_question(run: Run) -> None:
    assert run("ask", JFK, "--continue").exit_code == 1
    assert run("ask", JFK, "--continue", "--conversation", "x").exit_code == 2
    assert run("conversations").stdout == "Nothing was asked yet.\n"


def test_conversations_are_listed_and_one_is_shown_with_what_was_said(run: Run) -> None:
    asked = told(run("ask", JFK, "--json"))
    run("ask", "How many passengers flew in July?", "--continue")
    listed = run("conversations").stdout
    shown = run("conversations", asked["conversation"]).stdout.splitlines()
    assert asked["conversation"] in listed
    assert JFK in listed
    assert shown[:2] == [f"1. {JFK}", "verified: 68 (flights)."]
    assert shown[2].startswith(f"Turn {asked['id']}, ")
    assert shown[3:5] == [
        "2. How many passengers flew in July?",
        "Not covered. No vetted question accounts for the words `passengers` and `flew`.",
    ]


def test_the_ids_that_an_answer_ends_with_are_those_that_other_commands_take(run: Run) -> None:
    shown = run("ask", JFK).stdout.splitlines()[-1]
    found = re.fullmatch("Turn ([0-9a-f]+) of conversation ([0-9a-f]+)", shown)
    assert found, shown
    turn, conversation = found.groups()
    assert run("conversations", conversation).exit_code == 0
    assert run("feedback", turn, "bad", "Too few.").stdout == "Noted as bad: Too few.\n"
    assert run("replay", turn).exit_code == 0
    assert run("cancel", turn).stdout == "The turn is done.\n"


def test_feedback_is_good_or_bad(run: Run) -> None:
    turn = told(run("ask", JFK, "--json"))["id"]
    assert told(run("feedback", turn, "good", "--json"))["verdict"] == "good"
    assert run("feedback", turn, "so-so").exit_code == 2
    assert run("feedback", "nobody", "good").exit_code == 1
    assert run("feedback", turn, "bad", "x" * 2001).exit_code == 2, "as long as over HTTP, and no longer"


def test_bytes_that_are_no_text_are_no_trouble(run: Run) -> None:
    wrong = "How many \udcff?"
    assert "Not covered." in run("ask", wrong).stdout
    for command, *others in (("conversations",), ("replay",), ("cancel",), ("feedback", "bad", wrong)):
        assert run(command, wrong, *others).exception.__class__.__name__.startswith("Unknown"), command


def test_a_replay_shows_that_nothing_differs(run: Run) -> None:
    turn = told(run("ask", JFK, "--json"))["id"]
    shown = run("replay", turn).stdout
    assert shown.startswith(f"Again: {JFK}\n")
    assert "\nSame: " in shown


def test_a_replay_after_a_pair_was_edited_shows_the_edit(tmp_path: Path) -> None:
    settings = build(tmp_path)
    turn = told(invoked(settings, "ask", JFK, "--json"))["id"]
    pair = settings.clusters / "flights/pairs/departures.sql"
    pair.write_text(pair.read_text().replace("vetted_by: Ana Ruiz", "vetted_by: Bo Lind"))
    publish(settings)
    shown = invoked(settings, "replay", turn).stdout
    assert "Changed: flights/pair/departures" in shown
    assert "Bo Lind" in shown


def test_a_turn_that_waits_can_be_cancelled(run: Run, fresh: Settings) -> None:
    with State.open(fresh.state) as state:
        turn = Conversations(state).ask(JFK, caller=CALLER)
    assert run("cancel", turn.id).stdout == "The turn is cancelled.\n"


def test_the_steps_are_shown_to_whoever_sits_before_a_terminal_and_never_in_a_pipe(fresh: Settings) -> None:
    env = {**os.environ, **environment(fresh), "TERM": "dumb"}
    mine, theirs = pty.openpty()
    command = [sys.executable, "-c", "from vedder_api.surfaces.cli import main; main()", "ask", JFK]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True, timeout=120, check=True)
    os.close(theirs)
    seen = os.read(mine, 10_000).decode()
    os.close(mine)
    assert "1. The question was taken." in seen
    assert "The turn ended: answer." in seen
    assert done.stdout.startswith("68 (flights).\n")
    assert "The question was taken." not in done.stdout
