"""One retrievable row of the context store, and the JSON of what each kind carries.

`payload` is the JSON of a `ClusterCard`, `DatasetCard`, `TaughtPair` or `Passage`, by `kind`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from vedder_core.cluster import ClusterKind, Dataset, DocKind, Owner, Pair, Thresholds
from vedder_core.profile import Profile
from vedder_core.repair import Repair
from vedder_core.schema import Table
from vedder_core.verdict import Verdict

EntryKind = Literal["cluster", "dataset", "pair", "doc"]
Status = Literal["valid", "drifted", "broken"]


@dataclass(frozen=True)
class ClusterCard:
    """A cluster without its content: enough to route to it and to name its owner."""

    name: str
    title: str
    summary: str
    kind: ClusterKind
    owner: Owner
    thresholds: Thresholds
    datasets: tuple[str, ...]
    pairs: int
    docs: int


@dataclass(frozen=True)
class DatasetCard:
    """A dataset as curated, as the warehouse has it (None: not there), and as profiled.

    `failed_checks` are the expectations that do not hold of the data that the profile is of, one sentence each.
    """

    dataset: Dataset
    table: Table | None
    profile: Profile | None
    failed_checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaughtPair:
    """A pair with its verdict, what its SQL touches, and the values that its parameters may take.

    `datasets` and `columns` (`dataset.column`) are resolved names; `values` maps a parameter to all allowed values
    of its column, in the column's own spelling. `repair` is the proposal for one that is broken or drifted.
    """

    pair: Pair
    verdict: Verdict
    datasets: tuple[str, ...]
    columns: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    repair: Repair | None = None


@dataclass(frozen=True)
class Passage:
    """A passage of the doc `slug`; `datasets` and `columns` (`dataset.column`) are those that it names in backticks."""

    slug: str
    title: str
    kind: DocKind
    part: int
    text: str
    datasets: tuple[str, ...]
    columns: tuple[str, ...]


Payload = ClusterCard | DatasetCard | TaughtPair | Passage
PAYLOADS: Mapping[EntryKind, TypeAdapter[Payload]] = {
    "cluster": TypeAdapter(ClusterCard),
    "dataset": TypeAdapter(DatasetCard),
    "pair": TypeAdapter(TaughtPair),
    "doc": TypeAdapter(Passage),
}


@dataclass(frozen=True)
class Entry:
    """A row: `id` is stable (`<cluster>/<kind>/<place>`), `text` is what is searched and embedded.

    `content_hash` covers everything but the vector, so equal hashes mean that there is nothing to publish.
    """

    id: str
    cluster: str
    kind: EntryKind
    title: str
    text: str
    payload: str
    status: Status
    datasets: tuple[str, ...]

    @property
    def text_hash(self) -> str:
        """Key of the vector: unchanged text is never embedded twice."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def content_hash(self) -> str:
        whole = "\x1f".join((self.id, self.title, self.text, self.payload, self.status, *self.datasets))
        return hashlib.sha256(whole.encode()).hexdigest()

    def carried(self) -> Payload:
        """The frozen value that the payload is the JSON of."""
        return PAYLOADS[self.kind].validate_json(self.payload)
