"""Parts on a terminal, or piped into a file: the one place that draws with rich.

Text of curators and of the warehouse is never read as markup.
"""

import sys
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from vedder_api.surfaces.layout import Code, Grid, Line, Listing, Part, Tone
from vedder_api.telling import printable

STYLES: dict[Tone, str] = {"plain": "", "good": "green", "warn": "yellow", "quiet": "dim"}
PIPED_WIDTH = 160


def draw(parts: Iterable[Part], to: TextIO | None = None) -> None:
    """Print the parts below each other; without colours where NO_COLOR is set or nobody looks."""
    console = Console(highlight=False, file=to)
    if console.is_terminal:
        _print(parts, console, colours=not console.no_color)
        return
    piped = Console(highlight=False, width=PIPED_WIDTH)
    with piped.capture() as captured:
        _print(parts, piped, colours=False)
    (to or sys.stdout).write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _print(parts: Iterable[Part], console: Console, *, colours: bool) -> None:
    for part in parts:
        console.print(_drawn(part, colours=colours))


def _drawn(part: Part, *, colours: bool) -> RenderableType:
    match part:
        case Line(text, tone, mark):
            style = STYLES[tone]
            if not mark:
                return Text(printable(text), style=style)
            return Text.assemble((printable(mark), f"bold {style}".strip()), " ", printable(text))
        case Code(text, language):
            plain = Text("\n".join(printable(line) for line in text.strip().splitlines()))
            code = Syntax(plain.plain, language, theme="ansi_dark", background_color="default") if colours else plain
            return Padding(code, (0, 0, 0, 2))
        case Grid():
            return _table(part)
        case Listing(title, items):
            return Group(Text(f"{title}:"), *(Padding(Text(f"- {printable(item)}"), (0, 0, 0, 2)) for item in items))


def _table(grid: Grid) -> Table:
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for place, column in enumerate(grid.columns):
        table.add_column(Text(column), justify="right" if place in grid.right else "left", overflow="fold")
    for row in grid.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
