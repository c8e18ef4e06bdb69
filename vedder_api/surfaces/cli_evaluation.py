"""The commands `vedder eval` and `vedder evaluations`: how well questions with known answers are answered.

Deliberately not here: how they are asked and compared (`vedder_api.evaluation`).
"""

from pathlib import Path
from typing import Annotated

import typer

from vedder_api.surfaces.showing import Json, show
from vedder_api.telling import printable
from vedder_core.evaluation import VARIANTS, Variant
from vedder_core.settings import settings


def evaluate(
    cluster: Annotated[
        list[str] | None, typer.Option(help="Ask this cluster's own pairs; may be given often. [default: all]")
    ] = None,
    *,
    questions: Annotated[
        Path | None, typer.Option(help="Ask the questions of this file of JSON lines instead: question, sql, cluster.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 1,
    baselines: Annotated[
        bool, typer.Option("--baselines/--no-baselines", help="Ask without pairs and with the schemas alone, too.")
    ] = False,
    at_least: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Exit with 1 when `telling`, the share of the same results, is below."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw the stages into this SVG file.")] = None,
    as_json: Json = False,
) -> None:
    """Ask questions with known answers and compare the results; a pair does not teach while it is asked itself."""
    from vedder_api.evaluation.evaluate import evaluate
    from vedder_api.evaluation.golden import QuestionSet, from_file, from_pairs
    from vedder_api.evaluation.plot import specification
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_evaluation import asked_parts, evaluation_parts
    from vedder_core.charts import write_svg
    from vedder_core.evaluation import summary
    from vedder_core.state.evaluations import Evaluations

    variants: tuple[Variant, ...] = VARIANTS if baselines else VARIANTS[:1]
    with Parts(settings()) as parts:
        asker = parts.asker()
        if questions is not None:
            chosen = QuestionSet(questions.name, from_file(questions))
        else:
            chosen = from_pairs(asker.reader.snapshot(), tuple(cluster or ()), dialect=asker.warehouse.dialect)
        kept, found = Evaluations(parts.state()), []
        for one in evaluate(chosen, asker, variants=variants, rounds=rounds, progress=_progress):
            kept.keep((one,))
            found.append(one)
    if plot is not None:
        write_svg(specification(found), plot)
    asked = asked_parts(chosen, from_pairs=questions is None)
    show(found, (*evaluation_parts(found), *asked), as_json=as_json)
    telling = summary(found[0].trials, rounds=rounds).telling or 0.0
    if at_least is not None and telling < at_least:
        told = f"{telling:.1%} came to the same result (those that are empty or 0 aside)"
        typer.echo(f"{told}, and at least {at_least:.1%} are wanted.", err=True)
        raise typer.Exit(1)


def evaluations(
    first: Annotated[str | None, typer.Argument(help="Show this evaluation, by the beginning of its id.")] = None,
    second: Annotated[str | None, typer.Argument(help="Compare it with this later one.")] = None,
    *,
    plot: Annotated[Path | None, typer.Option(help="Draw the stages into this SVG file.")] = None,
    as_json: Json = False,
) -> None:
    """List evaluations, show one, or compare two, of the same context or of different versions."""
    from vedder_api.evaluation.plot import specification
    from vedder_api.parts import Parts
    from vedder_api.surfaces.render_evaluation import comparison_parts, evaluation_parts, list_parts
    from vedder_core.charts import write_svg
    from vedder_core.state.evaluations import Evaluations

    with Parts(settings()) as parts:
        kept = Evaluations(parts.state())
        found = [kept.get(id_) for id_ in (first, second) if id_ is not None] or list(kept.newest())
    if plot is not None and found:
        write_svg(specification(found), plot)
    if first is None:
        drawn = list_parts(found)
    else:
        drawn = comparison_parts(*found) if second is not None else evaluation_parts(found)
    show(found, drawn, as_json=as_json)


def _progress(line: str) -> None:
    typer.echo(printable(line), err=True)
