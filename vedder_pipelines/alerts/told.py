"""What the owner of a cluster was told last, as it is remembered between ticks."""

from dataclasses import dataclass
from datetime import datetime

from vedder_core.health import Band


@dataclass(frozen=True, slots=True)
class Told:
    """The band that the owner knows of. `rounds` tries to tell another one have failed; none before `not_before`."""

    band: Band
    measured_at: datetime
    rounds: int = 0
    not_before: datetime | None = None
