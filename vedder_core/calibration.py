"""From where on does a question count as covered, and how sure is the fast path? Computed by the pipelines from the
context's own questions and stored with it; the numbers that a context too small for that gets are fitted in
`bench/not_covered.py`.

A score is log odds: what the witnesses of `vedder_core.context.covered` say of a cluster, weighed and added up.
Deliberately not here: the fitting (`vedder_pipelines.calibration`), and what becomes of a question (`vedder_api.ask`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import exp

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

DEFAULT_WEIGHTS = (-2.1, 1.4, 1.05, 0.7, 6.6, 4.1, -4.1)
"""One a witness and a constant: between what fits contexts of three of Spider's databases and contexts of many best."""

DEFAULT_THRESHOLD = -2.6
"""Lets nearly all covered questions of small contexts pass that were tried, and one of five strangers' questions: where
nothing could be measured, only what is plainly nobody's is declined."""

FEWEST_PAIRS = 20
"""In all clusters: with fewer pairs nothing is known of how questions are asked, and every question passes."""

FEWEST_OWN = 3
"""A cluster with fewer pairs is not judged: what is likeliest about it passes."""

SURE_ENOUGH = 0.9
"""Where fast path answers of a cluster were wrong in the replay, it must still be right so often, with some certainty,
for its answers to be `verified`."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """With this threshold: the share of covered questions that pass, and the share of strangers' questions that do."""

    threshold: float
    coverage: float
    risk: float


@dataclass(frozen=True, slots=True)
class Theft:
    """The pair `thief` answered a question of the pair `owner` while that was held out, by another SQL."""

    thief: str
    owner: str
    question: str


@dataclass(frozen=True, slots=True)
class FastPath:
    """What came of replaying held out questions. `certainty` is the lower bound of the share of answers that are right,
    None where nothing was answered."""

    right: int = 0
    wrong: int = 0
    declined: int = 0
    certainty: float | None = None
    thefts: tuple[Theft, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether its answers may be called verified: nothing that was seen speaks against it."""
        return self.wrong == 0 or (self.certainty is not None and self.certainty >= SURE_ENOUGH)


@dataclass(frozen=True, slots=True)
class OfCluster:
    """A cluster's threshold, how many of its questions it was fitted on, and the share of them that passes."""

    threshold: float
    questions: int
    passed: float
    fast_path: FastPath = FastPath()


@dataclass(frozen=True)
class Calibration:
    """What the pipelines found. `why_not` says why nothing was fitted: weights and threshold are then the defaults.

    `made_from` is a digest of what it was computed from, `witnesses` are those that the weights are of, one each (none
    in a calibration of the time before they were stored). `strangers` counts the questions that were asked with all
    clusters left out that could know them, and `auroc` says how well these are told from covered ones: 1 is always.
    """

    embedder: str
    made_from: str
    measured_at: datetime
    witnesses: tuple[str, ...] = ()
    weights: tuple[float, ...] = DEFAULT_WEIGHTS
    threshold: float = DEFAULT_THRESHOLD
    clusters: Mapping[str, OfCluster] = field(default_factory=dict)
    covered: int = 0
    strangers: int = 0
    auroc: float | None = None
    curve: tuple[CurvePoint, ...] = ()
    why_not: str = ""

    @property
    def fitted(self) -> bool:
        return not self.why_not

    def of(self, cluster: str) -> OfCluster:
        """What is known of a cluster; the common threshold, where it was published since."""
        return self.clusters.get(cluster, OfCluster(self.threshold, 0, 0.0))


CALIBRATION: TypeAdapter[Calibration] = TypeAdapter(Calibration)


@dataclass(frozen=True, slots=True)
class Coveredness:
    """How well the nearest cluster covers a question, and from where on that is enough; both between 0 and 1.

    `fitted` says whether the threshold was fitted to this context, `measured_at` when.
    """

    cluster: str
    score: float
    threshold: float
    fitted: bool
    measured_at: datetime | None = None

    @property
    def enough(self) -> bool:
        return self.score >= self.threshold


def log_odds(witnesses: NDArray[np.float64], weights: tuple[float, ...]) -> NDArray[np.float64]:
    """The score of each cluster."""
    return np.asarray(witnesses @ np.array(weights[:-1]) + weights[-1])


def as_share(score: float) -> float:
    """Log odds between 0 and 1: how likely, were every second question covered."""
    return 1 / (1 + exp(-score))
