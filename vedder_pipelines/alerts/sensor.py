"""The sensor `band_drops`: tells owners in their own channel that a cluster fell into a worse band, once per drop."""

from datetime import UTC, datetime

import dagster as dg

from vedder_core.settings import Settings
from vedder_pipelines.alerts.channels import channels_of
from vedder_pipelines.alerts.telling import sentences, tell_changes
from vedder_pipelines.resources import ClusterFiles, ContextResource


class OwnersNotTold(Exception):
    """A tick that fails is what a person sees first in Dagster."""


def alerts_of(settings: Settings) -> dg.Definitions:
    """The sensor; the addresses stay in the settings of the process, and are no configuration that Dagster shows."""

    @dg.sensor(
        name="band_drops",
        description="Tells the owner's channel (VEDDER_ALERTS) of every cluster whose health fell into a worse band: "
        "once per drop, with what changed most and what helps most. Asks for no runs.",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def band_drops(context: dg.SensorEvaluationContext, files: ClusterFiles, store: ContextResource) -> dg.SkipReason:
        channels = channels_of(settings)
        if channels is None:
            return dg.SkipReason("Nobody is told: VEDDER_ALERTS is not set.")
        done = tell_changes(files.read().clusters, store.history(), store.memory(), channels, datetime.now(UTC))
        said = [
            sentences("Told", done.told),
            sentences("Tried in vain, will be tried again", done.waiting),
            sentences("No channel for its team and no default in VEDDER_ALERTS", done.unrouted),
        ]
        for line in said[1:]:
            if line:
                context.log.warning(line)
        if done.given_up:
            raise OwnersNotTold(sentences("Given up: the owners were NOT told", done.given_up))
        return dg.SkipReason(" ".join(line for line in said if line) or "No cluster fell into a worse band.")

    return dg.Definitions(sensors=[band_drops])
