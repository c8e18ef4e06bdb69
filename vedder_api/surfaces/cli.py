"""The command `vedder`: all commands, and those that look after clusters and the API.

Each command opens what it needs, calls one function, and shows what came back. Exit code 0: done; 1: it says what is
wrong and what to do; 2: it was called wrongly. What commands need is imported when they run, so that help is quick.
"""

from collections.abc import Sequence
from typing import Annotated

import typer

from vedder_api.surfaces import cli_asking, cli_checking, cli_clusters, cli_evaluation, cli_health, cli_repairs
from vedder_core.errors import VedderError
from vedder_core.settings import settings

app = typer.Typer(
    name="vedder",
    help="Ask a warehouse through clusters that experts curate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models = typer.Typer(help="The local embedder's weights.", no_args_is_help=True)
app.add_typer(models, name="models")
app.add_typer(cli_clusters.app, name="clusters")
app.add_typer(cli_health.app, name="health")


for command in (cli_asking.ask, cli_asking.conversations, cli_asking.cancel, cli_asking.feedback, cli_asking.replay):
    app.command()(command)
app.command()(cli_checking.check)
app.command()(cli_repairs.repairs)
app.command("eval")(cli_evaluation.evaluate)
app.command()(cli_evaluation.evaluations)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Loopback address to listen on. [default: VEDDER_HOST]")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="[default: VEDDER_PORT]")] = None,
) -> None:
    """Serve the HTTP API; its documentation is at /docs."""
    from vedder_api.surfaces.serving import server

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    try:
        server(settings().model_copy(update=given)).run()
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@models.callback()
def models_commands() -> None:
    """The local embedder's weights."""


@models.command()
def fetch(model: Annotated[str, typer.Argument(help="`minilm` or `gte-small`.")] = "minilm") -> None:
    """Fetch a local embedder's weights, checked by their sha256; what is there already stays."""
    from vedder_core.embedder.weights import fetch_weights

    fetch_weights(model, settings().models, typer.echo)


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the command `vedder`; an error reaches a person as a message and a hint, never as a traceback."""
    try:
        app(arguments)
    except VedderError as error:
        typer.echo(f"{error.message}\n  {error.hint}" if error.hint else error.message, err=True)
        raise SystemExit(1) from error
