"""The claim: questions that no pair answers are answered in steps that can be checked, and a conversation goes on.

The chat model plays `demo/session.yaml`, which the README shows; all else is real.
"""

import re
from datetime import date

import pytest

from tests.stories.conftest import ROOT
from vedder_core.answer import Answer, Clarify, NotCovered

SESSION = f"scripted:{ROOT / 'demo' / 'session.yaml'}"
WIND = "Do flights leave later when the wind is strong?"


@pytest.fixture(scope="module")
def talked(built_demo):
    return built_demo.talk(
        WIND, "and at Newark alone?", "How bad are delays?", "What did passengers pay?", chat_model=SESSION
    )


def test_a_question_across_two_clusters_is_answered_in_several_steps(talked):
    outcome = talked[0].outcome
    assert isinstance(outcome, Answer), outcome
    assert outcome.rows[0] == ("25 mph and more", 5461, 21.3)
    assert {cluster.owner.team for cluster in outcome.clusters} == {"flight_ops", "weather_desk"}
    assert outcome.trust == "grounded"
    assert "weather/doc/joining_flights_and_weather/0" in {source.entry for source in outcome.sources}
    assert "unfounded_number" not in {notice.kind for notice in outcome.notices}
    assert outcome.receipt.spent is not None
    assert outcome.receipt.spent.calls == 4


def test_a_follow_up_is_stored_as_a_question_that_stands_by_itself(talked):
    assert talked[1].question == "and at Newark alone?"
    assert talked[1].understood == "Do flights leave later at Newark (EWR) when the wind is strong?"
    assert isinstance(talked[1].outcome, Answer)
    assert talked[1].outcome.rows == ((True, 1223, 26.0), (False, 115723, 15.0))


def test_an_open_question_is_asked_back_and_what_no_data_hold_is_declined(talked):
    asked, declined = talked[2].outcome, talked[3].outcome
    assert isinstance(asked, Clarify)
    assert "mean arrival delay" in asked.options
    assert isinstance(declined, NotCovered)
    assert declined.reason == "No dataset of any cluster holds fares or passengers."


def test_a_follow_up_to_a_vetted_question_needs_no_model(demo):
    first, second, third = demo.talk("How many flights left JFK in July?", "and for EWR?", "what about March?")
    assert [turn.outcome.rows for turn in (first, second, third)] == [((9812,),), ((10196,),), ((10053,),)]
    assert third.understood == "How many flights left EWR in March?"
    assert third.outcome.trust == "verified"


def test_an_answer_is_replayed_after_its_pair_was_edited(demo):
    (turn,) = demo.talk("How many flights left JFK in July?")
    assert demo.replay(turn).queries[0].kind == "same"
    pair = demo.folder / "clusters/flight_operations/pairs/departures_from_airport_in_month.sql"
    text = pair.read_text().replace("  AND dep_time IS NOT NULL", "  AND sched_dep_time IS NOT NULL")
    pair.write_text(re.sub(r"vetted_on: .*", f"vetted_on: {date.today()}", text))  # noqa: DTZ011 (as a curator does)
    demo.run_pipelines()
    replayed = demo.replay(turn)
    assert replayed.version_now > replayed.version_then
    assert replayed.queries[0].kind == "same"  # the SQL of then still gives what it gave then
    changed = {entry.entry: entry for entry in replayed.entries if entry.state == "changed"}
    diff = changed["flight_operations/pair/departures_from_airport_in_month"].diff
    assert "-  AND dep_time IS NOT NULL" in diff
    assert "+  AND sched_dep_time IS NOT NULL" in diff
    assert demo.ask("How many flights left JFK in July?").rows == ((10023,),)
