"""The whole graph on one page: assets for every cluster, the tables above them, and what starts runs."""

import warnings

import dagster as dg

from vedder_core.settings import Settings, settings
from vedder_core.warehouse.warehouse import dialect_of
from vedder_pipelines.alerts.sensor import alerts_of
from vedder_pipelines.automation import automation_of
from vedder_pipelines.components.clusters import ClustersComponent
from vedder_pipelines.resources import resources_of


@dg.definitions
def vedder() -> dg.Definitions:
    """What Dagster loads; it reads cluster files and settings, and asks no warehouse."""
    return graph(settings())


def graph(chosen: Settings) -> dg.Definitions:
    """The graph under some settings."""
    component = ClustersComponent(folder=str(chosen.clusters), dialect=dialect_of(chosen.warehouse))
    # Dagster warns of beta arguments that it hands to itself.
    warnings.filterwarnings("ignore", category=dg.BetaWarning, module=r"dagster\.")
    return dg.Definitions.merge(
        dg.build_defs_for_component(component),
        automation_of(component.clusters()),
        alerts_of(chosen),
        # A process for each step would import and build everything again; the run queue makes runs parallel.
        dg.Definitions(resources=resources_of(chosen), executor=dg.in_process_executor),
    )
