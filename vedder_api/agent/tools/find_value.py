"""The tool that finds how the data spell a value, from the profiles alone: nothing is queried."""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from pydantic import BaseModel, Field

from vedder_api.agent.showing_columns import columns_of
from vedder_api.agent.showing_values import listed, named, quoted
from vedder_api.agent.tools.finding import datasets_named, echo
from vedder_api.agent.tools.tool import Arguments, Desk, ToolError, ToolResult
from vedder_core.context.entry import DatasetCard
from vedder_core.problem import did_you_mean
from vedder_core.profile import ColumnProfile

MOST = 12
MOST_NAMED = 10
NEAR_ENOUGH = 0.72
SHORTEST_PART = 3
"""Of a text that is looked for inside of values; shorter ones are in everything."""


class FindValueArguments(Arguments):
    """What `find_value` takes."""

    text: str = Field(min_length=1, max_length=200, description="The value as the question says it, e.g. a name.")
    dataset: str = Field("", max_length=200, description="Only in this dataset; where left out, in all open ones.")
    column: str = Field("", max_length=200, description="Only in columns of this name.")


class FindValue:
    """Find how the data spell a value: near values with their columns, whatever the case, accents and typos.

    Use it before you compare a column with a word of the question, and when a query finds no rows. It knows the common
    values of the profiles alone, and says where those are not all. Not for names of columns or for terms: use
    `look_up`. To look for a rare value use `run_sql`.
    """

    name = "find_value"
    arguments: type[BaseModel] = FindValueArguments

    def use(self, given: FindValueArguments, desk: Desk) -> ToolResult:
        columns = tuple(_columns(given, desk))
        if not columns:
            raise _no_columns(given, desk)
        near = sorted(_near(given.text, columns), key=lambda found: (-found.nearness, -found.rows, found.place))
        lines = [
            f"- {quoted(found.value)} in {named(found.place)} ({found.rows:,} row{'s' * (found.rows != 1)})"
            for found in near[:MOST]
        ]
        if len(near) > MOST:
            lines.append(f"- and {len(near) - MOST:,} more that are less near")
        head = "Nearest first:" if lines else f"No known value is near {quoted(given.text)}."
        asked = tuple(column for column in columns if column.is_text or any(map(str.isdigit, given.text)))
        return ToolResult("\n".join([head, *lines, *_gaps(asked)]))


@dataclass(frozen=True, slots=True)
class _Column:
    place: str
    profile: ColumnProfile
    is_text: bool
    is_withheld: bool


@dataclass(frozen=True, slots=True)
class _Found:
    value: str
    place: str
    rows: int
    nearness: float


def _columns(given: FindValueArguments, desk: Desk) -> Iterator[_Column]:
    """The profiled columns to look in, each once."""
    once = {card.dataset.name: card for card in _cards(given, desk)}
    wanted = given.column.strip(" `").casefold().rpartition(".")[2]
    for name, card in once.items():
        for shown in columns_of(card, desk.veil):
            if shown.profile is not None and wanted in ("", shown.column.name.casefold()):
                place = f"{name}.{shown.column.name}"
                yield _Column(place, shown.profile, shown.is_text, shown.withheld is not None)


def _cards(given: FindValueArguments, desk: Desk) -> list[DatasetCard]:
    if given.dataset:
        return [card for _, card in datasets_named(given.dataset, desk)]
    return [card for _, card in desk.opened_datasets()]


def _no_columns(given: FindValueArguments, desk: Desk) -> ToolError:
    cards = _cards(given, desk)
    if not cards:
        return ToolError("No cluster is open.", hint="Use `open_cluster` first.")
    names = {shown.column.name for card in cards for shown in columns_of(card, desk.veil)}
    if not given.column:
        return ToolError("No values of it are known.", hint="Look with `run_sql`.")
    return ToolError(f"There is no column {echo(given.column)} there.", hint=did_you_mean(given.column, names))


def _near(text: str, columns: Iterable[_Column]) -> Iterator[_Found]:
    wanted = folded(text)
    known: dict[str, float] = {}
    for column in columns:
        for common in () if column.is_withheld else column.profile.common_values:
            if common.value not in known:
                known[common.value] = _nearness(wanted, folded(common.value))
            if known[common.value] > 0:
                yield _Found(common.value, column.place, common.rows, known[common.value])


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Without case, accents and doubled blanks."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(mark for mark in apart if not unicodedata.combining(mark)).split())


def _nearness(wanted: str, value: str) -> float:
    """1 where they are the same, 0 where they are not near."""
    if wanted == value:
        return 1.0
    shorter, longer = sorted((wanted, value), key=len)
    if len(shorter) >= SHORTEST_PART and shorter in longer:
        return 0.9
    if 2 * len(shorter) < NEAR_ENOUGH * (len(shorter) + len(longer)):
        return 0.0  # too different in length; said before a matcher is made, which indexes the value
    matcher = difflib.SequenceMatcher(a=wanted, b=value, autojunk=False)
    if matcher.quick_ratio() < NEAR_ENOUGH:
        return 0.0
    ratio = matcher.ratio()
    return min(ratio, 0.89) if ratio >= NEAR_ENOUGH else 0.0


def _gaps(columns: Iterable[_Column]) -> Iterator[str]:
    """In which columns a value can be although it was not found."""
    partly = tuple(c.place for c in columns if not c.is_withheld and not c.profile.complete)
    withheld = tuple(c.place for c in columns if c.is_withheld)
    if partly:
        yield f"Not all values are known of {listed(partly, MOST_NAMED)}: others can be there."
    if withheld:
        yield f"Values are withheld of {listed(withheld, MOST_NAMED)}."
