"""The asset `all_clusters_health`: one page over all clusters, the weakest first.

Its key has one part, so that no cluster's name can ever collide with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

import dagster as dg

from vedder_core.health import Band, Health
from vedder_pipelines.assets.cluster_asset import Cell, Curation, Materialized, problems_table, table
from vedder_pipelines.assets.health import gained
from vedder_pipelines.resources import CONTEXT_POOL, RETRIES, ClusterFiles, ContextResource

OVERVIEW = dg.AssetKey(["all_clusters_health"])


def overview_asset(curations: Sequence[Curation]) -> dg.AssetsDefinition:
    """The one asset over all clusters of the graph."""
    check = dg.AssetCheckSpec(
        "files_are_sound",
        asset=OVERVIEW,
        description="Could every folder of clusters be read? One that cannot is no cluster of this graph.",
    )

    @dg.multi_asset(
        name="all_clusters_health",
        specs=[
            dg.AssetSpec(
                OVERVIEW,
                deps=[curation.key("health") for curation in curations],
                description="The health of all clusters on one page, the weakest first, with what to do next.",
                group_name="all_clusters",
                kinds={"python"},
            )
        ],
        check_specs=[check],
        pool=CONTEXT_POOL,
        retry_policy=RETRIES,
    )
    def overview(files: ClusterFiles, store: ContextResource) -> Materialized:
        owners = {curation.name: curation.cluster.owner.team for curation in curations}
        latest = store.history().latest()
        rows = sorted(_rows(owners, latest), key=lambda row: (row[1] is not None, row[1] or 0.0, row[0]))
        unread = files.read().problems_elsewhere()
        bands = {band: dg.MetadataValue.int(sum(row[2] == band for row in rows)) for band in get_args(Band)}
        page: dict[str, dg.MetadataValue] = {"page": dg.MetadataValue.md(_page(rows)), "health": table(COLUMNS, rows)}
        result = dg.AssetCheckResult(
            passed=not unread,
            asset_key=check.asset_key,
            check_name=check.name,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"problems": len(unread), "found": problems_table(unread)},
        )
        return dg.MaterializeResult(metadata={**page, **bands}, check_results=[result])

    return overview


COLUMNS = {
    "cluster": "string",
    "score": "float",
    "band": "string",
    "owner": "string",
    "measured": "string",
    "next": "string",
}


def _rows(owners: Mapping[str, str], latest: Mapping[str, Health]) -> Iterable[tuple[Cell, ...]]:
    for name, owner in owners.items():
        health = latest.get(name)
        if health is None:
            yield name, None, "not measured", owner, "", "Run the pipeline."
            continue
        actions = health.actions()
        more = f" (and {len(actions) - 1} more)" if len(actions) > 1 else ""
        measured = f"{health.measured_at:%Y-%m-%d %H:%M}"
        yield (
            name,
            health.score,
            health.band or "not measured",
            owner,
            measured,
            f"{gained(actions[0])}{more}" if actions else "",
        )


def _page(rows: Iterable[tuple[Cell, ...]]) -> str:
    """The rows as a Markdown table: Dagster shows it as a page."""
    lines = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS)]
    for row in rows:
        cells = (f"{cell:.2f}" if isinstance(cell, float) else str(cell or "").replace("|", "\\|") for cell in row)
        lines.append(" | ".join(cells))
    return "\n".join(f"| {line} |" for line in lines)
