"""What every health signal is: one class that turns the facts about a cluster into one reading.

A signal is one file with one class. Its docstring says formula, inputs, threshold and action. Which signals there
are, and how their readings become a score, is in `score`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from vedder_core.cluster import Cluster
from vedder_core.health import Reading
from vedder_core.profile import Profile
from vedder_pipelines.checking import Checked
from vedder_pipelines.validation import Judged


@dataclass(frozen=True)
class Facts:
    """All that the signals may know of one cluster at one moment. Nothing here is fetched: it was found out before.

    `profiles` and `checked` are by dataset, `judged` by pair; `missing` are datasets that cannot be read.
    """

    cluster: Cluster
    now: datetime
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    checked: Mapping[str, tuple[Checked, ...]] = field(default_factory=dict)
    judged: Mapping[str, Judged] = field(default_factory=dict)


class Signal(Protocol):
    """One way to look at a cluster. `weight` is its part in the score; a reading that cannot be taken is None."""

    name: str
    weight: float

    def read(self, facts: Facts) -> Reading:
        """The reading; damage to what it looks at never raises its value, and each action carried out does."""
        ...


def listed(names: Iterable[str], most: int = 5) -> str:
    """A few names for a sentence; how many more there are is said."""
    named = [f"`{name}`" for name in names]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more
