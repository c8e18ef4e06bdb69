"""`vedder check`: the files of clusters as they are, or against a change of the warehouse that is not made yet."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from vedder_api.surfaces.showing import Json, show
from vedder_core.errors import SettingsError, VedderError
from vedder_core.settings import settings

if TYPE_CHECKING:
    from vedder_api.change_check import Against, ChangeReport

COULD_NOT_JUDGE = 2
HOW_TO_LEAVE_IT_OUT = "Set VEDDER_WAREHOUSE to one that can be read, or check the files alone: --no-warehouse."
Folder = Annotated[Path | None, typer.Argument(help="Folder of cluster files. [default: VEDDER_CLUSTERS]")]
WithWarehouse = Annotated[
    bool | None,
    typer.Option(
        "--warehouse/--no-warehouse",
        help="Compare with the warehouse, and bind the pairs in it; --no-warehouse checks the files alone. [default: "
        "compare, and end with 2 where it cannot be asked]",
        show_default=False,
    ),
]
Source = Annotated[
    Path | None,
    typer.Option(
        "--against",
        help="Tell what a change would break before it is made: a .sql file or folder of DDL, dbt's manifest.json, or "
        "a catalog snapshot. Exit code 1: something breaks; 2: something could not be judged.",
    ),
]
Before = Annotated[
    Path | None, typer.Option(help="How the warehouse is now, in place of the warehouse: any such source.")
]
Scratch = Annotated[
    str | None,
    typer.Option(
        envvar="VEDDER_SCRATCH",
        show_envvar=True,
        help="URL of a PostgreSQL database in which the changed schema is made, judged, and rolled back.",
    ),
]
Whole = Annotated[bool, typer.Option("--whole", help="What the source does not mention is gone.")]
Schemas = Annotated[
    list[str] | None,
    typer.Option("--schema", help="FROM=TO: a schema of dbt's manifest and its name in the warehouse."),
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print a comment for a pull request.")]


def check(
    folder: Folder = None,
    *,
    as_json: Json = False,
    warehouse: WithWarehouse = None,
    against: Source = None,
    before: Before = None,
    scratch: Scratch = None,
    whole: Whole = False,
    schema: Schemas = None,
    markdown: Markdown = False,
) -> None:
    """Check cluster files: all problems of all files, or what a change of the warehouse would break.

    Exit code 0: nothing is wrong; 1: something is; 2: nothing is known to be, but not all could be checked.
    """
    if against is None and (before is not None or markdown or whole or schema):
        raise typer.BadParameter("--before, --whole, --schema and --markdown belong to --against.")
    try:
        clusters = folder or settings().clusters
        if against is None:
            _check_files(clusters, as_json=as_json, warehouse=warehouse)
        from vedder_api.change_check import Against

        change = Against(against, before, scratch, whole, _schemas(schema or []))
        _check_change(clusters, change, as_json=as_json, markdown=markdown, warehouse=warehouse)
    except VedderError as error:
        typer.echo(f"{error.message}\n  {error.hint}" if error.hint else error.message, err=True)
        raise typer.Exit(COULD_NOT_JUDGE) from error


def _check_files(folder: Path, *, as_json: bool, warehouse: bool | None) -> NoReturn:
    from vedder_api.checking import EXIT_CODES, LEFT_OUT, check_folder
    from vedder_api.surfaces.render_check import report_parts, unchecked_line

    report = check_folder(folder, settings(), warehouse=warehouse)
    show(report, report_parts(report), as_json=as_json)
    if report.unchecked not in (None, LEFT_OUT):
        typer.echo(f"{unchecked_line(report)}\n  {HOW_TO_LEAVE_IT_OUT}", err=True)
    raise typer.Exit(EXIT_CODES[report.outcome])


def _check_change(
    folder: Path, change: "Against", *, as_json: bool, markdown: bool, warehouse: bool | None
) -> NoReturn:
    from vedder_api.change_check import EXIT_CODES, check_change

    report = check_change(folder, settings(), change, warehouse=warehouse)
    _show_change(report, as_json=as_json, markdown=markdown)
    raise typer.Exit(EXIT_CODES[report.outcome])


def _schemas(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    if any(not (ours and equal and theirs) for ours, equal, theirs in pairs):
        raise SettingsError("--schema is written FROM=TO.", hint="For example --schema dbt_ci=analytics")
    return {ours: theirs for ours, _, theirs in pairs}


def _show_change(report: "ChangeReport", *, as_json: bool, markdown: bool) -> None:
    from vedder_api.surfaces.render_change import change_parts
    from vedder_api.surfaces.render_change_markdown import change_markdown

    if markdown and not as_json:
        sys.stdout.write(change_markdown(report))
    else:
        show(report, change_parts(report), as_json=as_json)
