"""The few kinds of parts that everything shown is made of; each surface draws them in its own way.

Deliberately not here: what is shown (`render` and its siblings), colours, HTML, Slack's blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "good", "warn", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `mark` is the few words before it that carry the tone."""

    text: str
    tone: Tone = "plain"
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A text in a language, to be shown as written."""

    text: str
    language: str = "sql"


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows under their columns; `right` are the numbers of columns that hold amounts."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """A few items under a title."""

    title: str
    items: tuple[str, ...]


Part = Line | Code | Grid | Listing


def listing(title: str, items: Sequence[str]) -> tuple[Part, ...]:
    """The items under their title; nothing where there are none."""
    return (Listing(title, tuple(items)),) if items else ()


def lines(text: str, tone: Tone = "plain", *, mark: str = "") -> tuple[Part, ...]:
    """A text of several lines, each for itself; the mark stands before the first."""
    first, *others = text.strip().splitlines() or [""]
    return (Line(first, tone, mark), *(Line(other, tone) for other in others))


def counted(count: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
