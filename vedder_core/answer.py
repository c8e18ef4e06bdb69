"""What comes back for a question: an answer with everything needed to check it, or an honest *not covered*.

Outcomes are matched by type. How a question becomes an outcome is in `vedder_api.ask`.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

from vedder_core.cluster import Owner

Cell = str | int | float | bool | Decimal | date | datetime | time | None
TrustMark = Literal["verified", "grounded", "exploratory"]


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of the context that an answer rests on, as it was when the answer was given."""

    entry: str
    kind: Literal["pair", "doc", "dataset"]
    title: str
    cluster: str
    content_hash: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class NearCluster:
    """A cluster near the question, and who to ask. `score` orders them; it is no probability."""

    name: str
    title: str
    owner: Owner
    score: float


@dataclass(frozen=True, slots=True)
class NearPair:
    """A vetted question that can be answered, near to the one that was asked."""

    cluster: str
    slug: str
    question: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything needed to check or re-run an answer. `parameters` are the values that filled the pair's blanks."""

    context_version: int
    embedder: str
    sql_asked: str
    sql_run: str
    parameters: dict[str, str]
    asked_at: datetime
    milliseconds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` are lists in the order of `columns`; `truncated` says that the warehouse had more."""

    question: str
    text: str
    trust: TrustMark
    cluster: str
    owner: Owner
    vetted_by: str
    vetted_on: date
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    truncated: bool
    sources: tuple[Source, ...]
    receipt: Receipt
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class NotCovered:
    """No answer, and why: nearest clusters with their owners, nearest questions that do have one."""

    question: str
    reason: str
    clusters: tuple[NearCluster, ...]
    pairs: tuple[NearPair, ...]
    context_version: int
    kind: Literal["not_covered"] = "not_covered"


Outcome = Answer | NotCovered
