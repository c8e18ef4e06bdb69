"""From readings to a score and a band, and from remedies to what each would gain. Damage never raises the score.

Every signal is a line in `SIGNALS`. Nothing here knows what a signal looks at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from vedder_core.cluster import Thresholds
from vedder_core.health import Action, Band, Health, Reading
from vedder_pipelines.health.coverage import Coverage
from vedder_pipelines.health.curation_age import CurationAge
from vedder_pipelines.health.data_health import DataHealth
from vedder_pipelines.health.feedback import Feedback
from vedder_pipelines.health.kept_teaching import KeptTeaching
from vedder_pipelines.health.overlap import OverlapAndConflict
from vedder_pipelines.health.pair_validity import PairValidity
from vedder_pipelines.health.reproducibility import Reproducibility
from vedder_pipelines.health.retrieval_self_test import RetrievalSelfTest
from vedder_pipelines.health.signal import Facts, Signal

SIGNALS: tuple[Signal, ...] = (
    DataHealth(),
    PairValidity(),
    KeptTeaching(),
    RetrievalSelfTest(),
    CurationAge(),
    OverlapAndConflict(),
    Coverage(),
    Reproducibility(),
    Feedback(),
)
"""All signals, in the order in which they are shown."""

CEILINGS = frozenset({"pair_validity", "kept_teaching"})
"""Signals that the score is never above: without valid pairs nothing else that is in order helps anyone who asks."""

OF_USE = frozenset({"coverage", "reproducibility", "feedback"})
"""Signals of how the cluster is used. A new installation cannot have them, so they count where they lower the score."""

MOST_GAINS = 25
"""Actions of a signal whose gain is worked out, which takes a measuring each; those after them matter less."""

NOTHING_BEFORE: Mapping[str, Reading] = {}


def measure(
    facts: Facts, *, context_version: int | None, before: Mapping[str, Reading] = NOTHING_BEFORE, lost_sight: str = ""
) -> Health:
    """Read every signal and make the cluster's health of the readings, with what each action would gain.

    `lost_sight` says why signals of use cannot be read at the moment; then their readings of `before` stand, because
    what is not seen any more has not become better.
    """
    standing = {name: _standing(before[name], lost_sight) for name in OF_USE & before.keys()} if lost_sight else {}
    readings = read_all(facts, standing)
    score = score_of(readings)
    told = tuple(
        replace(reading, actions=tuple(_actions(signal, facts, standing, score)))
        for signal, reading in zip(SIGNALS, readings, strict=True)
    )
    return Health(
        cluster=facts.cluster.name,
        score=score,
        band=band_of(score, facts.cluster.thresholds),
        readings=told,
        measured_at=facts.now,
        context_version=context_version,
    )


def read_all(facts: Facts, standing: Mapping[str, Reading] = NOTHING_BEFORE) -> tuple[Reading, ...]:
    """What each signal reads, without actions; one that cannot be read now may stand as it did."""
    read = ((signal.name, signal.read(facts)) for signal in SIGNALS)
    return tuple(standing.get(name, reading) if reading.value is None else reading for name, reading in read)


def _standing(reading: Reading, why: str) -> Reading:
    said = why if reading.value is None else f"{why} What was read before stands."
    known = () if reading.value is None else reading.evidence
    return replace(reading, evidence=(said, *(one for one in known if one != said)), actions=())


def _actions(signal: Signal, facts: Facts, standing: Mapping[str, Reading], score: float | None) -> Iterator[Action]:
    for place, remedy in enumerate(signal.remedies(facts)):
        gain = None
        if place < MOST_GAINS:
            after = score_of(read_all(remedy.done(facts), standing))
            gain = round(max(0.0, (after or 0.0) - (score or 0.0)), 4)
        yield Action(remedy.text, gain, remedy.turn, remedy.names, remedy.tells)


def score_of(readings: Sequence[Reading]) -> float | None:
    """The weighted mean of the readings, and never above a reading of `CEILINGS`; None when nothing was measured.

    A signal that was not measured keeps its weight and adds nothing. If it were left out of the mean, losing what it
    looks at (say, all pairs) would raise the score; so it is worth as much as the worst that it could have found.
    Signals of use are the exception: one that was not measured is left out, and one that was is taken in only where it
    lowers the mean. So good opinions make up for no broken pair, and that somebody begins to ask raises nothing.
    """
    structure = [reading for reading in readings if reading.signal not in OF_USE]
    if all(reading.value is None for reading in structure):
        return None
    weights = sum(reading.weight for reading in structure)
    total = sum(reading.weight * (reading.value or 0.0) for reading in structure)
    used = [(reading.value, reading.weight) for reading in readings if reading.signal in OF_USE]
    for value, weight in sorted((value, weight) for value, weight in used if value is not None):
        if value * weights < total:
            total, weights = total + value * weight, weights + weight
    ceilings = [reading.value or 0.0 for reading in structure if reading.signal in CEILINGS]
    return round(min([total / weights, *ceilings]), 6)


def band_of(score: float | None, thresholds: Thresholds) -> Band | None:
    """Where the score lies between the cluster's own thresholds."""
    if score is None:
        return None
    if score >= thresholds.healthy:
        return "healthy"
    return "degraded" if score >= thresholds.degraded else "critical"
