"""When did the pipelines last compare clusters with the warehouse? The history of their health says so."""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime
from time import monotonic

from vedder_core.context.health_history import HealthHistory

GOOD_FOR = 60.0
"""Seconds that what was read stands: the notice that rests on it speaks of days."""


class LookedAtTimes:
    """Answers for all threads from one reading."""

    def __init__(self, healths: HealthHistory) -> None:
        self._healths = healths
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._measured: Mapping[str, datetime] = {}

    def __call__(self, clusters: Collection[str]) -> datetime | None:
        """The oldest moment among these clusters; None where one of them was never measured. Raises ContextError."""
        with self._lock:
            if self._read_at is None or monotonic() - self._read_at > GOOD_FOR:
                self._measured = {name: health.measured_at for name, health in self._healths.latest().items()}
                self._read_at = monotonic()
            moments = [self._measured.get(name) for name in clusters]
        known = [moment for moment in moments if moment is not None]
        return min(known) if known and len(known) == len(moments) else None
