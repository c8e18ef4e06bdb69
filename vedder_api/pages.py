"""The pages of clusters as nouns: what people may see. How they are made from the context is in `overview`."""

from dataclasses import dataclass
from datetime import date, datetime

from vedder_core.cluster import ClusterKind, DocKind, Owner, Parameter
from vedder_core.context.entry import Status
from vedder_core.health import Band, Health
from vedder_core.profile import CommonValue, Figure, Partitions, Value
from vedder_core.repair import Repair
from vedder_core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """A cluster in the list. `score` and `band` are those of its latest health, None before the first."""

    name: str
    title: str
    summary: str
    kind: ClusterKind
    owner: Owner
    datasets: int
    pairs: int
    broken_pairs: int
    drifted_pairs: int
    docs: int
    score: float | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class ClusterList:
    """All clusters of one version of the context, by name."""

    context_version: int
    clusters: tuple[ClusterLine, ...]


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column as the warehouse has it, what an expert says of it, and what its profile found."""

    name: str
    type: str
    note: str | None
    use: str | None
    nulls: Figure | None
    distinct: Figure | None
    minimum: Value
    maximum: Value
    common_values: tuple[CommonValue, ...]
    withheld: str | None


@dataclass(frozen=True, slots=True)
class DatasetSummary:
    """A dataset. `missing` says that the warehouse no longer has it."""

    name: str
    description: str
    missing: bool
    deprecated_by: str | None
    rows: Figure | None
    partitions: Partitions | None
    profiled_at: datetime | None
    columns: tuple[ColumnSummary, ...]


@dataclass(frozen=True, slots=True)
class PairSummary:
    """A vetted question with its SQL, and whether it may teach; `verdict` says why not, `repair` what would mend it."""

    slug: str
    question: str
    phrasings: tuple[str, ...]
    parameters: dict[str, Parameter]
    status: Status
    verdict: Verdict
    teaches: str
    vetted_by: str
    vetted_on: date
    sql: str
    datasets: tuple[str, ...]
    columns: tuple[str, ...]
    repair: Repair | None = None


@dataclass(frozen=True, slots=True)
class DocSummary:
    """A doc with its whole text."""

    slug: str
    title: str
    kind: DocKind
    text: str
    datasets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClusterPage:
    """Everything that is taught in one cluster."""

    context_version: int
    name: str
    title: str
    summary: str
    kind: ClusterKind
    owner: Owner
    datasets: tuple[DatasetSummary, ...]
    pairs: tuple[PairSummary, ...]
    docs: tuple[DocSummary, ...]
    health: Health | None


@dataclass(frozen=True, slots=True)
class HealthPoint:
    """One moment of a cluster's health."""

    measured_at: datetime
    score: float | None
    band: Band | None


@dataclass(frozen=True, slots=True)
class HealthPage:
    """A cluster's latest health with readings and actions, and its course; `latest` is None before the first."""

    cluster: str
    owner: Owner
    latest: Health | None
    history: tuple[HealthPoint, ...]
