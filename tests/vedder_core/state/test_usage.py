"""What pipelines see of questions: each cluster's own, the newest first, with opinions and never a row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from tests.vedder_core.state.samples import SECRET, answer, asked_long_ago, end, gave_up, not_covered
from vedder_core.errors import StateError
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.feedback import Feedbacks
from vedder_core.state.leases import Leases
from vedder_core.state.usage import Usage

LONG = timedelta(days=90)


def asked(state, outcome, question="how many?", caller="ada"):
    turn = Conversations(state).ask(question, caller=caller)
    end(Leases(state).claim_turn(turn.id), outcome)
    return turn.id


def of_flights(state):
    return Usage(state).of_cluster("flights", since=datetime.now(UTC) - LONG, limit=100)


def test_answers_and_what_came_near_are_told_with_understanding_sql_and_the_last_opinion_of_each(state):
    answered = asked(state, answer())
    asked(state, not_covered(near=("airports",)))
    unanswered = asked(state, not_covered(), "which ones?", "bob")
    Feedbacks(state).give(answered, caller="ada", verdict="bad")
    Feedbacks(state).give(answered, caller="ada", verdict="good")
    newest, oldest = of_flights(state)
    assert (newest.turn, newest.caller, newest.kind, newest.sql) == (unanswered, "bob", "not_covered", "")
    assert (oldest.question, oldest.trust) == ("how many? (all of them)", "grounded")
    assert (oldest.sql, oldest.opinions) == ("SELECT n, name FROM t", ("good",))
    assert SECRET not in f"{newest} {oldest}"


def test_what_was_asked_too_long_ago_is_left_out(state):
    old = asked(state, gave_up())
    asked_long_ago(state, old, seconds=LONG.total_seconds() + 60)
    assert of_flights(state) == ()


def test_looking_at_a_database_that_is_not_there_makes_none(tmp_path: Path):
    assert State.look(f"sqlite:///{tmp_path}/none/vedder.db") is None
    assert list(tmp_path.iterdir()) == []


def test_looking_at_a_database_neither_writes_nor_migrates(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/vedder.db"
    State.open(url).close()
    looking = State.look(url)
    assert looking is not None
    with looking, pytest.raises((SQLAlchemyError, StateError)), looking.writing() as connection:
        connection.execute(text("DELETE FROM turn"))
    with State.open(url) as state, state.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of another time'"))
    with pytest.raises(StateError, match="not the tables"):
        State.look(url)
