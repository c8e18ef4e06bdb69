"""The command `vedder clusters`: what is taught, by whom, and whether a new cluster's domain is covered already.

Deliberately not here: comparing (`vedder_core.overlap`).
"""

from pathlib import Path
from typing import Annotated

import typer

from vedder_api.surfaces.name_or_command import SHOW, NameOrCommand
from vedder_api.surfaces.showing import Json, show
from vedder_core.settings import settings

app = typer.Typer(cls=NameOrCommand, help="List the clusters of the context, or show one by its name.")


@app.command(SHOW)
def clusters(
    name: Annotated[str | None, typer.Argument(help="Show this cluster in full.")] = None, *, as_json: Json = False
) -> None:
    """List the clusters of the context, or show one."""
    from vedder_api.overview import cluster_list, cluster_page
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_clusters import list_parts, page_parts

    with Parts(settings()) as parts:
        snapshot = parts.shelf().snapshot()
        if name is None:
            listed = cluster_list(snapshot, parts.healths)
            show(listed, list_parts(listed), as_json=as_json)
        else:
            page = cluster_page(snapshot, parts.healths, name)
            show(page, page_parts(page), as_json=as_json)


@app.command()
def overlap(
    folder: Annotated[Path, typer.Argument(help="A cluster's folder, or a folder of them.")],
    *,
    as_json: Json = False,
) -> None:
    """Tell which clusters of the context cover what a new cluster is about. No warehouse is needed.

    Exit code 1: something contradicts another cluster, or half of it and more is covered already.
    """
    from vedder_api.covered import covered
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_covered import covered_parts

    with Parts(settings()) as parts:
        found = covered(folder, parts)
        show(found, covered_parts(found), as_json=as_json)
    raise typer.Exit(1 if any(one.conflicts or one.is_covered for one in found) else 0)
