"""What a person gets to see of an outcome, as parts that every surface shows in its own way.

The same outcome is the same parts on all of them. Deliberately not here: colours, HTML, Slack's blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from vedder_api.telling import amounts, printable, shown_row
from vedder_core.answer import Answer, NotCovered, Outcome, Receipt, Source

Tone = Literal["plain", "good", "warn", "quiet"]
MOST_ROWS = 50
"""More rows than these are for a program to read."""


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


def outcome_parts(outcome: Outcome) -> tuple[Part, ...]:
    """An outcome in the order of reading: what it says, why it can be trusted, what it rests on, how to check it."""
    match outcome:
        case Answer():
            return _answer(outcome)
        case NotCovered():
            return _not_covered(outcome)


def _answer(answer: Answer) -> tuple[Part, ...]:
    vetted = f"vetted by {answer.vetted_by} on {answer.vetted_on:%Y-%m-%d}; {answer.cluster}, {answer.owner.team}"
    grid = () if _is_told(answer) else _grid(answer)
    return (
        Line(answer.text),
        *grid,
        Line(f"{vetted} ({answer.owner.contact})", "good", f"{answer.trust}:"),
        Code(answer.sql),
        Listing("Rests on", tuple(_source(source) for source in answer.sources)),
        Line(_receipt(answer.receipt), "quiet"),
    )


def _is_told(answer: Answer) -> bool:
    """Does the text already say the whole result?"""
    return not answer.rows or (len(answer.rows) == 1 and not answer.truncated)


def _grid(answer: Answer) -> tuple[Part, ...]:
    counted = amounts(answer.columns, answer.rows)
    rows = tuple(shown_row(row, counted) for row in answer.rows[:MOST_ROWS])
    grid = Grid(tuple(printable(column) for column in answer.columns), rows, counted)
    left = len(answer.rows) - len(rows)
    return (grid, Line(f"… and {left:,} more rows.", "quiet")) if left else (grid,)


def _source(source: Source) -> str:
    return f"{source.kind} {source.entry}, “{source.title}”: {source.excerpt}"


def _receipt(receipt: Receipt) -> str:
    filled = ", ".join(f"{name} = {value}" for name, value in receipt.parameters.items())
    spent = ", ".join(f"{name} {milliseconds:.0f} ms" for name, milliseconds in receipt.milliseconds.items())
    parts = (f"context {receipt.context_version}", f"embedder {receipt.embedder}", filled, spent)
    return f"Receipt: {'; '.join(part for part in parts if part)}"


def _not_covered(declined: NotCovered) -> tuple[Part, ...]:
    near = tuple(f"{c.title} ({c.name}): {c.owner.team}, {c.owner.contact}" for c in declined.clusters)
    questions = tuple(f"{pair.question} ({pair.cluster}/{pair.slug})" for pair in declined.pairs)
    return (
        Line(declined.reason, "warn", "Not covered."),
        *_listing("Who may know", near),
        *_listing("Vetted questions near it", questions),
        Line(f"Context {declined.context_version}", "quiet"),
    )


def _listing(title: str, items: Sequence[str]) -> tuple[Part, ...]:
    return (Listing(title, tuple(items)),) if items else ()
