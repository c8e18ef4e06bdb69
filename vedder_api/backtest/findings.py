"""What a backtest found: for each damaged copy of a cluster its score before, and the questions that failed after.

Deliberately not here: doing it (`backtest`), and how it is shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from vedder_core.health import Band

BANDS: tuple[Band, ...] = ("healthy", "degraded", "critical")
FAILING = 0.05
"""Of a cluster's questions: from so many that fail, the cluster counts as failing."""

EQUAL = 1e-6
"""Scores that are nearer than this are the same."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One cluster of one copy. `held_out` says that the signals were made without this kind of change in mind. `share`
    is the grade of the damage, 0 for none; `before` and `band_before` are of the undamaged cluster. Of `asked`
    questions, all right before, `wrong` got other rows now, and `failed` no right answer (those with other rows among
    them).
    """

    cluster: str
    damage: str
    harmful: bool
    held_out: bool
    share: float
    score: float
    band: Band | None
    before: float
    band_before: Band | None
    asked: int
    failed: int
    wrong: int

    @property
    def failing(self) -> bool:
        return self.asked > 0 and self.failed / self.asked >= FAILING

    @property
    def alarmed(self) -> bool:
        """Did its band drop? That is when its owner is told."""
        bands = [BANDS.index(band) if band is not None else len(BANDS) for band in (self.band_before, self.band)]
        return bands[1] > bands[0]


@dataclass(frozen=True, slots=True)
class Rise:
    """A score that rose as a damage grew."""

    cluster: str
    damage: str
    share: float
    score: float
    less_damaged: float


@dataclass(frozen=True, slots=True)
class OfDamage:
    """All observations of one kind of damage together. `noticed` are the failing ones whose score fell at all."""

    damage: str
    harmful: bool
    held_out: bool
    observed: int
    failing: int
    noticed: int
    alarmed: int
    mean_score: float
    mean_failed: float
    mean_wrong: float


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the score predicts in some observations. `auc`: how likely a failing cluster has a lower score than one
    that is not failing; None without one of each. `auc_of_drop` is the same of the score's drop from the undamaged
    cluster. `false_alarms` is the share of clusters that are not failing and whose band dropped; `missed` that of
    failing ones whose did not.
    """

    observed: int
    failing: int
    auc: float | None
    auc_of_drop: float | None
    false_alarms: float | None
    missed: float | None
    rises: tuple[Rise, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """How well the score predicts: on kinds of change that were known while the signals were made, on those held out,
    and on all of them.
    """

    known: Figures
    held_out: Figures
    whole: Figures
    by_damage: tuple[OfDamage, ...]
    observations: tuple[Observation, ...]


def findings(observations: Sequence[Observation]) -> Findings:
    """Sum up what was observed."""
    return Findings(
        known=_figures([one for one in observations if not one.held_out]),
        held_out=_figures([one for one in observations if one.held_out]),
        whole=_figures(observations),
        by_damage=tuple(_by_damage(observations)),
        observations=tuple(observations),
    )


def _figures(observations: Sequence[Observation]) -> Figures:
    failing = [one for one in observations if one.failing]
    sound = [one for one in observations if not one.failing]
    return Figures(
        observed=len(observations),
        failing=len(failing),
        auc=auc([-one.score for one in failing], [-one.score for one in sound]),
        auc_of_drop=auc([one.before - one.score for one in failing], [one.before - one.score for one in sound]),
        false_alarms=_share(one.alarmed for one in sound),
        missed=_share(not one.alarmed for one in failing),
        rises=tuple(_rises(observations)),
    )


def auc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """How likely one of the first is above one of the second, ties as one half (the Mann-Whitney statistic)."""
    if not positive or not negative:
        return None
    wins = sum((one > other) + (one == other) / 2 for one in positive for other in negative)
    return wins / (len(positive) * len(negative))


def _share(facts: Iterable[bool]) -> float | None:
    known = list(facts)
    return sum(known) / len(known) if known else None


def _rises(observations: Iterable[Observation]) -> Iterator[Rise]:
    for (cluster, damage), series in _series(observations).items():
        if not series[0].harmful:
            continue
        before = series[0].before
        for one in sorted(series, key=lambda one: one.share):
            if one.score > before + EQUAL:
                yield Rise(cluster, damage, one.share, one.score, before)
            before = min(before, one.score)


def _series(observations: Iterable[Observation]) -> Mapping[tuple[str, str], list[Observation]]:
    series: defaultdict[tuple[str, str], list[Observation]] = defaultdict(list)
    for one in observations:
        series[one.cluster, one.damage].append(one)
    return series


def _by_damage(observations: Sequence[Observation]) -> Iterator[OfDamage]:
    for damage in dict.fromkeys(one.damage for one in observations):
        some = [one for one in observations if one.damage == damage]
        asked = max(1, sum(one.asked for one in some))
        yield OfDamage(
            damage=damage,
            harmful=some[0].harmful,
            held_out=some[0].held_out,
            observed=len(some),
            failing=sum(one.failing for one in some),
            noticed=sum(one.failing and one.score < one.before - EQUAL for one in some),
            alarmed=sum(one.alarmed for one in some),
            mean_score=sum(one.score for one in some) / len(some),
            mean_failed=sum(one.failed for one in some) / asked,
            mean_wrong=sum(one.wrong for one in some) / asked,
        )
