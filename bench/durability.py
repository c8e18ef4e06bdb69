"""Is any question lost, doubled or left open when servers are killed? Two processes on one state database.

Each of them asks the same questions under the same keys and works on whatever is there. They are killed (`kill -9`) at
every boundary of a step once, by themselves, and at random; each killed one is started again. In the end everything
that they wrote is counted. PostgreSQL is tried where its programs are, or where VEDDER_TEST_POSTGRES names a server.

    python -m bench.durability [conversations, default 200]
"""

import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from bench import postgres
from bench.crashing import CALLER, FAULTS, QUESTIONS, STEPS, Plan, serve, spawning, told
from bench.measure import print_table
from vedder_core.answer import OUTCOME
from vedder_core.conversation import ENDED, Step, Turn
from vedder_core.state import tables
from vedder_core.state.conversations import Conversation, Conversations
from vedder_core.state.database import State

PROCESSES = 2
RESUMED_WITHIN = 10.0
"""Seconds after a kill within which a turn must be gone on with, or ended."""

PATIENCE = 600.0


@dataclass
class Result:
    """What a trial came to. `wrong` says what broke a promise, and is empty where none was broken."""

    turns: Counter[str] = field(default_factory=Counter)
    kills: int = 0
    faults: int = 0
    steps: int = 0
    calls: int = 0
    calls_needed: int = 0
    slowest: float = 0.0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """The figures by their names."""
        return {
            "turns": self.turns.total(),
            "done": self.turns["done"],
            "interrupted": self.turns["interrupted"],
            "kills": self.kills,
            "fault points": f"{self.faults} of {len(FAULTS)}",
            "steps": self.steps,
            "model calls": self.calls,
            "repeated": self.calls - self.calls_needed,
            "longest orphaned s": self.slowest,
            "wall s": round(self.seconds),
        }


def trial(plan: Plan, *, random_kills: int, seed: int = 20130107) -> Result:
    """Run the processes of a plan until every question has been answered, killing them meanwhile; then count."""
    began = time.monotonic()
    chance = random.Random(seed)
    context = spawning()
    running = [context.Process(target=serve, args=(plan,)) for _ in range(PROCESSES)]
    for process in running:
        process.start()
    slowest, next_kill = 0.0, began + 1.0
    with State.open(plan.url) as state:
        while any(process.exitcode != 0 for process in running) and time.monotonic() < began + PATIENCE:
            time.sleep(0.03)
            slowest = max(slowest, _orphaned(plan, state))
            if random_kills and time.monotonic() > next_kill:
                next_kill = time.monotonic() + chance.uniform(0.3, 1.2)
                random_kills -= _killed(plan, chance.choice(running).pid)
            for place, process in enumerate(running):
                if process.exitcode not in (None, 0):
                    running[place] = context.Process(target=serve, args=(plan,))
                    running[place].start()
    for process in running:
        process.kill()
    result = counted(plan)
    result.seconds, result.slowest = time.monotonic() - began, slowest
    if slowest > RESUMED_WITHIN:
        result.wrong.append(f"a turn lay there for {slowest:.1f} s after its process was killed")
    return result


def _orphaned(plan: Plan, state: State) -> float:
    """For how many seconds the process of any turn that is not ended has been dead now."""
    died = {process: at for at, process, _ in plan.notes("kills")}
    with state.reading() as connection:
        owners = connection.execute(select(tables.turn.c.owner).where(tables.OPEN)).scalars().all()
    processes = {int(owner.split(":")[-2]) for owner in owners if owner}
    return max((time.time() - died[process] for process in processes if process in died), default=0.0)


def _killed(plan: Plan, process: int | None) -> bool:
    if process is None:
        return False
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    with (plan.folder / "kills").open("a") as kills:
        kills.write(f"{time.time()} {process} at_random\n")
    return True


def counted(plan: Plan) -> Result:
    """Everything that a trial left behind, held against what was asked."""
    result = Result(kills=len(plan.notes("kills")), faults=len(list(plan.folder.glob("fault *"))))
    with State.open(plan.url) as state:
        conversations = Conversations(state)
        listed = conversations.conversations(caller=CALLER, limit=10 * plan.conversations)
        whole = [conversations.conversation(one.id, caller=CALLER) for one in listed]
        for conversation in whole:
            _count(result, conversation, {turn.id: conversations.steps(turn.id) for turn in conversation.turns})
    titles = Counter(one.title for one in whole)
    result.wrong += [f"{title!r} has {n} conversations" for title, n in titles.items() if n > 1]
    if len(titles) != plan.conversations:
        result.wrong.append(f"{plan.conversations - len(titles)} conversations are missing")
    if result.faults != len(FAULTS):
        result.wrong.append(f"nobody died at {len(FAULTS) - result.faults} of the fault points")
    result.calls = len(plan.notes("calls"))
    return result


def _count(result: Result, conversation: Conversation, steps: dict[str, tuple[Step, ...]]) -> None:
    if [turn.number for turn in conversation.turns] != list(range(1, QUESTIONS + 1)):
        result.wrong.append(f"{conversation.title!r} has the turns {[turn.number for turn in conversation.turns]}")
    for turn in conversation.turns:
        taken = steps[turn.id]
        result.turns[turn.state] += 1
        result.steps += len(taken)
        result.calls_needed += sum(step.kind == "model_reply" for step in taken)
        if [step.seq for step in taken] != list(range(1, len(taken) + 1)):
            result.wrong.append(f"{turn.question!r} has gaps in its steps")
        if tuple((step.kind, step.key) for step in taken) != STEPS[: len(taken)]:
            result.wrong.append(f"{turn.question!r} has other steps than were taken")
        result.wrong += _ended_badly(turn, len(taken))


def _ended_badly(turn: Turn, steps: int) -> list[str]:
    if turn.state not in ENDED:
        return [f"{turn.question!r} is left open"]
    if turn.state == "done":
        right = OUTCOME.validate_python(told(turn.question, turn.number - 1))
        good = steps == len(STEPS) and turn.outcome == right and turn.understood == turn.question.upper()
        return [] if good else [f"{turn.question!r} is done and has not its outcome"]
    return [] if turn.state == "interrupted" and turn.problem else [f"{turn.question!r} ended as {turn.state}"]


def main() -> int:
    conversations = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results: dict[str, Result] = {}
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        urls = {"SQLite": f"sqlite:///{folder}/vedder.db"}
        try:
            urls["PostgreSQL"] = stack.enter_context(postgres.database(stack.enter_context(postgres.server())))
        except postgres.NoPostgres as missing:
            print(missing)
        for name, url in urls.items():
            own = Path(folder) / name
            own.mkdir()
            results[name] = trial(Plan(url, own, conversations), random_kills=conversations // 5)
    print_table(("", *next(iter(results.values())).told()), [(name, *r.told().values()) for name, r in results.items()])
    for name, result in results.items():
        for wrong in result.wrong:
            print(f"{name}: {wrong}")
    return 1 if any(result.wrong for result in results.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
