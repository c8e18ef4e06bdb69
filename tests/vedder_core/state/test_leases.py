"""Claims on turns: one owner at a time, whoever dies is followed, and nothing stays open for ever."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.vedder_core.state.samples import answer, asked_long_ago, end, lease_runs_out
from vedder_core.conversation import TurnLost
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.leases import MOST_CLAIMS, Leases


def test_the_oldest_question_is_begun_first(state):
    asked = [Conversations(state).ask(f"question {number}", caller="ann").id for number in range(3)]
    leases = Leases(state)
    assert [leases.claim().turn for _ in asked] == asked
    assert leases.claim() is None


def test_however_many_claim_at_once_each_turn_is_begun_once(state, state_url):
    asked = {Conversations(state).ask(f"question {number}", caller="ann").id for number in range(24)}

    def claim_all(leases: Leases) -> list[str]:
        return [log.turn for log in iter(leases.claim, None)]

    with State.open(state_url) as other, ThreadPoolExecutor(6) as threads:
        owners = [Leases(state), Leases(other)] * 3
        claimed = [turn for turns in threads.map(claim_all, owners) for turn in turns]
    assert sorted(claimed) == sorted(asked)


def test_a_turn_is_its_owners_until_the_lease_runs_out(state):
    asked = Conversations(state).ask("how many?", caller="ann")
    first, second = Leases(state), Leases(state)
    assert first.claim_turn(asked.id) is not None
    assert second.claim() is None
    assert second.claim_turn(asked.id) is None
    lease_runs_out(state, asked.id)
    log = second.claim()
    assert (log.turn, log.epoch) == (asked.id, 2)


def test_a_sign_of_life_renews_what_is_worked_on_and_nothing_else(state):
    asked = [Conversations(state).ask(f"question {number}", caller="ann").id for number in range(2)]
    leases = Leases(state)
    kept, dropped = leases.claim(), leases.claim()
    leases.let_go(dropped)
    for turn in asked:
        lease_runs_out(state, turn)
    leases.renew()
    others = Leases(state)
    assert others.claim().turn == dropped.turn
    assert others.claim() is None
    end(kept, answer())


def test_a_step_is_a_sign_of_life(state):
    Conversations(state).ask("how many?", caller="ann")
    log = Leases(state).claim()
    lease_runs_out(state, log.turn)
    log.write("model_reply", "reply:1", {})
    assert Leases(state).claim() is None


def test_a_turn_that_was_given_up_is_gone_on_with_at_once(state):
    Conversations(state).ask("how many?", caller="ann")
    first, second = Leases(state), Leases(state)
    log = first.claim()
    log.write("model_reply", "reply:1", {})
    first.give_up(log)
    again = second.claim()
    assert again.taken("reply:1") is not None
    with pytest.raises(TurnLost):
        log.write("model_reply", "reply:2", {})


def test_a_turn_that_takes_down_whoever_begins_it_is_ended(state):
    asked = Conversations(state).ask("how many?", caller="ann")
    for _ in range(MOST_CLAIMS):
        assert Leases(state).claim() is not None
        lease_runs_out(state, asked.id)
    assert Leases(state).claim() is None
    ended = Conversations(state).turn(asked.id)
    assert ended.state == "interrupted"
    assert f"begun {MOST_CLAIMS} times" in ended.problem
    assert ended.ended_at is not None


def test_questions_that_waited_too_long_are_ended_and_others_are_not(state):
    conversations = Conversations(state)
    queued, left, young, worked_on = (conversations.ask(f"question {n}", caller="ann").id for n in range(4))
    leases = Leases(state)
    leases.claim_turn(left)
    leases.claim_turn(worked_on)
    lease_runs_out(state, left)
    for turn in (queued, left, worked_on):
        asked_long_ago(state, turn, seconds=61)
    assert leases.interrupt_old(timedelta(seconds=60)) == 2
    assert leases.interrupt_old(timedelta(seconds=60)) == 0
    states = [conversations.turn(turn).state for turn in (queued, left, young, worked_on)]
    assert states == ["interrupted", "interrupted", "queued", "running"]
    assert "waited too long" in conversations.turn(queued).problem
