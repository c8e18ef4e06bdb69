"""What comes back for a question: an answer with everything needed to check it, or an honest reason why there is none.

Outcomes are matched by type. How a question becomes an outcome is in `vedder_api.ask`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from vedder_core.calibration import Coveredness
from vedder_core.cluster import Owner
from vedder_core.context.entry import Status

Cell = str | int | float | bool | Decimal | date | datetime | time | None
Row = tuple[Cell, ...]
TrustMark = Literal["verified", "grounded", "exploratory"]
Limit = Literal["steps", "tokens", "money", "time", "bytes", "faults", "model", "query"]
"""What a turn ran into: one of its limits, too many unusable replies in a row (faults), no model to be had, or a vetted
pair's own query that was refused or broken off (query).
"""


@dataclass(frozen=True, slots=True)
class Source:
    """An entry of the context that an answer rests on, as it was when the answer was given."""

    entry: str
    kind: Literal["pair", "doc", "dataset"]
    title: str
    cluster: str
    content_hash: str
    excerpt: str
    status: Status = "valid"


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
class AnsweringCluster:
    """A cluster that an answer uses, and who answers for it."""

    name: str
    title: str
    owner: Owner


@dataclass(frozen=True, slots=True)
class Notice:
    """A warning about an answer, found by rule and not by the chat model. `about` is a dataset, or empty."""

    kind: str
    text: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class RanQuery:
    """A query that ran in a turn: `id` is unique there; `asked` is the SQL as written, `ran` what the guard made of it.

    `rows` are lists in the order of `columns`; `truncated` says that the warehouse had more.
    """

    id: str
    asked: str
    ran: str
    datasets: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry of the context that the chat model was shown, by its hash."""

    entry: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class Spent:
    """What a turn took of the chat model. `money` is in the currency of the prices that were set, None without them.

    `context` says of each part of what the model was told at first (`instructions`, `tools`, `clusters`, `pairs`, ...)
    about how many tokens it has. `requests` is how often a server was asked in all, with what failed and was asked
    again: that may be paid for, too, and is in no count of tokens; 0 where it was not counted.
    """

    model: str
    prompt_hash: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    money: float | None
    context: dict[str, int] = field(default_factory=dict)
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything needed to check or re-run an answer. `parameters` are the values that filled the pair's blanks.

    `shown` is every entry that the chat model saw, `spent` what it took; both are empty where no model spoke. `covered`
    is how well the context covers the question, by the calibration of its version; a vetted pair needs none.
    """

    context_version: int
    embedder: str
    sql_asked: str
    sql_run: str
    parameters: dict[str, str]
    asked_at: datetime
    milliseconds: dict[str, float]
    shown: tuple[Shown, ...] = ()
    spent: Spent | None = None
    covered: Coveredness | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """`sql`, `columns`, `rows` and `truncated` are of the query that answers; `further` are the others that it cites.

    `understood` is the question without the conversation around it. `vetted_by` and `vetted_on` stand where a vetted
    pair answers (`verified`); `trust_reason` says why the trust mark is what it is.
    """

    question: str
    understood: str
    text: str
    trust: TrustMark
    trust_reason: str
    clusters: tuple[AnsweringCluster, ...]
    vetted_by: str | None
    vetted_on: date | None
    sql: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool
    further: tuple[RanQuery, ...]
    sources: tuple[Source, ...]
    notices: tuple[Notice, ...]
    receipt: Receipt
    kind: Literal["answer"] = "answer"


@dataclass(frozen=True, slots=True)
class NotCovered:
    """No answer, and why: nearest clusters with their owners, nearest questions that do have one.

    `covered` is how well the nearest cluster covers the question, None where that could not be judged.
    """

    question: str
    understood: str
    reason: str
    clusters: tuple[NearCluster, ...]
    pairs: tuple[NearPair, ...]
    context_version: int
    spent: Spent | None = None
    covered: Coveredness | None = None
    kind: Literal["not_covered"] = "not_covered"


@dataclass(frozen=True, slots=True)
class Clarify:
    """The question can be meant in several ways; `asks` is what to decide, `options` are some of the ways."""

    question: str
    understood: str
    asks: str
    options: tuple[str, ...]
    clusters: tuple[NearCluster, ...]
    context_version: int
    spent: Spent | None = None
    kind: Literal["clarify"] = "clarify"


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Covered perhaps, but not answered: `limit` says what ended it, `tried` which queries ran until then."""

    question: str
    understood: str
    reason: str
    limit: Limit
    tried: tuple[RanQuery, ...]
    clusters: tuple[NearCluster, ...]
    context_version: int
    spent: Spent | None = None
    kind: Literal["gave_up"] = "gave_up"


Outcome = Answer | NotCovered | Clarify | GaveUp
OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Annotated[Outcome, Field(discriminator="kind")])
"""Reads an outcome back from its JSON. Cells come back as JSON has them: dates as text, broken decimals too."""
