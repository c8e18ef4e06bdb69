"""What the pipeline remembers between assets and runs, with its types. Where it lies is the context store's matter."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from vedder_core.context.memory import Memory
from vedder_core.profile import Profile
from vedder_core.repair import Repair
from vedder_core.schema import Table
from vedder_core.untold import Untold
from vedder_pipelines.alerts.told import Told
from vedder_pipelines.checking import DatasetChecked
from vedder_pipelines.drift.baseline import Baseline
from vedder_pipelines.drift.watching import Looked
from vedder_pipelines.health.taught import Taught
from vedder_pipelines.inputs import Built, Inputs
from vedder_pipelines.validation import Judged

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Publication:
    """The version of the context that a cluster's last publish left, and what the cluster was built from."""

    version: int
    inputs: Inputs


@dataclass(frozen=True)
class Shelf(Generic[T]):
    """One kind of thing that is remembered, as JSON under a key."""

    kind: str
    adapter: TypeAdapter[T]

    def recall(self, memory: Memory, keys: Iterable[str] | None = None) -> dict[str, T]:
        """What is remembered under these keys, or all; without what an older version wrote and nobody can read."""
        return self._read(memory.recall(self.kind, keys))

    def _read(self, written: Mapping[str, str]) -> dict[str, T]:
        found: dict[str, T] = {}
        for key, value in written.items():
            with suppress(ValidationError):
                found[key] = self.adapter.validate_json(value)
        return found

    def remember(self, memory: Memory, things: Mapping[str, T], *, forget: Iterable[str] = ()) -> None:
        written = {key: self.adapter.dump_json(thing).decode() for key, thing in things.items()}
        memory.remember(self.kind, written, forget=forget)

    def keys(self, memory: Memory) -> tuple[str, ...]:
        return tuple(memory.recall(self.kind))

    def recall_in(self, memory: Memory, cluster: str, names: Iterable[str]) -> dict[str, T]:
        """What is remembered of one cluster, by the names inside it."""
        written = memory.recall_below(self.kind, cluster)
        return self._read({name: written[key] for name in names if (key := f"{cluster}/{name}") in written})

    def remember_in(self, memory: Memory, cluster: str, things: Mapping[str, T], *, forget: Iterable[str] = ()) -> None:
        named = {f"{cluster}/{name}": thing for name, thing in things.items()}
        self.remember(memory, named, forget=[f"{cluster}/{name}" for name in forget])


PROFILES = Shelf("profile", TypeAdapter(Profile))
VERDICTS = Shelf("verdict", TypeAdapter(Judged))
BASELINES = Shelf("baseline", TypeAdapter(Baseline))
DRIFTS = Shelf("drift", TypeAdapter(Looked))
REPAIRS = Shelf("repair", TypeAdapter(Repair))
MENDED_ON = Shelf("mended_on", TypeAdapter(str))
"""By cluster: the digest of the changes that its repairs were worked out on."""
EXPECTATIONS = Shelf("expectations", TypeAdapter(DatasetChecked))
SEEN = Shelf("seen", TypeAdapter(Inputs))
"""By cluster: what its profiles were made from."""
PUBLICATIONS = Shelf("publication", TypeAdapter(Publication))
"""By cluster."""
BUILT = Shelf("built", TypeAdapter(Built))
"""By cluster: what everything up to its health was built from."""
TAUGHT = Shelf("taught", TypeAdapter(Taught))
"""By cluster: what it taught lately."""
TOLD = Shelf("told", TypeAdapter(Told))
"""By cluster: what its owner was told of its health."""
FORMER = Shelf("former", TypeAdapter(Profile))
"""The profiles from when the pairs of a cluster last held."""
LOST = Shelf("lost", TypeAdapter(Table))
"""A dataset as it was while it was there, or had a column that pairs miss: its successor may come later."""
HELD = Shelf("held", TypeAdapter(str))
"""By cluster: the digest of the warehouse's catalog from then."""
WITHHELD = Shelf("withheld", TypeAdapter(tuple[str, ...]))
"""Columns of a dataset that are hidden until its curator says what became of one that was to be hidden."""
UNTOLD = Shelf("untold", TypeAdapter(dict[str, Untold]))
"""By cluster: what it forbids to tell of its datasets, for the day on which its files cannot be read."""
CATALOG = Shelf("catalog", TypeAdapter(str))
"""Under one key: the digest of the catalog that was last reported to Dagster."""
OBSERVED = Shelf("observed", TypeAdapter(str))
"""By table: the mark that was last reported to Dagster."""

OF_CLUSTERS: tuple[
    Shelf[Profile]
    | Shelf[Judged]
    | Shelf[Baseline]
    | Shelf[Looked]
    | Shelf[Repair]
    | Shelf[DatasetChecked]
    | Shelf[Inputs]
    | Shelf[Publication]
    | Shelf[Built]
    | Shelf[Taught]
    | Shelf[Told]
    | Shelf[tuple[str, ...]]
    | Shelf[dict[str, Untold]]
    | Shelf[Table]
    | Shelf[str],
    ...,
] = (
    PROFILES,
    VERDICTS,
    BASELINES,
    DRIFTS,
    REPAIRS,
    MENDED_ON,
    EXPECTATIONS,
    SEEN,
    PUBLICATIONS,
    BUILT,
    TAUGHT,
    TOLD,
    FORMER,
    WITHHELD,
    UNTOLD,
    LOST,
    HELD,
)
"""Everything whose keys begin with a cluster's name."""
