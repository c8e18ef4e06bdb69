"""A server that asks, answers and dies: one process of the trials of durability, on a state database with others.

Every process asks all questions under the same keys, as clients do that got no reply and try again elsewhere. It works
on turns with made-up work of a few milliseconds, and kills itself at each fault point that no process died at before.
"""

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path

from vedder_api.turns import Turns
from vedder_core.conversation import Payload, Step, StepKind, Turn, once
from vedder_core.state.database import State
from vedder_core.state.turn_log import TurnLog

STEPS: tuple[tuple[StepKind, str], ...] = (
    ("understood", "understood"),
    ("model_request", "request:1"),
    ("model_reply", "reply:1"),
    ("tool_result", "tool:1:0"),
    ("model_request", "request:2"),
    ("model_reply", "reply:2"),
    ("outcome", "outcome"),
)
FAULTS = ("asked", "claimed", *(f"{when} {key}" for _, key in STEPS for when in ("before", "after")))
QUESTIONS = 2
"""In each conversation; the second one is asked when the first has been answered."""

CALLER = "trial"


@dataclass(frozen=True)
class Plan:
    """What all processes of a trial know. Files in `folder` tell who did what, and outlive every process."""

    url: str
    folder: Path
    conversations: int
    workers: int = 3

    def fault_of(self, question: str) -> str | None:
        """The fault point of this question: the first questions of conversations have one each, far apart."""
        number, place = map(int, question.split()[1::2])
        apart = max(1, self.conversations // len(FAULTS))
        at, rest = divmod(number, apart)
        return FAULTS[at] if place == 1 and rest == 0 and at < len(FAULTS) else None

    def note(self, kind: str, *words: object) -> None:
        """Add a line to a file, whole or not at all."""
        line = " ".join(map(str, (time.time(), os.getpid(), *words)))
        descriptor = os.open(self.folder / kind, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{line}\n".encode())
        os.close(descriptor)

    def notes(self, kind: str) -> list[tuple[float, int, list[str]]]:
        """When, by whom, and what."""
        path = self.folder / kind
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [(float(at), int(process), words) for at, process, *words in lines]

    def die_at(self, fault: str, question: str) -> None:
        """End this process here, if this is the question's fault point and no process died there before."""
        if self.fault_of(question) != fault:
            return
        try:
            (self.folder / f"fault {fault}").touch(exist_ok=False)
        except FileExistsError:
            return
        self.note("kills", fault.replace(" ", "_"))
        os.kill(os.getpid(), signal.SIGKILL)


def spawning() -> ForkServerContext:
    """Starts processes within milliseconds: forked from one that has loaded what they need, and has done nothing."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["bench.crashing", *({"pytest"} & set(sys.modules))])
    return context


def serve(plan: Plan) -> None:
    """Ask all questions, work on whatever there is to work on, and end when every answer is there."""
    with State.open(plan.url) as state:
        turns = Turns(state, lambda log, earlier: _answer(plan, log, earlier), workers=plan.workers)
        turns.start()
        order = random.sample(range(plan.conversations), plan.conversations)
        with ThreadPoolExecutor(12) as askers:
            for asked in [askers.submit(_converse, plan, turns, number) for number in order]:
                asked.result()
        turns.stop()


def _converse(plan: Plan, turns: Turns, number: int) -> None:
    conversation = None
    for place in range(1, QUESTIONS + 1):
        question = f"conversation {number} question {place}"
        turn = turns.ask(question, caller=CALLER, conversation=conversation, key=question)
        plan.die_at("asked", question)
        conversation = turns.wait(turn.id).conversation


def _answer(plan: Plan, log: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
    plan.die_at("claimed", log.question)
    for kind, key in STEPS:
        plan.die_at(f"before {key}", log.question)
        yield once(log, kind, key, lambda kind=kind, key=key: _made(plan, log, kind, key, earlier))  # type: ignore[misc]
        plan.die_at(f"after {key}", log.question)


def _made(plan: Plan, log: TurnLog, kind: StepKind, key: str, earlier: tuple[Turn, ...]) -> Payload:
    """The made-up work of a step; what asks the model is counted where a kill cannot undo it."""
    if kind == "understood":
        return {"question": log.question.upper()}
    if kind == "outcome":
        return told(log.question, len(earlier))
    if kind == "model_reply":
        plan.note("calls", log.turn, key)
    time.sleep(random.uniform(0.001, 0.02))
    return {"text": "x" * 2000}


def told(question: str, earlier: int) -> Payload:
    """The outcome of a question."""
    return {
        "kind": "not_covered",
        "question": question,
        "understood": question.upper(),
        "reason": f"after {earlier} questions",
        "clusters": [],
        "pairs": [],
        "context_version": 1,
    }
