"""`vedder repairs`: what the pipelines propose for broken and drifted pairs, to read and to apply by hand."""

import sys
from typing import Annotated

import typer

from vedder_api.surfaces.showing import Json, show
from vedder_core.settings import settings

Place = Annotated[str, typer.Argument(help="A cluster, or a pair of it: `weather` or `weather/rain`.")]
Diff = Annotated[bool, typer.Option("--diff", help="Print one patch: ... | git apply --directory=<clusters folder>")]


def repairs(place: Place = "", *, diff: Diff = False, as_json: Json = False) -> None:
    """Show the repairs that are proposed for broken and drifted pairs. Nothing is ever applied by itself."""
    if diff and as_json:
        raise typer.BadParameter("--diff is a patch; --json has every difference in it. Give one of them.")
    from vedder_api.parts import Parts
    from vedder_api.repairs import patch, repair_list
    from vedder_api.surfaces.render_repairs import repair_parts

    with Parts(settings()) as parts:
        listed = repair_list(parts.shelf().snapshot(), place)
    if diff:
        sys.stdout.buffer.write(patch(listed.repairs).encode())  # bytes: line ends of the files stay as they are
        return
    show(listed, repair_parts(listed), as_json=as_json)
