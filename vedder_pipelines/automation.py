"""What starts runs by itself: changed tables, changed cluster files, and the night.

The sensors request runs of exactly the touched clusters. A declarative AutomationConditionSensor would cost 9 to 11
CPU seconds for every idle tick at 177 clusters of 20 tables; a look at one listing costs a fraction of one.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition as AssetJob

from vedder_core.cluster import Cluster
from vedder_core.context.memory import Memory
from vedder_pipelines.assets.calibration import CALIBRATION
from vedder_pipelines.assets.overview import OVERVIEW
from vedder_pipelines.assets.tables import table_changed
from vedder_pipelines.assets.warehouse_catalog import catalog_changed
from vedder_pipelines.curated import Curated
from vedder_pipelines.inputs import Built, Inputs, changed_tables, inputs_of, list_tables, touched
from vedder_pipelines.neighbours import Neighbours
from vedder_pipelines.observing import CatalogChange, observe, remember_catalog
from vedder_pipelines.remembered import BUILT, OBSERVED
from vedder_pipelines.resources import ClusterFiles, ContextResource, WarehouseResource
from vedder_pipelines.tidying import tidy_context

PLACES = ("profiles", "verdicts", "context", "health")
BUILD = "build_clusters"
CLUSTERS_A_RUN = 20
"""A run pays once for its process and the graph; yet one bad cluster should not hold up all the others."""
EVENTS_A_TICK = 500
"""3,540 events in a first tick cost 13 CPU seconds, and a tick has 60 seconds; the rest follows in the next ticks."""


def keys_of(clusters: Iterable[str]) -> list[dg.AssetKey]:
    """The assets of some clusters, and what is over all of them: their calibration and their page."""
    return [*(dg.AssetKey([cluster, place]) for cluster in clusters for place in PLACES), CALIBRATION, OVERVIEW]


def batches(clusters: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The clusters of one run each."""
    remaining = iter(clusters)
    while batch := tuple(islice(remaining, CLUSTERS_A_RUN)):
        yield batch


def automation_of(clusters: Sequence[str]) -> dg.Definitions:
    """The jobs, sensors and schedules over the clusters that the graph has."""
    build = dg.define_asset_job(
        BUILD,
        selection=dg.AssetSelection.assets(*keys_of(clusters)),
        description="Builds clusters: profiles, verdicts, context, health. Only what changed is done again.",
    )
    return dg.Definitions(
        jobs=[build, tidy_context],
        sensors=[_warehouse_changes(build, clusters), _cluster_file_changes(build, clusters)],
        schedules=[
            _nightly(build, clusters),
            dg.ScheduleDefinition(
                name="nightly_tidying",
                job=tidy_context,
                cron_schedule="30 4 * * *",
                default_status=dg.DefaultScheduleStatus.RUNNING,
            ),
        ],
    )


