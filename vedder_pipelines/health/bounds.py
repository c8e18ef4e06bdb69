"""How sure is a share that was seen a few times? The lower end of Wilson's interval."""

from math import sqrt

SURE = 1.2816
"""Standard deviations: nine times in ten the true share lies above the bound."""


def at_least(good: float, of: float) -> float:
    """The share that a count shows with some certainty; `of` is more than 0. It grows with `good`."""
    share, noise = good / of, SURE**2 / of
    middle = share + noise / 2
    margin = SURE * sqrt(share * (1 - share) / of + noise / (4 * of))
    return max(0.0, (middle - margin) / (1 + noise))
