"""Runs of the graph in this process, on Dagster's own instance, so that they show in its UI."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.noop_compute_log_manager import NoOpComputeLogManager
from dagster_shared.error import SerializableErrorInfo
from filelock import FileLock

from vedder_core.errors import SettingsError, VedderError
from vedder_core.settings import Settings
from vedder_pipelines.assets.tables import table_changed
from vedder_pipelines.assets.warehouse_catalog import catalog_changed
from vedder_pipelines.automation import BUILD, batches, keys_of
from vedder_pipelines.definitions import graph
from vedder_pipelines.inputs import Listing
from vedder_pipelines.observing import CatalogChange
from vedder_pipelines.tidying import tidy_context

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The command line says what happened in its own words; every event is in Dagster's UI."""

Told = Callable[[str], None]
"""Is called with the name of each step that succeeded, e.g. `weather__profiles`."""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one step: the counts of what it did, or why it failed."""

    step: str
    counts: Mapping[str, int]
    failure: str | None = None


@contextmanager
def instance() -> Iterator[dg.DagsterInstance]:
    """Dagster's instance of DAGSTER_HOME; without one, an instance that is forgotten afterwards."""
    home = os.environ.get("DAGSTER_HOME")
    if home and not Path(home).is_dir():
        raise SettingsError(
            f"DAGSTER_HOME names no folder: {home}", hint="Make the folder and copy dagster.yaml into it, or unset it."
        )
    with _kept(home) if home else dg.DagsterInstance.ephemeral() as opened:
        yield opened


def _kept(home: str) -> dg.DagsterInstance:
    """The instance of a folder, but what this process writes stays in the terminal instead of in Dagster's logs."""
    written_nowhere = {"module": NoOpComputeLogManager.__module__, "class": NoOpComputeLogManager.__name__}
    folder = Path(home).resolve()
    # The first to open it makes Dagster's tables, without a lock: two at once would leave them broken for good.
    with FileLock(folder / ".opening.lock"):
        return dg.DagsterInstance.from_ref(
            InstanceRef.from_dir(str(folder), overrides={"compute_logs": written_nowhere})
        )


def report_tables(opened: dg.DagsterInstance, listing: Listing, names: Iterable[str]) -> None:
    """Tell Dagster of changed tables, without a run."""
    for name in names:
        table = listing.catalog.find(name)
        if table is not None:
            opened.report_runless_asset_event(table_changed(table, listing.mark(name)))


def report_catalog(opened: dg.DagsterInstance, change: CatalogChange | None) -> None:
    """Tell Dagster of a changed catalog, without a run."""
    if change is not None:
        opened.report_runless_asset_event(catalog_changed(change))


def build(settings: Settings, clusters: Iterable[str], opened: dg.DagsterInstance, told: Told) -> list[Done]:
    """Build clusters, some in each run, then tidy up. What fails stops neither other clusters nor other runs."""
    definitions = graph(settings)
    job = definitions.resolve_job_def(BUILD)
    done: list[Done] = []
    for batch in batches(clusters):
        run_id = str(uuid4())
        opened.add_event_listener(run_id, lambda entry: _tell(entry, told))
        result = job.execute_in_process(
            QUIET, instance=opened, asset_selection=keys_of(batch), raise_on_error=False, run_id=run_id
        )
        done += [what for event in result.all_events if (what := _done(event)) is not None]
    if all(one.failure is None for one in done):
        definitions.resolve_job_def(tidy_context.name).execute_in_process(QUIET, instance=opened)
    return done


def _tell(entry: dg.EventLogEntry, told: Told) -> None:
    event = entry.dagster_event
    if event is not None and event.is_step_success and event.step_key is not None:
        told(event.step_key)


def _done(event: dg.DagsterEvent) -> Done | None:
    if event.step_key is None:
        return None
    if event.is_step_failure:
        error = event.step_failure_data.error
        return Done(event.step_key, {}, _words(error.cause or error) if error is not None else "It did not say why.")
    if not event.is_step_materialization:
        return None
    metadata = event.materialization.metadata
    counts = {name: value.value or 0 for name, value in metadata.items() if isinstance(value, dg.IntMetadataValue)}
    return Done(event.step_key, counts)


def _words(error: SerializableErrorInfo) -> str:
    """What an error says; of one of ours without the name of its class, which is no one's business here."""
    said = error.message.strip()
    ours = f"{VedderError.__module__}."
    return said.partition(": ")[2].strip() if said.startswith(ours) else said