def _warehouse_changes(build: AssetJob, clusters: Sequence[str]) -> dg.SensorDefinition:
    @dg.sensor(
        name="warehouse_changes",
        description="Looks at the warehouse's catalog, reports changed tables as events with their columns and row "
        "counts, and requests runs of the clusters that list them.",
        job=build,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def tick(
        context: dg.SensorEvaluationContext, files: ClusterFiles, warehouse: WarehouseResource, store: ContextResource
    ) -> dg.SensorResult:
        curated, memory = files.read(), store.memory()
        listing = list_tables(curated.loaded, warehouse.catalog(), warehouse.opened())
        told = [catalog_changed(change)] if (change := observe_catalog(curated.loaded, warehouse, store)) else []
        built = BUILT.recall(memory)
        seen = _seen(listing.marks, built)
        if context.cursor == seen:
            said = "" if not told else " The catalog did: see `warehouse_catalog`."
            return dg.SensorResult(
                asset_events=told, skip_reason=f"None of {len(listing.marks)} tables changed.{said}", cursor=seen
            )
        changed = changed_tables(listing, OBSERVED.recall(memory))
        reported = changed[:EVENTS_A_TICK]
        OBSERVED.remember(memory, {table.name.casefold(): listing.mark(table.name) for table in reported})
        known = [name for name in clusters if name in curated.clusters]
        forbidden = _forbidden(curated, known, memory)
        now = {
            name: inputs_of(
                curated.clusters[name],
                curated.digests[name],
                listing,
                embedder=store.embedder,
                forbidden=forbidden[name],
            )
            for name in known
        }
        requests = _requests({name: now[name].tables for name in touched(now, built)}, built)
        return dg.SensorResult(
            asset_events=[*told, *(table_changed(table, listing.mark(table.name)) for table in reported)],
            run_requests=requests,
            skip_reason=None
            if requests
            else f"{len(reported)} tables told; every cluster is built from what is there.",
            # Until all changes are reported the cursor stays where it is, and the next tick goes on.
            cursor=seen if len(reported) == len(changed) else context.cursor,
        )

    return tick


def observe_catalog(
    clusters: Iterable[Cluster], warehouse: WarehouseResource, store: ContextResource
) -> CatalogChange | None:
    """What changed in the whole catalog since it was last reported; from now on it counts as reported."""
    change = observe(store.memory(), store.catalogs(), warehouse.catalog(), clusters)
    if change is not None:
        remember_catalog(store.memory(), store.catalogs(), change.catalog)
    return change


def _cluster_file_changes(build: AssetJob, clusters: Sequence[str]) -> dg.SensorDefinition:
    @dg.sensor(
        name="cluster_file_changes",
        description="Looks at the cluster files, requests runs of the clusters whose files changed, or of whose "
        "datasets other files now forbid to tell something, and says which folders are new or gone.",
        jobs=[build, tidy_context],
        minimum_interval_seconds=30,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def tick(context: dg.SensorEvaluationContext, files: ClusterFiles, store: ContextResource) -> dg.SensorResult:
        curated = files.read()
        memory = store.memory()
        built = BUILT.recall(memory)
        seen = _seen(curated.digests, built)
        if context.cursor == seen:
            return dg.SensorResult(skip_reason=f"No file of {len(curated.digests)} clusters changed.")
        known = [name for name in clusters if name in curated.clusters]
        forbidden = _forbidden(curated, known, memory)
        now = {name: (curated.digests[name], forbidden[name]) for name in known}
        changed = [n for n in known if n not in built or _of_files(built[n].inputs) != now[n]]
        requests = _requests({name: now[name] for name in changed}, built)
        gone = sorted({*built, *clusters} - set(curated.digests))
        if gone and curated.digests:
            requests.append(dg.RunRequest(run_key=f"tidy-{seen}", job_name=tidy_context.name))
        said = " ".join(_news(clusters, curated.digests, curated.clusters, gone))
        if said:
            context.log.warning(said)
        skip = None if requests else said or "The changed files are built already."
        return dg.SensorResult(run_requests=requests, skip_reason=skip, cursor=seen)

    return tick


def _forbidden(curated: Curated, clusters: Iterable[str], memory: Memory) -> dict[str, str]:
    """By cluster, the mark of what others forbid to tell of its datasets."""
    neighbours = Neighbours.among(curated)
    return {name: neighbours.mark(curated.clusters[name], memory) for name in clusters}


def _of_files(inputs: Inputs) -> tuple[str, str]:
    return inputs.files, inputs.forbidden


def _news(
    defined: Iterable[str], folders: Iterable[str], readable: Iterable[str], gone: Iterable[str]
) -> Iterator[str]:
    """What the person at the UI should know of, one sentence each."""
    for name in sorted(set(readable) - set(defined)):
        yield f"`{name}` is new: reload the code location, or run `vedder-pipelines run --clusters {name}`."
    for name in sorted(set(folders) - set(readable)):
        yield f"`{name}` cannot be read (see `vedder check`): what was published of it before stays."
    for name in gone:
        yield f"`{name}` has no folder any more: it is taken out of the context. Reload the code location."


def _nightly(build: AssetJob, clusters: Sequence[str]) -> dg.ScheduleDefinition:
    @dg.schedule(
        name="nightly",
        description="Builds all clusters: freshness and curation age change with time alone, and what a failed run "
        "left behind is made up for.",
        job=build,
        cron_schedule="0 3 * * *",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
    def tick(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        night = context.scheduled_execution_time.isoformat()
        return [
            dg.RunRequest(run_key=f"{night}-{number}", asset_selection=keys_of(batch))
            for number, batch in enumerate(batches(clusters))
        ]

    return tick


def _requests(wanted: Mapping[str, object], built: Mapping[str, Built]) -> list[dg.RunRequest]:
    """Runs that build these clusters. The key says what from, and what was there before: no tick asks twice for the
    same, and a change that is undone and made again is still built again."""
    return [
        dg.RunRequest(
            run_key=_digest({n: [wanted[n], built[n].at.isoformat() if n in built else ""] for n in batch}),
            job_name=BUILD,
            asset_selection=keys_of(batch),
        )
        for batch in batches(wanted)
    ]


def _seen(state: Mapping[str, str], built: Mapping[str, Built]) -> str:
    """What a tick saw. What was built is part of it: a change that another program built and that was then undone
    leaves the state as the last tick saw it, and yet there is something to do."""
    return _digest([dict(state), {name: one.at.isoformat() for name, one in built.items()}])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
