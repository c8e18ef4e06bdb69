"""The nouns that curators write: cluster, dataset, pair, doc. Frozen, with unknown keys forbidden.

How they are read from files, and every check across files, is in `cluster_files`.
"""

import re
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, StringConstraints
from pydantic_core import PydanticCustomError


def _with_unit(value: object) -> object:
    """`26h` and `2d` in ISO 8601. A bare number is refused, because it does not say of what."""
    if isinstance(value, int | float):
        raise PydanticCustomError("time_delta_type", "A length of time needs its unit, e.g. `P1D` or `26h`")
    length = re.fullmatch(r"\s*(\d{1,6})\s*([hd])\s*", value) if isinstance(value, str) else None
    if length is None:
        return value
    return f"PT{length[1]}H" if length[2] == "h" else f"P{length[1]}D"


def _as_day(value: object) -> object:
    """A number is no day (pydantic would count seconds since 1970), and neither is a text of digits alone."""
    if isinstance(value, int | float) or (isinstance(value, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        raise PydanticCustomError("date_type", "A date is written like 2026-03-14")
    return value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ClusterKind = Literal["domain", "initiative", "organization", "ad-hoc"]
DocKind = Literal["term", "gotcha", "definition", "guide"]
Day = Annotated[date, BeforeValidator(_as_day)]
Duration = Annotated[timedelta, BeforeValidator(_with_unit), Field(gt=timedelta(0))]
ParameterType = Literal["integer", "number", "date", "month", "boolean"]


class Written(BaseModel):
    """What comes from a curator's file: immutable, and nothing in it is silently ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Owner(Written):
    """The team that answers for a cluster, and where to reach it (a channel, an address, a page)."""

    team: Name
    contact: Text


class Freshness(Written):
    """The newest value of `column` must not be older than `within` (ISO 8601 duration, e.g. `P1D`, or "26h")."""

    column: Text
    within: Duration


class ColumnNote(Written):
    """What an expert knows about a column that the schema does not say.

    `hidden` columns do not exist for anyone who asks; values of `sensitive` columns are never sampled.
    """

    note: Text | None = None
    use: Literal["prefer", "avoid"] | None = None
    hidden: bool = False
    sensitive: bool = False


class Expectation(Written):
    """A Great Expectations expectation by its own name and arguments."""

    expect: Annotated[str, StringConstraints(pattern=r"^expect_[a-z_]+$")]
    arguments: dict[str, JsonValue] = Field(default_factory=dict)


class Dataset(Written):
    """A warehouse table or view inside a cluster; `name` as the warehouse spells it (`schema.table`)."""

    name: Text
    description: Text
    freshness: Freshness | None = None
    columns: dict[str, ColumnNote] = Field(default_factory=dict)
    expectations: tuple[Expectation, ...] = ()
    deprecated_by: Text | None = None
    min_rows_per_value: int = Field(default=1, ge=1)
    """A common value that fewer rows hold is not kept in the profile: set 10 where rare values identify people."""

    def hidden_columns(self) -> frozenset[str]:
        return frozenset(name for name, note in self.columns.items() if note.hidden)

    def unsampled_columns(self) -> frozenset[str]:
        return frozenset(name for name, note in self.columns.items() if note.hidden or note.sensitive)


class Parameter(Written):
    """A blank in a pair's question and SQL: either one of the values of a column, or a value of a type.

    Exactly one of `values` (`schema.table.column`) and `type` is given. A `default` fills the blank where a
    phrasing leaves it out. Nothing below `minimum` or above `maximum` (of a number or date), and none of the values
    that `without` names, ever fills it: that is how a curator says where the SQL stops being an answer.
    """

    values: Text | None = None
    type: ParameterType | None = None
    default: str | int | float | bool | date | None = None
    minimum: int | float | date | None = None
    maximum: int | float | date | None = None
    without: tuple[Text, ...] = ()


class Pair(Written):
    """A vetted question with its SQL. `{name}` marks a parameter in the question, `:name` in the SQL."""

    slug: Name
    question: Text
    phrasings: tuple[Text, ...] = ()
    parameters: dict[Name, Parameter] = Field(default_factory=dict)
    teaches: Text
    vetted_by: Text
    vetted_on: Day
    sql: Text

    def questions(self) -> tuple[str, ...]:
        return (self.question, *self.phrasings)


class Doc(Written):
    """A term, gotcha, definition or guide in Markdown."""

    slug: Name
    title: Text
    kind: DocKind = "guide"
    body: Text


class Thresholds(Written):
    """Where a cluster's health bands begin, and after how long a pair should be vetted again."""

    healthy: float = Field(default=0.85, ge=0, le=1)
    degraded: float = Field(default=0.6, ge=0, le=1)
    vet_again_after: Duration = timedelta(days=365)


class Watch(Written):
    """What may be done to find pairs that still bind and now mislead; `run_pairs` costs money in some warehouses."""

    run_pairs: bool = True


class Cluster(Written):
    """A domain of the warehouse, curated by a named team."""

    name: Name
    title: Text
    summary: Text
    kind: ClusterKind = "domain"
    owner: Owner
    datasets: tuple[Dataset, ...]
    thresholds: Thresholds = Thresholds()
    watch: Watch = Watch()
    pairs: tuple[Pair, ...] = ()
    docs: tuple[Doc, ...] = ()

    def dataset(self, name: str) -> Dataset | None:
        """The dataset with this name, ignoring case where none has it exactly."""
        alike = [d for d in self.datasets if d.name.casefold() == name.casefold()]
        return next((d for d in alike if d.name == name), alike[0] if alike else None)
