"""The runner of turns: questions are queued in the state database, and any process that shares it works on them.

A turn that was begun by a process which died is gone on with here, soon after its lease has run out. Whoever waits for
a turn reads its steps from the database, in whatever process it is worked on. What a turn's work is, is in `ask`.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from vedder_api.ask import checked_question
from vedder_core.conversation import ENDED, Step, Turn, TurnCancelled, TurnLost
from vedder_core.errors import StateError, VedderError
from vedder_core.state.conversations import Conversations
from vedder_core.state.database import State
from vedder_core.state.leases import Leases
from vedder_core.state.turn_log import LEASE, TurnLog

Work = Callable[[TurnLog, tuple[Turn, ...]], Iterator[Step]]
"""Answers a turn after the earlier ones of its conversation: writes its steps, the outcome last, and yields each."""

RENEWED = LEASE / 3
WATCHED = 0.5  # seconds between two looks whether a turn that is worked on here was cancelled
SCANNED = 1.0  # seconds between two looks for turns that another process queued or left behind
POLLED = 0.1  # seconds between two looks for steps that another process writes
RESUMED_WITHIN = timedelta(minutes=10)
"""A question that nobody got to for longer is not answered any more: whoever asked has gone."""

log = logging.getLogger(__name__)


class Turns:
    """The turns of one process: to ask, to follow, and, once started, to work on."""

    def __init__(self, state: State, answer: Work, *, workers: int = 4) -> None:
        self.conversations = Conversations(state)
        self._answer = answer
        self._leases = Leases(state)
        self._pokes = threading.Semaphore(0)
        self._stopping, self._stopped = threading.Event(), threading.Event()
        self._here: dict[str, TurnLog] = {}
        self._news = threading.Condition()
        """Told of every step that this process writes, and of every turn that it begins or ends to work on."""
        self._workers = [threading.Thread(target=self._work_on, name=f"turns-{n}", daemon=True) for n in range(workers)]

    def start(self) -> None:
        """Begin to work on whatever is queued or was left behind, but for what is too old."""
        self._look_after()
        threading.Thread(target=self._keep, args=(self._stopped,), name="turns-leases", daemon=True).start()
        for worker in self._workers:
            worker.start()

    def stop(self, wait: float = 5.0) -> None:
        """Take no more turns; those that have not ended after `wait` seconds go back, for another process."""
        self._stopping.set()
        for _ in self._workers:
            self._pokes.release()
        deadline = time.monotonic() + wait
        for worker in self._workers:
            if worker.is_alive():
                worker.join(max(0.0, deadline - time.monotonic()))
        self._stopped.set()
        with self._news:
            left = list(self._here.values())
        for unfinished in left:
            self._give_up(unfinished)

    def ask(self, question: str, *, caller: str, conversation: str | None = None, key: str | None = None) -> Turn:
        """As `Conversations.ask`; it is begun at once if a worker is free. Raises QuestionTooLong, too."""
        checked_question(question)
        turn = self.conversations.ask(question, caller=caller, conversation=conversation, key=key)
        self._pokes.release()
        return turn

    def follow(self, turn_id: str, after: int = 0, timeout: float | None = None) -> Iterator[Step]:
        """The steps after the one numbered `after`, each as soon as it is written, until the turn has ended.

        After `timeout` seconds it stops, too: the turn's state says which it was. Raises UnknownTurn or StateError.
        """
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        ended = self._has_ended(turn_id)
        while True:
            steps = self.conversations.steps(turn_id, after=after)
            yield from steps
            after = steps[-1].seq if steps else after
            left = deadline - time.monotonic()
            if ended or left <= 0 or (steps and steps[-1].kind == "outcome"):
                return
            ended = not self._await_step(turn_id, after, left) and self._has_ended(turn_id)

    def wait(self, turn_id: str, timeout: float | None = None) -> Turn:
        """The turn once it has ended, or as it is after `timeout` seconds. Raises UnknownTurn or StateError."""
        deadline = time.monotonic() + (threading.TIMEOUT_MAX if timeout is None else timeout)
        while True:
            turn, left = self.conversations.turn(turn_id), deadline - time.monotonic()
            if turn.state in ENDED or left <= 0:
                return turn
            self._await_end(turn_id, left)

    def run_here(self, turn: Turn, *, seen: Callable[[Step], None] = lambda _: None) -> Turn:
        """Work on a turn in this thread, for programs that ask once; wait for it where another process has it.

        `seen` is told each step. An interrupt from the keyboard cancels the turn.
        """
        try:
            claimed = self._leases.claim_turn(turn.id)
            if claimed is not None:
                with self._kept_alive():
                    self._run(claimed, seen)
            else:
                for step in self.follow(turn.id):
                    seen(step)
        except KeyboardInterrupt:
            self.conversations.cancel(turn.id, caller=turn.caller)
            raise
        return self.conversations.turn(turn.id)

    def _work_on(self) -> None:
        poked = False
        while not self._stopping.is_set():
            try:
                claimed = self._leases.claim()
            except StateError as error:
                log.warning("No turn can be begun: %s", error)
                claimed = None
            if claimed is not None:
                self._run(claimed, lambda _: None)
            if claimed is None or poked:  # what was found without a poke may have more behind it
                poked = self._pokes.acquire(timeout=SCANNED)

    def _run(self, claimed: TurnLog, seen: Callable[[Step], None]) -> None:
        """Work on a turn until it has ended, or has to be left. Raises nothing."""
        with self._news:
            self._here[claimed.turn] = claimed
            self._news.notify_all()
        try:
            problem = self._problem(claimed, seen)
            if problem is not None:
                claimed.fail(problem)
        except (TurnLost, TurnCancelled) as error:
            log.info("Turn %s is left: %s", claimed.turn, error.message)
        except StateError as error:
            log.warning("Turn %s is let go, for whoever finds its lease run out: %s", claimed.turn, error)
        finally:
            self._leases.let_go(claimed)
            with self._news:
                if self._here.get(claimed.turn) is claimed:
                    del self._here[claimed.turn]
                self._news.notify_all()

    def _problem(self, claimed: TurnLog, seen: Callable[[Step], None]) -> str | None:
        """Answer a turn; what ended it where it was no outcome. Raises TurnLost, TurnCancelled or StateError."""
        try:
            for step in self._steps(claimed):
                seen(step)
        except (TurnLost, TurnCancelled, StateError):
            raise
        except VedderError as error:
            return f"{error.message} {error.hint}"
        except Exception:  # a bug of ours: told without its text, which could hold data
            mark = uuid4().hex[:12]
            log.exception("Bug %s in turn %s", mark, claimed.turn)
            return f"Vedder failed; the log tells more under {mark}."
        return None

    def _steps(self, claimed: TurnLog) -> Iterator[Step]:
        earlier = self.conversations.earlier(self.conversations.turn(claimed.turn))
        for step in self._answer(claimed, earlier):
            with self._news:
                self._news.notify_all()
            yield step
        if not claimed.ended:
            raise RuntimeError("The work on a turn ended without an outcome.")

    def _keep(self, done: threading.Event) -> None:
        renewed = time.monotonic()
        while not done.wait(WATCHED):
            self._watch()
            if time.monotonic() - renewed >= RENEWED:
                renewed = time.monotonic()
                self._look_after()

    def _watch(self) -> None:
        """Stop what runs for turns that were cancelled, by whichever process; the next write ends the work on them."""
        with self._news:
            here = [log for log in self._here.values() if not log.stop.is_set()]
        try:
            for cancelled in (log for log in here if self._has_ended(log.turn)):
                cancelled.stop.set()
        except StateError as error:
            log.warning("Whether turns were cancelled cannot be seen: %s", error)

    def _look_after(self) -> None:
        """Renew the leases of this process, and end what is too old to go on with."""
        try:
            self._leases.renew()
            self._leases.interrupt_old(RESUMED_WITHIN)
        except StateError as error:
            log.warning("Leases cannot be renewed: %s", error)

    @contextmanager
    def _kept_alive(self) -> Iterator[None]:
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=(done,), name="turns-lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _give_up(self, unfinished: TurnLog) -> None:
        try:
            self._leases.give_up(unfinished)
        except StateError as error:
            log.warning("Turn %s cannot be given back, its lease will run out: %s", unfinished.turn, error)

    def _has_ended(self, turn_id: str) -> bool:
        return self.conversations.turn(turn_id).state in ENDED

    def _await_end(self, turn_id: str, seconds: float) -> None:
        """Sleep until a turn may have ended: until this process lets go of it, or for a moment if another has it."""
        with self._news:
            here = self._here.get(turn_id)
            if here is None:
                self._news.wait_for(lambda: turn_id in self._here, min(POLLED, seconds))
            else:
                self._news.wait_for(lambda: self._here.get(turn_id) is not here, min(SCANNED, seconds))

    def _await_step(self, turn_id: str, after: int, seconds: float) -> bool:
        """Sleep until there may be a step after this one; whether there is one for certain.

        Our own steps wake it at once; for those of other processes it looks often.
        """
        with self._news:
            here = self._here.get(turn_id)
            if here is None:
                self._news.wait_for(lambda: turn_id in self._here, min(POLLED, seconds))
                return False
            self._news.wait_for(
                lambda: self._here.get(turn_id) is not here or len(here.steps) > after, min(SCANNED, seconds)
            )
            return len(here.steps) > after
