"""The asset `[<cluster>, verdicts]`: may each pair teach? Its checks fail for pairs that may not."""

from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg

from vedder_core.cluster import Cluster
from vedder_core.sql.below import below
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, table
from vedder_pipelines.assets.verdict_rows import (
    CAUSE_COLUMNS,
    DRIFT_COLUMNS,
    PAIR_COLUMNS,
    REPAIR_COLUMNS,
    cause_rows,
    drift_rows,
    pair_rows,
    repair_page,
    repair_rows,
)
from vedder_pipelines.former import Ground
from vedder_pipelines.pairs import Around, PairReport, judge_pairs
from vedder_pipelines.remembered import PROFILES
from vedder_pipelines.resources import RETRIES, WAREHOUSE_POOL, ContextResource, WarehouseResource

PAIRS_BIND, PAIRS_HOLD = "pairs_bind", "pairs_hold"

Found = int | dg.TableMetadataValue


def verdicts_asset(curation: Curation) -> dg.AssetsDefinition:
    """The asset of one cluster."""
    cluster = curation.cluster
    names = [dataset.name for dataset in cluster.datasets]
    checks = _check_specs(curation)

    @dg.multi_asset(
        name=f"{cluster.name}__verdicts",
        specs=[
            curation.spec(
                "verdicts",
                f"May each of the {len(cluster.pairs)} pairs of {cluster.title} teach? The engine's own binder judges "
                "whether it runs, and what was true when it was vetted whether it still says what it said. Only pairs "
                "are looked at again whose text, schema or data changed. Repairs are proposed, and never applied.",
                deps=[curation.key("profiles")],
                kinds={curation.dialect},
            )
        ],
        check_specs=checks,
        pool=WAREHOUSE_POOL,
        retry_policy=RETRIES,
    )
    def verdicts(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource, store: ContextResource
    ) -> Materialized:
        memory = store.memory()
        ground = Ground(warehouse.catalog(), PROFILES.recall_in(memory, cluster.name, names))
        around = Around(memory, store.catalogs(), warehouse.opened(), curation.folder)
        own = curation.neighbours.own(cluster, memory, store.catalogs(), ground.catalog)
        report = judge_pairs(own, around, ground, run=context.run.run_id, at=datetime.now(UTC))
        results = [_pairs_bind(checks[0], cluster, report), _pairs_hold(checks[1], cluster, report)]
        return dg.MaterializeResult(metadata=_metadata(report, names, ground), check_results=results)

    return verdicts


def _check_specs(curation: Curation) -> list[dg.AssetCheckSpec]:
    key = curation.key("verdicts")
    binds = (
        "Would the warehouse run the SQL of every pair as it stands? Those that it would not are left out of "
        "retrieval; the others are published all the same."
    )
    holds = (
        "Does every pair that runs still say what it said when it was vetted, about data like those? Those that "
        "drifted are left out of retrieval, until the data heal or somebody vets them again."
    )
    return [
        dg.AssetCheckSpec(PAIRS_BIND, asset=key, description=binds),
        dg.AssetCheckSpec(PAIRS_HOLD, asset=key, description=holds),
    ]


def _metadata(report: PairReport, names: list[str], ground: Ground) -> Mapping[str, dg.MetadataValue]:
    verdicts, drift = report.verdicts, report.drift
    under = below(names, ground.catalog)
    counts = {
        "pairs": len(verdicts.judged),
        "broken": len(verdicts.broken()),
        "drifted": len(report.drifted()),
        "not_vetted": len(report.not_vetted()),
        "repairs_proposed": len(report.repairs),
        "judged_again": len(verdicts.rejudged),
        "bound_again": len(verdicts.asked),
        "reused": len(verdicts.reused),
        "watched_again": len(drift.looked),
        "baselines_taken": len(drift.baselines),
        "queries": drift.queries,
    }
    return {
        **{name: dg.MetadataValue.int(count) for name, count in counts.items()},
        "changes": table(CAUSE_COLUMNS, cause_rows(report.changes, under.tables, under.routines)),
        "repairs": table(REPAIR_COLUMNS, repair_rows(report.repairs)),
        "diffs": repair_page(report.repairs),
        "verdicts": table(PAIR_COLUMNS, pair_rows(report, verdicts.judged)),
        "not_watched": table({"pair": "string", "why": "string"}, sorted(drift.not_watched.items())),
    }


def _pairs_bind(check: dg.AssetCheckSpec, cluster: Cluster, report: PairReport) -> dg.AssetCheckResult:
    broken = report.verdicts.broken()
    found: dict[str, Found] = {"broken": len(broken), "broken_pairs": table(PAIR_COLUMNS, pair_rows(report, broken))}
    return _result(check, cluster, report, failing=len(broken), found=found)


def _pairs_hold(check: dg.AssetCheckSpec, cluster: Cluster, report: PairReport) -> dg.AssetCheckResult:
    found: dict[str, Found] = {
        "drifted": len(report.drifted()),
        "not_vetted": len(report.not_vetted()),
        "not_watched": len(report.drift.not_watched),
        "findings": table(DRIFT_COLUMNS, drift_rows(report)),
    }
    return _result(check, cluster, report, failing=len(report.drift.drifted), found=found)


def _result(
    check: dg.AssetCheckSpec,
    cluster: Cluster,
    report: PairReport,
    *,
    failing: int,
    found: Mapping[str, int | dg.TableMetadataValue],
) -> dg.AssetCheckResult:
    """Some failing pairs are a warning; so many that the cluster is no longer `degraded` but critical, an error."""
    pairs = len(report.verdicts.judged)
    share = 1 - failing / pairs if pairs else 1.0
    too_few = share < cluster.thresholds.degraded
    return dg.AssetCheckResult(
        passed=not failing,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.ERROR if too_few else dg.AssetCheckSeverity.WARN,
        metadata={"pairs": pairs, "valid_share": share, **found},
    )
