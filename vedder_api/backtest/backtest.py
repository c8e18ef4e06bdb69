"""Does health predict? Damage copies of the context in known, graded ways, read the score, then ask the questions.

Copies hold as many damaged clusters at once as share no table. Deliberately not here: the damages (`damages`), the
copies (`copies`), and what it all says (`findings`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from vedder_api.ask import Asker
from vedder_api.backtest.copies import Pipelines, Workshop
from vedder_api.backtest.damages.all import DAMAGES, HELD_OUT
from vedder_api.backtest.damages.damage import Change, Damage
from vedder_api.backtest.findings import Observation
from vedder_api.backtest.probes import Came, Probe, as_of, come, probes
from vedder_api.backtest.subject import Subject, subjects
from vedder_api.parts import Parts
from vedder_api.turns import Turns
from vedder_core.context.health_history import HealthHistory
from vedder_core.conversation import Step, Turn
from vedder_core.errors import VedderError
from vedder_core.health import Health
from vedder_core.settings import Settings
from vedder_core.state.turn_log import TurnLog

SHARES = (0.15, 0.4, 0.8)
ASKED_BEFORE = "backtest"
"""Who asked the questions that the state database of a backtest holds."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Task:
    subject: Subject
    damage: Damage
    share: float
    change: Change

    def tables(self) -> frozenset[str]:
        return frozenset(self.subject.tables())


@dataclass
class _Plan:
    """The tasks of one copy: no two of them on one cluster or table."""

    tasks: list[_Task] = field(default_factory=list)
    tables: set[str] = field(default_factory=set)

    def takes(self, task: _Task) -> bool:
        clusters = {one.subject.cluster for one in self.tasks}
        return task.subject.cluster not in clusters and self.tables.isdisjoint(task.tables())


def backtest(
    workshop: Workshop,
    *,
    rows: int,
    questions: int,
    shares: Sequence[float] = SHARES,
    damages: Sequence[Damage] = DAMAGES,
    progress: Progress,
) -> Iterator[Observation]:
    """Every observation, as it is made. Raises VedderError."""
    cut = workshop.lay_out(rows=rows)
    if cut:
        progress(f"Only the first {rows:,} rows are copied of {', '.join(cut)}")
    with Pipelines() as pipelines:
        progress("building the undamaged copy")
        pipelines.build(workshop.whole)
        chosen, asked = _asked_before(workshop.whole, questions)
        progress(f"{len(asked)} questions of {len(chosen)} clusters come out right")
        pipelines.build(workshop.whole)  # now with a history of questions
        before = HealthHistory(workshop.whole.context).latest()
        plans = _plans(_tasks(chosen, shares, damages, workshop))
        for number, plan in enumerate(plans, start=1):
            progress(f"copy {number} of {len(plans)}: {len(plan.tasks)} clusters changed")
            copy = workshop.damage("damaged", [task.change for task in plan.tasks])
            pipelines.build(copy)
            yield from _observed(copy, plan, asked, before)
        workshop.remove("damaged")


def _asked_before(whole: Settings, most: int) -> tuple[tuple[Subject, ...], tuple[Probe, ...]]:
    """The clusters, and their questions that come out right; every second one is asked as people ask, and kept."""
    with Parts(whole) as parts:
        asker = parts.asker()
        snapshot = asker.reader.snapshot()
        found = probes(snapshot, asker, most=most)

        def answer(turn: TurnLog, earlier: tuple[Turn, ...]) -> Iterator[Step]:
            yield from asker.ask(turn.question, turn, earlier)

        turns = Turns(parts.state(), answer)
        for probe in found[::2]:
            turns.run_here(turns.ask(probe.question, caller=ASKED_BEFORE))
        return subjects(snapshot, dialect=asker.warehouse.dialect), found


def _tasks(
    chosen: Iterable[Subject], shares: Sequence[float], damages: Sequence[Damage], workshop: Workshop
) -> Iterator[_Task]:
    for damage in damages:
        for share in shares:
            for subject in chosen:
                change = damage.change(subject, share, workshop.whole.clusters)
                if change or not damage.harmful:
                    yield _Task(subject, damage, share, change)


def _plans(tasks: Iterable[_Task]) -> list[_Plan]:
    """As few copies as a first fit finds."""
    plans: list[_Plan] = []
    for task in tasks:
        plan = next((plan for plan in plans if plan.takes(task)), None)
        if plan is None:
            plan = _Plan()
            plans.append(plan)
        plan.tasks.append(task)
        plan.tables |= task.tables()
    return plans


def _observed(
    copy: Settings, plan: _Plan, asked: Sequence[Probe], before: Mapping[str, Health]
) -> Iterator[Observation]:
    of_cluster: defaultdict[str, list[Probe]] = defaultdict(list)
    for probe in asked:
        of_cluster[probe.cluster].append(probe)
    with Parts(copy) as parts:
        after, asker = parts.healths.latest(), parts.asker()
        for task in plan.tasks:
            name = task.subject.cluster
            if of_cluster[name] and name in before:
                yield _observation(task, of_cluster[name], asker, before[name], after[name])


def _observation(task: _Task, asked: Sequence[Probe], asker: Asker, before: Health, after: Health) -> Observation:
    came = [_came(probe, asker, task.damage) for probe in asked]
    return Observation(
        cluster=task.subject.cluster,
        damage=task.damage.name,
        harmful=task.damage.harmful,
        held_out=task.damage.name in {one.name for one in HELD_OUT},
        share=task.share if task.change else 0.0,
        score=after.score or 0.0,
        band=after.band,
        before=before.score or 0.0,
        band_before=before.band,
        asked=len(came),
        failed=sum(one != "right" for one in came),
        wrong=sum(one == "wrong" for one in came),
    )


def _came(probe: Probe, asker: Asker, damage: Damage) -> Came:
    """After damage the rows of before are right; after a harmless change those that the vetted SQL gives now."""
    if damage.harmful:
        return come(probe, asker)
    try:
        return come(as_of(probe, asker), asker)
    except VedderError:
        return "none"
