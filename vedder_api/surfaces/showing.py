"""How a command says what it has: text for people, or JSON for programs, the same that the API gives."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from vedder_api.surfaces.layout import Part

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of text for people.")]


def show(value: object, parts: "Iterable[Part]", *, as_json: bool) -> None:
    """Print either."""
    if as_json:
        from vedder_api.cells import as_json as json_of

        sys.stdout.write(json_of(value).decode() + "\n")
        return
    from vedder_api.surfaces.terminal import draw

    draw(parts)
