"""The step log: nothing lost, nothing twice, and nothing written by whom a turn no longer belongs to."""

import pytest
from pydantic import ValidationError

from tests.vedder_core.state.samples import answer, end, lease_runs_out, payload
from vedder_core.conversation import TurnLost, once
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.leases import Leases
from vedder_core.state.turn_log import TurnLog


def begun(state: State) -> TurnLog:
    asked = Conversations(state).ask("how many?", caller="ann")
    log = Leases(state).claim_turn(asked.id)
    assert log is not None
    return log


def test_steps_are_numbered_and_come_back_as_they_were_written(state):
    log = begun(state)
    steps = [
        log.write("understood", "understood", {"question": "how many flights?"}),
        log.write("tool_result", "tool:1:0", {"rows": [[1, None, 2.5, "é"]], "ok": True}),
    ]
    assert Conversations(state).steps(log.turn) == tuple(steps)
    assert Conversations(state).steps(log.turn, after=1) == (steps[1],)
    assert [step.seq for step in steps] == [1, 2]
    assert Conversations(state).turn(log.turn).understood == "how many flights?"
    assert Conversations(state).turn(log.turn).state == "running"


def test_whoever_goes_on_finds_what_was_done_and_does_not_do_it_again(state):
    first = begun(state)
    first.write("model_request", "request:1", {"hash": "x"})
    reply = first.write("model_reply", "reply:1", {"text": "hello"})
    lease_runs_out(state, first.turn)
    second = Leases(state).claim()
    assert second is not None
    assert once(second, "model_reply", "reply:1", lambda: pytest.fail("done twice")) == reply
    assert second.taken("reply:2") is None
    assert second.write("model_request", "request:2", {}).seq == 3


def test_a_process_that_was_taken_for_dead_writes_nothing_any_more(state):
    stalled = begun(state)
    lease_runs_out(state, stalled.turn)
    other = Leases(state).claim()
    assert other is not None
    for write in (
        lambda: stalled.write("model_reply", "reply:1", {"text": "late"}),
        lambda: end(stalled, answer("late")),
        lambda: stalled.fail("late"),
    ):
        with pytest.raises(TurnLost):
            write()
    assert Conversations(state).steps(other.turn) == ()
    end(other, answer())
    assert Conversations(state).turn(other.turn).outcome.question == "how many?"


def test_a_stalled_process_is_no_exception_when_it_claims_its_own_turn_again(state):
    leases = Leases(state)
    Conversations(state).ask("how many?", caller="ann")
    stalled = leases.claim()
    lease_runs_out(state, stalled.turn)
    again = leases.claim()
    with pytest.raises(TurnLost):
        stalled.write("model_reply", "reply:1", {})
    assert again.write("model_reply", "reply:1", {}).seq == 1


def test_the_outcome_ends_the_turn_and_nothing_follows_it(state):
    log = begun(state)
    end(log, answer())
    assert log.ended
    with pytest.raises(TurnLost):
        log.write("model_reply", "reply:9", {})
    with pytest.raises(TurnLost):
        log.fail("too late")
    assert [step.kind for step in Conversations(state).steps(log.turn)] == ["outcome"]


def test_an_outcome_that_could_not_be_read_back_is_not_written(state):
    log = begun(state)
    with pytest.raises(ValidationError):
        log.write("outcome", "outcome", {**payload(answer()), "trust": "blind"})
    assert Conversations(state).steps(log.turn) == ()
    assert Conversations(state).of_cluster("flights") == ()
    assert Conversations(state).turn(log.turn).state == "running"


def test_a_turn_that_failed_says_why(state):
    log = begun(state)
    log.write("understood", "understood", {"question": "how many flights?"})
    log.fail("The warehouse is closed. Come back tomorrow.")
    turn = Conversations(state).turn(log.turn)
    assert (turn.state, turn.problem) == ("failed", "The warehouse is closed. Come back tomorrow.")
    assert (turn.outcome, turn.understood) == (None, "how many flights?")
    assert turn.ended_at is not None


@pytest.mark.parametrize(("kind", "key"), [("model_reply", "reply:1"), ("outcome", "end"), ("tool_result", "outcome")])
def test_a_key_is_used_once_and_the_outcomes_only_for_it(state, kind, key):
    log = begun(state)
    log.write("model_reply", "reply:1", {})
    with pytest.raises(ValueError, match=key):
        log.write(kind, key, {})
