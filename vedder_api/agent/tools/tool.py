"""What a tool of the agent is, and the desk that tools work at. The tuple of all tools is in `tools.all`.

A tool looks and answers, and changes nothing: what it brings is a `ToolResult`, which the loop writes to the journal
and then lays on the desk. So a turn that goes on after a crash lays the written results on a new desk, and asks nothing
twice.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from threading import Event
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from vedder_api.agent.showing_veil import Veil, veil_of
from vedder_api.agent.taught import content_of
from vedder_api.cells import as_json
from vedder_core.answer import RanQuery
from vedder_core.calibration import Coveredness
from vedder_core.context.entry import DatasetCard, Entry
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import VedderError
from vedder_core.schema import Table
from vedder_core.sql.guard import Granted
from vedder_core.warehouse.warehouse import Limits, Warehouse


class ToolError(VedderError):
    """What a tool was asked for cannot be done, and the model can do something about it: it reads message and hint.

    Any other exception of a tool is no business of the model and ends the turn.
    """


class Arguments(BaseModel):
    """What a model gives a tool; the fields' descriptions are what it is told of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Finish:
    """The model's answer: its words, and the ids of the queries that it rests on, the one that answers first."""

    text: str
    queries: tuple[str, ...]
    kind: Literal["finish"] = "finish"


@dataclass(frozen=True, slots=True)
class AskBack:
    """The model wants to know what is meant."""

    asks: str
    options: tuple[str, ...]
    kind: Literal["ask_back"] = "ask_back"


@dataclass(frozen=True, slots=True)
class Decline:
    """The model finds that no cluster covers the question."""

    reason: str
    kind: Literal["decline"] = "decline"


Ending = Finish | AskBack | Decline


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool brings: a text for the model, and what it adds to the desk.

    `opened` are names of clusters, `shown` ids of entries whose content the text tells.
    """

    text: str
    opened: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    query: RanQuery | None = None
    ending: Ending | None = None


TOOL_RESULT: TypeAdapter[ToolResult] = TypeAdapter(ToolResult)
"""Reads a result back from its JSON in the journal."""


LookedAt = Callable[[Collection[str]], datetime | None]


def never(clusters: Collection[str]) -> None:
    """Nobody knows when."""


@dataclass
class Desk:
    """What lies before the agent in one turn: one version of the context, and what it has opened, seen and run."""

    question: str
    snapshot: Snapshot
    search: Search
    warehouse: Warehouse
    limits: Limits
    opened: set[str] = field(default_factory=set)
    shown: dict[str, Entry] = field(default_factory=dict)
    queries: dict[str, RanQuery] = field(default_factory=dict)
    bytes_left: int = 32_000_000
    """Of what all queries of the turn together may return."""

    seconds_left: Callable[[], float] = lambda: inf
    """Of the turn's wall time: no query may take longer."""
    stop: Event | None = None
    """Set once nobody wants the answer any more: queries end then."""

    looked_at: LookedAt = never
    """When the pipelines last compared these clusters with the warehouse."""

    covered: Coveredness | None = None
    """How well the context covers the question, where that was judged."""

    @property
    def veil(self) -> Veil:
        """What no text of this turn may tell."""
        return veil_of(self.snapshot)

    def granted(self) -> Granted:
        """What SQL may read: the datasets of the clusters that were opened.

        A column that any cluster hides is hidden, also where another cluster lists the same dataset.
        """
        tables: dict[str, Table] = {}
        for _, card in self.opened_datasets():
            if card.table is not None:
                tables[card.table.name] = card.table
        return Granted(tables, {name: self.veil.hidden_of(name) for name in tables})

    def opened_datasets(self) -> tuple[tuple[Entry, DatasetCard], ...]:
        """The datasets of the clusters that were opened; one that two of them list stands here twice."""
        opened = sorted(self.opened)
        entries = self.snapshot.entries(kinds=("dataset",), clusters=opened) if opened else ()
        cards = ((entry, content_of(entry)) for entry in entries)
        return tuple((entry, card) for entry, card in cards if isinstance(card, DatasetCard))

    def lay(self, result: ToolResult) -> None:
        """Take in what a tool brought, now or before a crash."""
        self.opened.update(result.opened)
        for entry in self.snapshot.get([id_ for id_ in result.shown if id_ not in self.shown]):
            self.shown[entry.id] = entry
        if result.query is not None:
            self.queries[result.query.id] = result.query
            self.bytes_left -= len(as_json(result.query.rows))


Given = TypeVar("Given", bound=Arguments, contravariant=True)


class Tool(Protocol[Given]):
    """One thing that the agent can do. `name` is what the model calls; the class's docstring is its guide, in Markdown,
    and says when to use it and when not.
    """

    name: str
    arguments: type[BaseModel]

    def use(self, given: Given, desk: Desk) -> ToolResult:
        """Raises ToolError for what the model can mend."""
        ...
