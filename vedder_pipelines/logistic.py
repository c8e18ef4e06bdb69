"""Logistic regression over the best cluster of each question, near to weights that are known to be good. By numpy.

Which cluster is the best depends on the weights, so both are found in turns. Covered questions and strangers' count the
same in all, however many there are of each.
"""

import numpy as np
from numpy.typing import NDArray

from vedder_core.calibration import log_odds

HOLD = 20.0
"""How hard the known weights hold: as much as so many questions speak against them."""

TURNS, STEPS = 8, 30
CLOSE = 1e-6

Floats = NDArray[np.float64]


def fitted(covered: Floats, strangers: Floats, known: tuple[float, ...]) -> tuple[float, ...]:
    """The weights (and the constant at the end) that tell the two apart best.

    Both are by question, cluster and witness; a cluster that is left out is not a number.
    """
    prior = np.array(known)
    weights = prior
    labels = np.concatenate([np.ones(len(covered)), np.zeros(len(strangers))])
    fewer = min(len(covered), len(strangers))
    counts = np.where(labels > 0, fewer / len(covered), fewer / len(strangers))
    for _ in range(TURNS):
        heard = np.concatenate([_best(covered, weights), _best(strangers, weights)])
        weights = _regress(np.column_stack([heard, np.ones(len(heard))]), labels, counts, prior)
    return tuple(round(float(weight), 6) for weight in weights)


def _best(heard: Floats, weights: Floats) -> Floats:
    """What the witnesses say of the best cluster of each question."""
    scores = log_odds(heard, tuple(weights))
    best = np.where(np.isnan(scores), -np.inf, scores).argmax(axis=1)
    return np.asarray(heard[np.arange(len(heard)), best])


def _regress(heard: Floats, labels: Floats, counts: Floats, prior: Floats) -> Floats:
    """Newton's method; the constant is free."""
    hold = np.full(len(prior), HOLD)
    hold[-1] = CLOSE
    weights = prior.copy()
    for _ in range(STEPS):
        shares = 1 / (1 + np.exp(-np.clip(heard @ weights, -30, 30)))
        slope = heard.T @ (counts * (labels - shares)) - hold * (weights - prior)
        bend = (heard * (counts * shares * (1 - shares))[:, None]).T @ heard + np.diag(hold)
        step = np.linalg.solve(bend, slope)
        weights = weights + step
        if np.abs(step).max() < CLOSE:
            break
    return weights
