"""What a detector of drift is: it compares what was true when a pair was vetted with what is true now.

A detector is one file with one class. Its docstring says evidence, threshold, what it must stay silent about, and what
a curator does. It looks at facts alone and asks no warehouse. All stand in `DETECTORS` (`all`).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from vedder_core.verdict import Drift
from vedder_pipelines.drift.baseline import Facts
from vedder_pipelines.drift.uses import Uses


@dataclass(frozen=True)
class Seen:
    """One pair: what it relies on, what that was like at its baseline, and what it is like now."""

    uses: Uses
    was: Facts
    now: Facts

    def rows(self, dataset: str) -> tuple[int, int]:
        """The rows of a dataset then and now; 0 where they are not known."""
        was, now = self.was.datasets.get(dataset), self.now.datasets.get(dataset)
        return was.rows if was else 0, now.rows if now else 0

    def lost(self, dataset: str) -> float:
        """The share of a dataset's rows that are gone, as far as their number tells."""
        was, now = self.rows(dataset)
        return max(0.0, 1 - now / was) if was else 0.0


class Detector(Protocol):
    """One kind of drift. `name` is what findings are filed under; `advice` says what a curator does about one."""

    name: str
    advice: str

    def find(self, seen: Seen) -> Iterator[Drift]:
        """The findings of this kind, none where the data say what they said."""
        ...


def times(rows: int) -> str:
    """So many rows, in words."""
    return f"{rows:,} row{'s' * (rows != 1)}"


def share(part: int, whole: int) -> str:
    """A share in percent, with its numbers."""
    return f"{100 * part / whole:.1f} % ({part:,} of {whole:,})" if whole else "no rows"


def chance_of_at_least(hits: int, tries: int, probability: float) -> float:
    """How likely so many hits or more are among so many tries, where each hits with this probability."""
    if hits <= 0:
        return 1.0
    if tries > EXACT:
        spread = math.sqrt(tries * probability * (1 - probability)) or 1e-9
        return 0.5 * math.erfc((hits - 0.5 - tries * probability) / spread / math.sqrt(2))
    logs = [
        _log_choose(tries, k) + k * math.log(probability) + (tries - k) * math.log1p(-probability)
        for k in range(hits, tries + 1)
    ]
    return sum(map(math.exp, logs))


EXACT = 2_000


def _log_choose(whole: int, part: int) -> float:
    return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)
