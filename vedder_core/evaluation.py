"""What an evaluation found: each question with a known answer, how far it came, and what all of them say together.

How questions are asked is in `vedder_api.evaluation`; where evaluations are kept is in `vedder_core.state`.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Literal

from pydantic import TypeAdapter

Likeness = Literal["same", "holds", "differs"]
"""same: equal rows; holds: equal rows once columns that were not asked for are left out; differs: neither."""

Kind = Literal["answer", "not_covered", "clarify", "gave_up", "failed"]
"""What a question came to: an outcome, or none (failed): its gold SQL does not run, or the warehouse is gone."""

Variant = Literal["context", "no-pairs", "schemas-only"]
VARIANTS: tuple[Variant, ...] = ("context", "no-pairs", "schemas-only")
"""context: everything but the pair that is asked; the other two are the baselines that it is held against."""

STAGES = ("cluster", "datasets", "columns", "guarded", "executed", "holds", "same")
"""What a question passes on its way, in this order; `same` is the end of it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one question. Shares are of what the gold SQL needs: 1 is all of it; None is not known.

    `guarded` and `executed` say whether any of its queries came so far; `number` counts the times it was asked.
    `hollow`: the right result is empty or nothing but 0 and NULL, as that of many a wrong query, so `same` says little.
    """

    golden: str
    question: str
    number: int
    kind: Kind
    trust: str = ""
    cluster_chosen: bool | None = None
    datasets_recalled: float | None = None
    columns_recalled: float | None = None
    guarded: bool = False
    executed: bool = False
    result: Likeness = "differs"
    sql: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float | None = None
    seconds: float = 0.0
    problem: str = ""
    hollow: bool = False


TRIALS: TypeAdapter[tuple[Trial, ...]] = TypeAdapter(tuple[Trial, ...])


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One question set, asked `rounds` times with one variant of one version of the context."""

    id: str
    at: datetime
    questions: str
    variant: Variant
    rounds: int
    context_version: int
    embedder: str
    model: str
    prompt_hash: str
    trials: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What an evaluation says in numbers. `stages` are shares of the trials, None where no trial knows.

    `reproducible` is the share of questions that came to one and the same likeness each time they were asked; None
    where they were asked once. `failed` questions never came to an outcome, say because their gold SQL does not run:
    they count in every share of trials, and not as reproducible. `wrong` is the share of trials that answered, and with
    other rows: the costly kind. `hollow` is the share whose right result says little, and `telling` the share of the
    others that came to the same result, None where there are none: no empty result flatters it. Tokens and money are
    for one question.
    """

    trials: int
    stages: Mapping[str, float | None]
    kinds: Mapping[str, int]
    wrong: float
    hollow: float
    telling: float | None
    reproducible: float | None
    failed: int
    prompt_tokens: float
    completion_tokens: float
    money: float | None
    seconds: float


def summary(trials: Sequence[Trial], *, rounds: int) -> Summary:
    """Sum up trials; there is at least one."""
    return Summary(
        trials=len(trials),
        stages={
            "cluster": _mean(t.cluster_chosen for t in trials),
            "datasets": _mean(t.datasets_recalled for t in trials),
            "columns": _mean(t.columns_recalled for t in trials),
            "guarded": _mean(t.guarded for t in trials),
            "executed": _mean(t.executed for t in trials),
            "holds": _mean(t.result != "differs" for t in trials),
            "same": _mean(t.result == "same" for t in trials),
        },
        kinds=dict(Counter(t.kind for t in trials)),
        wrong=fmean(t.kind == "answer" and t.result == "differs" for t in trials),
        hollow=fmean(t.hollow for t in trials),
        telling=_mean(t.result == "same" for t in trials if not t.hollow),
        reproducible=_mean(len(found) == 1 for found in _came_to(trials)) if rounds > 1 else None,
        failed=len({t.golden for t in trials}) - len(_came_to(trials)),
        prompt_tokens=fmean(t.prompt_tokens for t in trials),
        completion_tokens=fmean(t.completion_tokens for t in trials),
        money=_mean(t.money for t in trials),
        seconds=fmean(t.seconds for t in trials),
    )


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _came_to(trials: Iterable[Trial]) -> list[set[str]]:
    """All that each question came to; those that failed whenever they were asked are left out."""
    results: defaultdict[str, set[str]] = defaultdict(set)
    for trial in trials:
        results[trial.golden].add(f"{trial.kind} {trial.result}")
    return [found for found in results.values() if not all(one.startswith("failed") for one in found)]
