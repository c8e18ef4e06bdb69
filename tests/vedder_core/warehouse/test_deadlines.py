"""Promises of `deadlines`: what is over its time is interrupted until it ends, what is not is left alone."""

import os
import threading

import pytest

from vedder_core.warehouse.deadlines import Deadlines


class Work:
    """Something that runs until it was interrupted `patience` times."""

    def __init__(self, patience=1):
        self.interrupts = 0
        self._patience = patience
        self._ended = threading.Event()

    def interrupt(self):
        self.interrupts += 1
        if self.interrupts >= self._patience:
            self._ended.set()

    def run(self):
        return self._ended.wait(30)


def test_what_runs_too_long_is_interrupted_until_it_has_ended_and_never_after():
    work, deadlines = Work(patience=3), Deadlines()
    with deadlines.watch(work.interrupt, 0.01) as passed:
        assert work.run()
        assert passed.is_set()
    ended_at = work.interrupts
    other = Work(patience=2)
    with deadlines.watch(other.interrupt, 0.01):  # two more looks of the same thread
        assert other.run()
    assert work.interrupts == ended_at


def test_what_is_in_time_is_left_alone_beside_what_is_not():
    patient, late, deadlines = Work(), Work(), Deadlines()
    with deadlines.watch(patient.interrupt, 60) as passed, deadlines.watch(late.interrupt, 0.01):
        assert late.run()
    assert not passed.is_set()
    assert patient.interrupts == 0


def test_what_nobody_wants_any_more_is_interrupted_before_its_time():
    work, stop = Work(), threading.Event()
    with Deadlines().watch(work.interrupt, 60, stop) as passed:
        stop.set()
        assert work.run()
    assert passed.is_set()


def test_one_that_cannot_be_interrupted_does_not_end_the_watch_over_others():
    def refuse():
        raise RuntimeError("closed")

    work, deadlines = Work(), Deadlines()
    with deadlines.watch(refuse, 0.0) as passed:
        assert passed.wait(30)
        with deadlines.watch(work.interrupt, 0.01):
            assert work.run()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_watches_by_itself():
    deadlines = Deadlines()
    with deadlines.watch(Work().interrupt, 60):  # its thread waits, and stays with the parent
        child = os.fork()
        if child == 0:
            work = Work()
            with deadlines.watch(work.interrupt, 0.01):
                os._exit(0 if work.run() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
