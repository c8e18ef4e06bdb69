"""What a person gets to see of evaluations: the stages side by side, what failed, and what changed between two."""

from collections.abc import Iterable, Sequence
from textwrap import shorten

from vedder_api.evaluation.golden import QuestionSet
from vedder_api.evaluation.plot import name_of
from vedder_api.surfaces.layout import Grid, Line, Listing, Part
from vedder_api.telling import printable
from vedder_core.evaluation import STAGES, Evaluation, Summary, Trial, summary

FAILED_SHOWN = 10
LONGEST_PROBLEM = 160  # characters
STANDINGS = ("wrong", "not answered", "holds", "same")  # the worst first: a wrong answer costs more than none


def evaluation_parts(evaluations: Sequence[Evaluation]) -> tuple[Part, ...]:
    """Evaluations of one question set: a row for each, then what did not come out right in the first one."""
    rows = tuple(_row(one, summary(one.trials, rounds=one.rounds)) for one in evaluations)
    columns = ("evaluation", "trials", *STAGES, "telling", "wrong", "reproducible", "tokens", "money")
    failed = [trial for trial in _worst(evaluations[0].trials).values() if trial.result != "same"]
    listed = tuple(map(_failed, failed[:FAILED_SHOWN]))
    left = len(failed) - len(listed)
    return (
        Grid(columns, rows, frozenset(range(1, len(columns)))),
        *_failed_all(evaluations[0]),
        *_hollow(evaluations[0]),
        *((Listing(f"Not the same result ({name_of(evaluations[0])})", listed),) if listed else ()),
        *((Line(f"… and {left:,} more.", "quiet"),) if left else ()),
    )


def asked_parts(questions: QuestionSet, *, from_pairs: bool) -> tuple[Part, ...]:
    """What to know of the questions themselves: what was not left out, and what was not asked."""
    if not from_pairs:
        told = (
            "Nothing was left out: a pair with the same question or SQL taught while a question of the file was asked."
        )
        return (Line(told, "quiet"),)
    many = f"{len(questions.unfilled):,} pair{'s' * (len(questions.unfilled) != 1)}"
    told = f"Of {many} no question was made, since nothing is known to fill a blank with:"
    return (Listing(told, questions.unfilled),) if questions.unfilled else ()


def comparison_parts(before: Evaluation, after: Evaluation) -> tuple[Part, ...]:
    """Two evaluations, and each question that became better or worse in between."""
    worse = tuple(_changes(before.trials, after.trials, better=False))
    better = tuple(_changes(before.trials, after.trials, better=True))
    return (
        *evaluation_parts((before, after))[:1],
        *((Listing("Worse", worse),) if worse else ()),
        *((Listing("Better", better),) if better else ()),
        *(() if worse or better else (Line("Every question of both came out alike."),)),
        *_unpaired(before, after),
    )


def list_parts(evaluations: Sequence[Evaluation]) -> tuple[Part, ...]:
    """Evaluations as they are kept, the newest first."""
    if not evaluations:
        return (Line("No evaluation is kept yet; `vedder eval` makes one.", "quiet"),)
    rows = tuple(
        (one.id[:8], f"{one.at:%Y-%m-%d %H:%M}", printable(one.questions), name_of(one), *_same(one))
        for one in evaluations
    )
    return (Grid(("id", "at", "questions", "evaluation", "same", "telling"), rows, frozenset({4, 5})),)


def _row(one: Evaluation, found: Summary) -> tuple[str, ...]:
    tokens = f"{found.prompt_tokens + found.completion_tokens:,.0f}"
    money = "–" if found.money is None else f"{found.money:.4f}"
    stages = (_share(found.stages[stage]) for stage in STAGES)
    shares = (*stages, *map(_share, (found.telling, found.wrong, found.reproducible)))
    return (name_of(one), f"{found.trials:,}", *shares, tokens, money)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _same(one: Evaluation) -> tuple[str, str]:
    """How many came to the same result: of all, and of those whose right result says something."""
    if not one.trials:
        return _share(None), _share(None)
    found = summary(one.trials, rounds=one.rounds)
    return _share(found.stages["same"]), _share(found.telling)


def _failed(trial: Trial) -> str:
    why = f": {shorten(printable(trial.problem), LONGEST_PROBLEM)}" if trial.problem else ""
    return f"{printable(trial.question)} ({trial.golden}, {trial.kind}, {trial.result}){why}"


def _failed_all(one: Evaluation) -> tuple[Part, ...]:
    failed = summary(one.trials, rounds=one.rounds).failed if one.trials else 0
    many = f"{failed:,} question{'s' * (failed != 1)}"
    told = f"{many} came to no outcome: they count as not the same, and nothing is said of how reproducible they are."
    return (Line(told, "warn"),) if failed else ()


def _hollow(one: Evaluation) -> tuple[Part, ...]:
    hollow = {trial.golden for trial in one.trials if trial.hollow}
    many = f"{len(hollow):,} question{'s' * (len(hollow) != 1)}"
    told = f"Of {many} the right result is empty or nothing but 0 and NULL: wrong SQL comes to the same easily."
    return (Line(f"{told} `telling` is the share of `same` without them.", "quiet"),) if hollow else ()


def _unpaired(before: Evaluation, after: Evaluation) -> tuple[Part, ...]:
    """How many questions cannot be compared: only one of the two has them, or words them so."""
    was, now = _worst(before.trials), _worst(after.trials)
    single = len(was.keys() ^ now.keys()) + sum(was[g].question != now[g].question for g in was.keys() & now.keys())
    return (Line(f"{single:,} were not asked alike in both, and are not compared.", "quiet"),) if single else ()


def _changes(before: Iterable[Trial], after: Iterable[Trial], *, better: bool) -> Iterable[str]:
    """The questions whose worst result moved, in one direction."""
    was, now = _worst(before), _worst(after)
    for golden, earlier in was.items():
        later = now.get(golden)
        if later is None or later.question != earlier.question:
            continue
        step = _standing(later) - _standing(earlier)
        if step > 0 if better else step < 0:
            told = f"{STANDINGS[_standing(earlier)]} → {STANDINGS[_standing(later)]}"
            yield f"{printable(later.question)} ({golden}): {told}"


def _standing(trial: Trial) -> int:
    """Its place in `STANDINGS`."""
    if trial.result != "differs":
        return STANDINGS.index(trial.result)
    return STANDINGS.index("wrong" if trial.kind == "answer" else "not answered")


def _worst(trials: Iterable[Trial]) -> dict[str, Trial]:
    found: dict[str, Trial] = {}
    for trial in trials:
        known = found.get(trial.golden)
        if known is None or _standing(trial) < _standing(known):
            found[trial.golden] = trial
    return found
