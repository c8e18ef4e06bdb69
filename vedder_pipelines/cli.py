"""`vedder-pipelines run`: see what changed, build the clusters that it touches, and say what was done."""

import atexit
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vedder_core.catalog_snapshot import write_snapshot
from vedder_core.context.health_history import HealthHistory
from vedder_core.errors import VedderError
from vedder_core.health import Health
from vedder_core.settings import Settings, settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.alerts.message import RANK
from vedder_pipelines.refresh import Outlook, chosen, look, remember_observed

if TYPE_CHECKING:
    from vedder_pipelines.launch import Done

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

SAID = (
    ("profiles", ("profiled",), "table profiled", "tables profiled"),
    ("verdicts", ("judged_again",), "pair judged again", "pairs judged again"),
    ("context", ("inserted", "updated"), "row published", "rows published"),
    ("context", ("deleted",), "row withdrawn", "rows withdrawn"),
    ("verdicts", ("broken",), "pair broken", "pairs broken"),
    ("verdicts", ("drifted",), "pair drifted", "pairs drifted"),
    ("verdicts", ("not_vetted",), "pair changed and not vetted since", "pairs changed and not vetted since"),
    ("verdicts", ("repairs_proposed",), "repair proposed", "repairs proposed"),
)
"""Asset, its counts that are added up, and the words for one and for several."""


@app.callback()
def pipelines() -> None:
    """Builds the context that Vedder answers from: profiles, verdicts, entries, health."""


@app.command()
def run(
    *,
    clusters: Annotated[str, typer.Option(help="Only these clusters: names with commas between them.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Look at every cluster, changed or not.")] = False,
) -> None:
    """Build the clusters whose files or tables changed since they were built last. No UI and no daemon is needed."""
    try:
        named = [name.strip() for name in clusters.split(",") if name.strip()]
        code = _run(settings(), named, everything=everything)
    except VedderError as error:
        errors.print(f"[red]{escape(error.message)}[/red]\n  {escape(error.hint)}")
        code = 1
    raise typer.Exit(code)


@app.command(hidden=True)
def rehearse() -> None:
    """Build the copies that standard input names, a line of JSON each; for trials such as `vedder health backtest`."""
    from vedder_pipelines.rehearsal import rehearse

    try:
        for built in rehearse(sys.stdin, settings()):
            sys.stdout.write(f"{built}\n")
            sys.stdout.flush()
    except VedderError as error:
        errors.print(f"[red]{escape(error.message)}[/red]\n  {escape(error.hint)}")
        raise typer.Exit(1) from error


@app.command()
def snapshot(
    file: Annotated[Path, typer.Argument(help="The file to write, in the place of what it held.")],
) -> None:
    """Write the warehouse's catalog to a file, to be compared with later: `vedder check --against <file>`."""
    try:
        with open_warehouse(settings().warehouse) as warehouse:
            catalog = warehouse.catalog()
        write_snapshot(catalog, file)
    except VedderError as error:
        errors.print(f"[red]{escape(error.message)}[/red]\n  {escape(error.hint)}")
        raise typer.Exit(1) from error
    console.print(escape(f"{len(catalog.tables):,} tables and views are in {file}."))


def main() -> None:
    """The console script. Ends without tearing the interpreter down: DuckDB's bindings would then report what other
    libraries still hold of them, in a hundred lines under the words that were said.
    """
    code: object = 0
    try:
        app()
    except SystemExit as end:
        code = end.code
    atexit._run_exitfuncs()  # temporary folders are removed there
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _run(configured: Settings, named: Sequence[str], *, everything: bool) -> int:
    outlook = look(configured)
    wanted = chosen(outlook, named, everything=everything)
    for problem in outlook.curated.problems:
        errors.print(f"[yellow]{escape(str(problem))}[/yellow]")
    history = HealthHistory(configured.context)
    before = history.latest(wanted) if wanted else {}
    done = _build(configured, outlook, wanted) if wanted or outlook.gone or outlook.changed or outlook.catalog else []
    for line in (*report(outlook, done), *fallen(before, history.latest(wanted) if done else {})):
        console.print(escape(line))
    failed = [one for one in done if one.failure is not None]
    for one in failed:
        errors.print(f"[red]{one.step.replace('__', '/')} failed.[/red] {escape(one.failure or '')}")
    return 1 if failed or outlook.curated.problems else 0


def _build(configured: Settings, outlook: Outlook, wanted: Sequence[str]) -> "list[Done]":
    from vedder_pipelines import launch

    with launch.instance() as opened:
        launch.report_tables(opened, outlook.listing, outlook.changed)
        launch.report_catalog(opened, outlook.catalog)
        remember_observed(configured, outlook)
        with _progress() as bar:
            task = bar.add_task("building", total=len(wanted) * 4)

            def told(step: str) -> None:
                bar.update(task, advance=1, description=step.replace("__", "/"))

            done = launch.build(configured, wanted, opened, told)
    if not os.environ.get("DAGSTER_HOME"):
        errors.print("DAGSTER_HOME is not set, so this run will not show in Dagster's UI.")
    return done


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def report(outlook: Outlook, done: "Iterable[Done]") -> Iterator[str]:
    """What was done to each cluster, and which were left alone."""
    steps: dict[str, dict[str, Done]] = {}
    for one in done:
        cluster, _, place = one.step.rpartition("__")
        if cluster:
            steps.setdefault(cluster, {})[place] = one
    for cluster, places in sorted(steps.items()):
        yield f"{cluster}: {', '.join(_said(places)) or 'nothing changed'}"
    for cluster in outlook.gone:
        yield f"{cluster}: taken out of the context, because its folder is gone"
    waiting = [name for name in outlook.touched if name not in steps]
    if waiting:
        yield f"Changed, but not built by this run: {_listed(waiting)}"
    quiet = [name for name in outlook.curated.clusters if name not in steps and name not in outlook.touched]
    if quiet:
        yield f"Nothing changed: {_listed(quiet)}"


def fallen(before: Mapping[str, Health], after: Mapping[str, Health]) -> Iterator[str]:
    """Every cluster whose health this run found in a worse band than the last one did, with what helps most."""
    for name, now in sorted(after.items()):
        was = before.get(name)
        if was is None or was.band is None or now.band is None or RANK[now.band] <= RANK[was.band]:
            continue
        actions = now.actions()
        helps = f" {actions[0].text}" if actions else ""
        yield f"{name}: health fell from {was.band} ({was.score:.2f}) to {now.band} ({now.score:.2f}).{helps}"


def _said(places: "Mapping[str, Done]") -> Iterator[str]:
    for place, names, one, several in SAID:
        counts = places[place].counts if place in places else {}
        total = sum(counts.get(name, 0) for name in names)
        if total:
            yield f"{total:,} {one if total == 1 else several}"
    failed = [place for place, step in places.items() if step.failure is not None]
    if failed:
        yield f"{' and '.join(failed)} failed"


def _listed(names: Sequence[str], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(sorted(names)[:most]) + more
