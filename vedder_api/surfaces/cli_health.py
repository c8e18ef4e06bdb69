"""The command `vedder health`: how sound clusters are, and whether that predicts what goes wrong.

Deliberately not here: measuring (the pipelines do), and damaging copies (`vedder_api.backtest`).
"""

from pathlib import Path
from typing import Annotated

import typer

from vedder_api.surfaces.name_or_command import SHOW, NameOrCommand
from vedder_api.surfaces.showing import Json, show
from vedder_api.telling import printable
from vedder_core.settings import settings

app = typer.Typer(cls=NameOrCommand, help="Show the health of all clusters, the worst first, or of one by its name.")


@app.command(SHOW)
def health(
    name: Annotated[str | None, typer.Argument(help="Show this cluster's readings.")] = None, *, as_json: Json = False
) -> None:
    """Show the health of all clusters, the worst first, or of one with evidence and actions."""
    from vedder_api.asked_in import questions_of
    from vedder_api.overview import health_list, health_page
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_clusters import health_list_parts, health_parts

    with Parts(settings()) as parts:
        snapshot = parts.shelf().snapshot()
        if name is None:
            latest = health_list(snapshot, parts.healths)
            show(latest, health_list_parts(latest), as_json=as_json)
        else:
            page = health_page(snapshot, parts.healths, name)
            show(page, health_parts(page, questions_of(page.latest, settings().state)), as_json=as_json)


@app.command()
def backtest(
    *,
    rows: Annotated[int, typer.Option(min=100, help="Copy at most so many rows of each dataset.")] = 100_000,
    questions: Annotated[int, typer.Option(min=1, help="Ask at most so many of each cluster, in each wording.")] = 50,
    share: Annotated[
        list[float] | None, typer.Option(min=0.01, max=1, help="Damage this share; may be given often.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where the copies are made; it is emptied first.")] = Path(
        "build/backtest"
    ),
    plot: Annotated[Path | None, typer.Option(help="Draw scores against failed questions into this SVG file.")] = None,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit with 1 when the AUC is below, or a score rose with damage.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Damage copies of the context in known ways: does the score before predict the questions that fail after?"""
    from vedder_api.backtest.backtest import SHARES, backtest
    from vedder_api.backtest.copies import Workshop
    from vedder_api.backtest.findings import findings
    from vedder_api.backtest.plot import specification
    from vedder_api.surfaces.render_backtest import findings_parts
    from vedder_core.charts import write_svg

    observed = backtest(
        Workshop(folder.absolute(), settings()),
        rows=rows,
        questions=questions,
        shares=tuple(share or SHARES),
        progress=lambda line: typer.echo(printable(line), err=True),
    )
    found = findings(tuple(observed))
    if plot is not None:
        write_svg(specification(found), plot)
    show(found, findings_parts(found), as_json=as_json)
    if at_least is not None and (found.whole.rises or found.whole.auc is None or found.whole.auc < at_least):
        raise typer.Exit(1)
