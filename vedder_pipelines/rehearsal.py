"""Builds of trial copies, one after the other in one process: `vedder health backtest` asks for them line by line.

A line names folders and URLs as settings do (`clusters`, `warehouse`, `context`, `state`, ...); what is not named is as
in the environment. A copy is built exactly as a real context is, and forgets its runs.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from vedder_core.errors import SettingsError, VedderError
from vedder_core.settings import Settings


class Copy(BaseModel):
    """What to build, and from what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    clusters: Path
    warehouse: str
    context: str
    state: str


class Built(BaseModel):
    """What became of one copy: nothing, or what went wrong in each step that failed."""

    model_config = ConfigDict(frozen=True)

    failures: dict[str, str] = {}


def rehearse(lines: Iterable[str], configured: Settings) -> Iterator[str]:
    """Build each copy as its line comes in, and say what became of it as a line of JSON."""
    for line in lines:
        if line.strip():
            yield _rehearsed(line, configured).model_dump_json()


def _rehearsed(line: str, configured: Settings) -> Built:
    try:
        copy = Copy.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        raise SettingsError(
            f"This names no copy to build: {'.'.join(map(str, first['loc']))}: {first['msg']}",
            hint='A line is {"clusters": ..., "warehouse": ..., "context": ..., "state": ...}.',
        ) from error
    chosen = configured.model_copy(update=dict(copy))
    try:
        return Built(failures=_build(chosen))
    except VedderError as error:
        return Built(failures={"rehearsal": error.message})


def _build(chosen: Settings) -> dict[str, str]:
    import dagster as dg

    from vedder_pipelines import launch
    from vedder_pipelines.refresh import look, remember_observed

    outlook = look(chosen)
    remember_observed(chosen, outlook)
    with dg.DagsterInstance.ephemeral() as forgotten:
        done = launch.build(chosen, list(outlook.curated.clusters), forgotten, lambda _: None)
    return {one.step: one.failure for one in done if one.failure is not None}
