"""From readings to a score and a band. The score is monotone: damage never raises it.

Every signal is a line in `SIGNALS`. Nothing here knows what a signal looks at.
"""

from collections.abc import Sequence

from vedder_core.cluster import Thresholds
from vedder_core.health import Band, Health, Reading
from vedder_pipelines.health.curation_age import CurationAge
from vedder_pipelines.health.data_health import DataHealth
from vedder_pipelines.health.pair_validity import PairValidity
from vedder_pipelines.health.signal import Facts, Signal

SIGNALS: tuple[Signal, ...] = (DataHealth(), PairValidity(), CurationAge())
"""All signals, in the order in which they are shown."""

CEILINGS = frozenset({"pair_validity"})
"""Signals that the score is never above: without valid pairs nothing else that is in order helps anyone who asks."""


def measure(facts: Facts, *, context_version: int | None) -> Health:
    """Read every signal and make the cluster's health of the readings."""
    readings = tuple(signal.read(facts) for signal in SIGNALS)
    score = score_of(readings)
    return Health(
        cluster=facts.cluster.name,
        score=score,
        band=band_of(score, facts.cluster.thresholds),
        readings=readings,
        measured_at=facts.now,
        context_version=context_version,
    )


def score_of(readings: Sequence[Reading]) -> float | None:
    """The weighted mean of the readings, and never above a reading of `CEILINGS`; None when nothing was measured.

    A signal that was not measured keeps its weight and adds nothing. If it were left out of the mean, losing what it
    looks at (say, all pairs) would raise the score; so it is worth as much as the worst that it could have found.
    """
    if all(reading.value is None for reading in readings):
        return None
    weights = sum(reading.weight for reading in readings)
    mean = sum(reading.weight * (reading.value or 0.0) for reading in readings) / weights
    ceilings = [reading.value or 0.0 for reading in readings if reading.signal in CEILINGS]
    return round(min([mean, *ceilings]), 6)


def band_of(score: float | None, thresholds: Thresholds) -> Band | None:
    """Where the score lies between the cluster's own thresholds."""
    if score is None:
        return None
    if score >= thresholds.healthy:
        return "healthy"
    return "degraded" if score >= thresholds.degraded else "critical"
