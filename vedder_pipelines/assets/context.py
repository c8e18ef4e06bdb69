"""The asset `[<cluster>, context]`: the cluster as the API reads it, published in one commit."""

from collections.abc import Mapping
from datetime import timedelta

import dagster as dg

from vedder_core.problem import Problem
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, problems_table
from vedder_pipelines.drift.watching import drifted
from vedder_pipelines.inputs import Inputs, made_with
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.remembered import (
    DRIFTS,
    EXPECTATIONS,
    PROFILES,
    PUBLICATIONS,
    REPAIRS,
    SEEN,
    VERDICTS,
    Publication,
)
from vedder_pipelines.resources import CONTEXT_POOL, RETRIES, ContextResource, WarehouseResource
from vedder_pipelines.withheld import withheld_of

NIGHTLY = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=36), warn_window=timedelta(hours=26))
"""What the nightly schedule renews is late after one missed night."""


def context_asset(curation: Curation) -> dg.AssetsDefinition:
    """The asset of one cluster."""
    cluster = curation.cluster
    names = [dataset.name for dataset in cluster.datasets]
    slugs = [pair.slug for pair in cluster.pairs]
    check = dg.AssetCheckSpec(
        "files_are_sound",
        asset=curation.key("context"),
        description="Is every file of the cluster published? A file with a problem is left out until it is mended.",
    )

    @dg.multi_asset(
        name=f"{cluster.name}__context",
        specs=[
            curation.spec(
                "context",
                f"{cluster.title} as the API reads it: its card, datasets, pairs and docs, searchable by words and "
                "meaning. Published in one commit, so that a reader sees the old version or the new one; unchanged "
                "rows are left alone and unchanged text is not embedded again.",
                deps=[curation.key("verdicts")],
                kinds={"lancedb"},
                freshness=NIGHTLY,
            )
        ],
        check_specs=[check],
        pool=CONTEXT_POOL,
        retry_policy=RETRIES,
    )
    def published(warehouse: WarehouseResource, store: ContextResource) -> Materialized:
        memory, catalog = store.memory(), warehouse.catalog()
        profiles = PROFILES.recall_in(memory, cluster.name, names)
        judged = VERDICTS.recall_in(memory, cluster.name, slugs)
        checked = EXPECTATIONS.recall_in(memory, cluster.name, names)
        misled = drifted(judged, DRIFTS.recall_in(memory, cluster.name, slugs))
        repairs = REPAIRS.recall_in(memory, cluster.name, slugs)
        own = curation.neighbours.own(cluster, memory, store.catalogs(), catalog)
        entries = entries_of(own, catalog, profiles, judged, checked=checked, repairs=repairs, drifted=misled)
        done = store.writer().publish(cluster.name, entries)
        seen = SEEN.recall(memory, [cluster.name]).get(cluster.name, Inputs("", {}))
        inputs = Inputs(curation.digest, seen.tables, made_with(store.embedder), seen.forbidden)
        PUBLICATIONS.remember(memory, {cluster.name: Publication(done.version, inputs)})
        metadata = {
            "context_version": done.version,
            "entries": len(entries),
            "drifted": len(misled),
            "inserted": done.inserted,
            "updated": done.updated,
            "deleted": done.deleted,
            "unchanged": done.unchanged,
            "embedded": done.embedded,
        }
        return dg.MaterializeResult(
            metadata=metadata, check_results=[_files_are_sound(check, curation, withheld_of(memory, cluster))]
        )

    return published


def _files_are_sound(
    check: dg.AssetCheckSpec, curation: Curation, withheld: Mapping[str, tuple[str, ...]]
) -> dg.AssetCheckResult:
    problems = (*curation.problems, *(_withheld(curation, name) for name, columns in withheld.items() if columns))
    return dg.AssetCheckResult(
        passed=not problems,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"problems": len(problems), "found": problems_table(problems)},
    )


def _withheld(curation: Curation, dataset: str) -> Problem:
    """Without the names: what is hidden is told to nobody, and `vedder check` names the line."""
    return Problem(
        f"{curation.name}/cluster.yaml",
        0,
        f"datasets[{dataset}].columns",
        f"A column of `{dataset}` that is to be hidden is gone. What is new there is hidden, too, until somebody says "
        "what became of it.",
        "Name the column as it is called now, or take it out; `vedder check` says which line.",
    )
