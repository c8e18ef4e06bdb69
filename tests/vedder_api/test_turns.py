"""The runner of turns: begun at once, followed from anywhere, ended always."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.vedder_core.state.samples import answer, asked_long_ago, lease_runs_out, payload
from vedder_api.turns import RESUMED_WITHIN, WATCHED, Turns, Work
from vedder_core.conversation import Step, Turn, once
from vedder_core.errors import StateError, WarehouseError
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.leases import Leases
from vedder_core.state.turn_log import TurnLog

KEYS = ("understood", "reply:1", "outcome")
PATIENCE = 20.0


def work(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
    yield once(log, "understood", "understood", lambda: {"question": f"{log.question} after {len(earlier)}"})
    yield once(log, "model_reply", "reply:1", lambda: {"text": "hm"})
    yield once(log, "outcome", "outcome", lambda: payload(answer(log.question)))


@contextmanager
def working(state: State, work: Work, *, workers: int = 2) -> Iterator[Turns]:
    turns = Turns(state, work, workers=workers)
    turns.start()
    try:
        yield turns
    finally:
        turns.stop()


class Gate:
    """Work that stands still in its middle until it is let through, and says that it got there."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()

    def work(self, log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        yield once(log, "understood", "understood", lambda: {"question": log.question})
        self.reached.set()
        assert self.opened.wait(PATIENCE)
        yield once(log, "model_reply", "reply:1", lambda: {"text": "hm"})
        yield once(log, "outcome", "outcome", lambda: payload(answer(log.question)))


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    with State.open(state_url) as state:
        yield state


def test_a_question_is_worked_on_and_its_steps_can_be_followed(state):
    with working(state, work) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert [step.key for step in turns.follow(asked.id, timeout=PATIENCE)] == list(KEYS)
        assert [step.seq for step in turns.follow(asked.id, after=1, timeout=PATIENCE)] == [2, 3]
        assert turns.wait(asked.id).outcome.question == "how many?"


def test_the_work_is_told_what_was_asked_before(state):
    with working(state, work) as turns:
        first = turns.wait(turns.ask("how many?", caller="ann").id, timeout=PATIENCE)
        second = turns.ask("and where?", caller="ann", conversation=first.conversation)
        assert turns.wait(second.id, timeout=PATIENCE).number == 2
        assert next(turns.follow(second.id)).payload == {"question": "and where? after 1"}


def test_a_turn_is_followed_from_another_process(state, state_url):
    gate = Gate()
    with State.open(state_url) as elsewhere, working(state, gate.work) as turns:
        asked = turns.ask("how many?", caller="ann")
        following = Turns(elsewhere, work).follow(asked.id, timeout=PATIENCE)
        assert next(following).key == "understood"
        gate.opened.set()
        assert [step.key for step in following] == ["reply:1", "outcome"]


def test_following_ends_at_its_deadline(state):
    gate = Gate()
    with working(state, gate.work) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert gate.reached.wait(PATIENCE)
        assert [step.key for step in turns.follow(asked.id, timeout=0.05)] == ["understood"]
        assert turns.wait(asked.id, timeout=0.05).state == "running"
        gate.opened.set()
        assert turns.wait(asked.id, timeout=PATIENCE).state == "done"


def test_a_question_that_another_process_queued_is_begun(state, state_url):
    with State.open(state_url) as elsewhere, working(state, work) as turns:
        asked = Turns(elsewhere, work).ask("how many?", caller="ann")
        assert turns.wait(asked.id, timeout=PATIENCE).state == "done"


def test_a_turn_whose_process_died_is_gone_on_with_and_nothing_is_done_twice(state):
    turns = Turns(state, work)
    asked = turns.ask("how many?", caller="ann")
    dead = Leases(state).claim()
    made_before = dead.write("understood", "understood", {"question": "made before"})
    lease_runs_out(state, asked.id)
    with working(state, work) as other:
        assert other.wait(asked.id, timeout=PATIENCE).state == "done"
        assert [step.key for step in other.follow(asked.id)] == list(KEYS)
        assert next(other.follow(asked.id)) == made_before


def test_an_error_that_a_person_can_mend_ends_the_turn_with_its_hint(state):
    def closed(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        yield log.write("understood", "understood", {"question": log.question})
        raise WarehouseError("The warehouse is closed.", hint="Come back tomorrow.")

    with working(state, closed) as turns:
        ended = turns.wait(turns.ask("how many?", caller="ann").id, timeout=PATIENCE)
    assert (ended.state, ended.problem) == ("failed", "The warehouse is closed. Come back tomorrow.")


@pytest.mark.parametrize("bug", [KeyError("secret value"), None])
def test_a_bug_ends_the_turn_with_a_mark_that_the_log_explains(state, caplog, bug):
    def broken(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        yield log.write("understood", "understood", {"question": log.question})
        if bug is not None:
            raise bug

    with caplog.at_level(logging.ERROR), working(state, broken) as turns:
        ended = turns.wait(turns.ask("how many?", caller="ann").id, timeout=PATIENCE)
        again = turns.wait(turns.ask("how many?", caller="ann").id, timeout=PATIENCE)
    assert ended.state == again.state == "failed"
    assert "secret" not in ended.problem
    mark = ended.problem.removesuffix(".").rpartition(" ")[2]
    (told,) = [record for record in caplog.records if mark in record.message]
    assert told.exc_info is not None


def test_a_cancelled_question_ends_at_once_and_its_work_at_the_next_step(state):
    gate = Gate()
    with working(state, gate.work, workers=1) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert gate.reached.wait(PATIENCE)
        turns.conversations.cancel(asked.id, caller="ann")
        assert turns.wait(asked.id, timeout=PATIENCE).state == "cancelled"
        gate.opened.set()
        after = turns.ask("and now?", caller="ann", conversation=asked.conversation)
        assert turns.wait(after.id, timeout=PATIENCE).state == "done"
        assert [step.key for step in turns.conversations.steps(asked.id)] == ["understood"]


def test_what_runs_for_a_cancelled_question_is_told_to_stop_by_whichever_process(state, state_url):
    begun, stopped = threading.Event(), threading.Event()

    def long_query(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        begun.set()
        if log.stop.wait(PATIENCE):
            stopped.set()
        yield from work(log, earlier)

    with State.open(state_url) as elsewhere, working(state, long_query, workers=1) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert begun.wait(PATIENCE)
        Conversations(elsewhere).cancel(asked.id, caller="ann")
        assert stopped.wait(3 * WATCHED + 1), "well before its next write"
        assert turns.wait(asked.id, timeout=PATIENCE).state == "cancelled"


def test_a_server_that_is_stopped_gives_its_turns_back(state):
    gate = Gate()
    stopping = Turns(state, gate.work, workers=1)
    stopping.start()
    asked = stopping.ask("how many?", caller="ann")
    assert gate.reached.wait(PATIENCE)
    stopping.stop(wait=0)
    assert stopping.conversations.turn(asked.id).state == "queued"
    with working(state, work) as other:
        assert other.wait(asked.id, timeout=PATIENCE).state == "done"
    gate.opened.set()


def test_a_server_that_is_stopped_ends_what_it_can_end_in_time(state):
    gate = Gate()
    with working(state, gate.work) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert gate.reached.wait(PATIENCE)
        gate.opened.set()
        turns.stop(wait=PATIENCE)
        assert turns.conversations.turn(asked.id).state == "done"


def test_a_turn_that_could_not_be_written_down_is_left_to_the_next_one(state):
    failed = threading.Event()

    def no_room_at_first(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        if not failed.is_set():
            failed.set()
            raise StateError("There is no room.", hint="Make some.")
        yield from work(log, earlier)

    with working(state, no_room_at_first) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert failed.wait(PATIENCE)
        assert turns.wait(asked.id, timeout=0.05).state == "running"
        lease_runs_out(state, asked.id)
        assert turns.wait(asked.id, timeout=PATIENCE).state == "done"


def test_questions_are_worked_on_side_by_side(state):
    meeting = threading.Barrier(2)

    def meet(log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
        meeting.wait(PATIENCE)
        yield from work(log, earlier)

    with working(state, meet, workers=2) as turns:
        asked = [turns.ask(f"question {number}", caller="ann").id for number in range(2)]
        assert {turns.wait(turn, timeout=PATIENCE).state for turn in asked} == {"done"}


def test_a_question_that_is_too_old_is_ended_when_a_server_starts(state):
    asked = Turns(state, work).ask("how many?", caller="ann")
    asked_long_ago(state, asked.id, seconds=RESUMED_WITHIN.total_seconds() + 1)
    with working(state, work) as turns:
        assert turns.wait(asked.id, timeout=PATIENCE).state == "interrupted"


def test_a_program_that_asks_once_works_on_its_own_question(state):
    turns, seen = Turns(state, work), list[str]()
    ended = turns.run_here(turns.ask("how many?", caller="ann"), seen=lambda step: seen.append(step.key))
    assert (ended.state, seen) == ("done", list(KEYS))


def test_a_program_that_asks_once_waits_where_a_server_was_faster(state, state_url):
    gate, seen = Gate(), list[str]()
    with State.open(state_url) as elsewhere, working(state, gate.work) as turns:
        asked = turns.ask("how many?", caller="ann")
        assert gate.reached.wait(PATIENCE)
        gate.opened.set()
        ended = Turns(elsewhere, work).run_here(asked, seen=lambda step: seen.append(step.key))
    assert (ended.state, seen) == ("done", list(KEYS))


def test_an_interrupt_from_the_keyboard_cancels_the_question(state):
    def interrupt(step: Step) -> None:
        raise KeyboardInterrupt

    turns = Turns(state, work)
    asked = turns.ask("how many?", caller="ann")
    with pytest.raises(KeyboardInterrupt):
        turns.run_here(asked, seen=interrupt)
    assert turns.conversations.turn(asked.id).state == "cancelled"
