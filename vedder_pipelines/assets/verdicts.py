"""The asset `[<cluster>, verdicts]`: may each pair teach? And its check, which fails for pairs that may not."""

from collections.abc import Iterable

import dagster as dg

from vedder_core.cluster import Cluster
from vedder_core.verdict import Broken
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, table
from vedder_pipelines.remembered import VERDICTS
from vedder_pipelines.resources import RETRIES, WAREHOUSE_POOL, ContextResource, WarehouseResource
from vedder_pipelines.validation import VerdictReport, judge_cluster

PAIR_COLUMNS = {
    "pair": "string",
    "verdict": "string",
    "reason": "string",
    "column": "string",
    "probably": "string",
    "place": "string",
}


def verdicts_asset(curation: Curation) -> dg.AssetsDefinition:
    """The asset of one cluster."""
    cluster = curation.cluster
    slugs = [pair.slug for pair in cluster.pairs]
    check = dg.AssetCheckSpec(
        "pairs_bind",
        asset=curation.key("verdicts"),
        description="Would the warehouse run the SQL of every pair as it stands? Those that it would not are left "
        "out of retrieval; the others are published all the same.",
    )

    @dg.multi_asset(
        name=f"{cluster.name}__verdicts",
        specs=[
            curation.spec(
                "verdicts",
                f"May each of the {len(slugs)} pairs of {cluster.title} teach? The engine's own binder judges; only "
                "pairs are judged again whose text, or whose tables' schema, changed.",
                deps=[curation.key("profiles")],
                kinds={curation.engine},
            )
        ],
        check_specs=[check],
        pool=WAREHOUSE_POOL,
        retry_policy=RETRIES,
    )
    def verdicts(warehouse: WarehouseResource, store: ContextResource) -> Materialized:
        before = VERDICTS.recall_in(store.memory(), cluster.name, slugs)
        report = judge_cluster(cluster, warehouse.catalog(), warehouse.opened(), before)
        judged_now = {slug: report.judged[slug] for slug in report.rejudged}
        VERDICTS.remember_in(store.memory(), cluster.name, judged_now)
        broken = report.broken()
        return dg.MaterializeResult(
            metadata={
                "pairs": len(report.judged),
                "broken": len(broken),
                "judged_again": len(report.rejudged),
                "reused": len(report.reused),
                "verdicts": table(PAIR_COLUMNS, _rows(report, report.judged)),
            },
            check_results=[_pairs_bind(check, cluster, report)],
        )

    return verdicts


def _pairs_bind(check: dg.AssetCheckSpec, cluster: Cluster, report: VerdictReport) -> dg.AssetCheckResult:
    """Some broken pairs are a warning; so many that the cluster is no longer `degraded` but critical, an error."""
    broken = report.broken()
    share = 1 - len(broken) / len(report.judged) if report.judged else 1.0
    too_few = share < cluster.thresholds.degraded
    return dg.AssetCheckResult(
        passed=not broken,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.ERROR if too_few else dg.AssetCheckSeverity.WARN,
        metadata={
            "pairs": len(report.judged),
            "broken": len(broken),
            "valid_share": share,
            "broken_pairs": table(PAIR_COLUMNS, _rows(report, broken)),
        },
    )


def _rows(report: VerdictReport, slugs: Iterable[str]) -> Iterable[tuple[str, ...]]:
    """The broken pairs come first."""
    broken = report.broken()
    for slug in sorted(slugs, key=lambda slug: (slug not in broken, slug)):
        verdict = report.judged[slug].verdict
        if isinstance(verdict, Broken):
            gone = verdict.missing_column or verdict.missing_table or ""
            place = f"line {verdict.line}, column {verdict.column}" if verdict.line else ""
            yield slug, "broken", verdict.reason, gone, verdict.probably or "", place
        else:
            yield slug, "valid", "", "", "", ""
