"""The asset `[<cluster>, profiles]`: what is in the cluster's datasets, and whether it is what experts expect."""

import time
from collections.abc import Callable, Iterable, Mapping

import dagster as dg

from vedder_core.profile import Profile
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, table
from vedder_pipelines.assets.tables import table_key
from vedder_pipelines.checking import ExpectationReport, check_cluster
from vedder_pipelines.inputs import inputs_of, list_tables
from vedder_pipelines.neighbours import remember_untold
from vedder_pipelines.profiling import ProfilingReport, profile_cluster
from vedder_pipelines.remembered import EXPECTATIONS, PROFILES, SEEN
from vedder_pipelines.resources import RETRIES, WAREHOUSE_POOL, ContextResource, WarehouseResource
from vedder_pipelines.withheld import look_for_renamed, with_withheld, withheld_of

SECONDS_BETWEEN_LINES = 5


def profiles_asset(curation: Curation) -> dg.AssetsDefinition:
    """The asset of one cluster."""
    cluster = curation.cluster
    names = [dataset.name for dataset in cluster.datasets]
    checks = _check_specs(curation)

    @dg.multi_asset(
        name=f"{cluster.name}__profiles",
        specs=[
            curation.spec(
                "profiles",
                f"What is in the {len(names)} datasets of {cluster.title}: rows, distinct and common values, ranges, "
                "partitions, keys. Only datasets whose schema or data changed are scanned again.",
                deps=[table_key(name) for name in names],
                kinds={curation.dialect},
            )
        ],
        check_specs=checks,
        pool=WAREHOUSE_POOL,
        retry_policy=RETRIES,
    )
    def profiles(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource, store: ContextResource
    ) -> Materialized:
        memory, catalog = store.memory(), warehouse.catalog()
        # Marks come first: data that change while they are profiled are then seen as changed the next time.
        seen = inputs_of(
            cluster,
            curation.digest,
            list_tables([cluster], catalog, warehouse.opened()),
            embedder=store.embedder,
            forbidden=curation.neighbours.mark(cluster, memory),
        )
        look_for_renamed(memory, store.catalogs(), cluster, catalog)
        remember_untold(memory, with_withheld(cluster, withheld_of(memory, cluster)))
        own = curation.neighbours.own(cluster, memory, store.catalogs(), catalog)
        before = PROFILES.recall_in(memory, cluster.name, names)
        report = profile_cluster(own, catalog, warehouse.opened(), before, progress=_now_and_then(context.log.info))
        fresh = {name: report.profiles[name] for name in report.profiled}
        PROFILES.remember_in(memory, cluster.name, fresh, forget=set(before) & set(report.missing))
        SEEN.remember(memory, {cluster.name: seen})
        last = EXPECTATIONS.recall_in(memory, cluster.name, names)
        expected = check_cluster(own, catalog, warehouse.opened(), report.profiles, last)
        EXPECTATIONS.remember_in(memory, cluster.name, {name: expected.results[name] for name in expected.validated})
        results = [_expectations(spec, expected) for spec in checks]
        return dg.MaterializeResult(metadata=_metadata(report, expected), check_results=results)

    return profiles


def _now_and_then(say: Callable[[str], None]) -> Callable[[str], None]:
    """Progress for whoever watches a long run. Dagster stores each line, so quick datasets are not told one by one."""
    last = time.monotonic()

    def told(line: str) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(line)

    return told


def _check_specs(curation: Curation) -> list[dg.AssetCheckSpec]:
    rules = sum(len(dataset.expectations) for dataset in curation.cluster.datasets)
    if rules == 0:
        return []
    about = f"Do the data keep the {rules} expectations of their experts? Checked by Great Expectations."
    return [dg.AssetCheckSpec("expectations", asset=curation.key("profiles"), description=about)]


def _metadata(report: ProfilingReport, expected: ExpectationReport) -> Mapping[str, dg.MetadataValue]:
    return {
        "datasets": dg.MetadataValue.int(len(report.profiles)),
        "profiled": dg.MetadataValue.int(len(report.profiled)),
        "reused": dg.MetadataValue.int(len(report.reused)),
        "missing": dg.MetadataValue.int(len(report.missing)),
        "expectations_checked": dg.MetadataValue.int(len(expected.validated)),
        "profiles": table(
            {
                "dataset": "string",
                "rows": "int",
                "columns": "int",
                "distinct_keys": "string",
                "partitions": "string",
                "bytes": "int",
                "state": "string",
            },
            _profile_rows(report),
        ),
    }


def _profile_rows(report: ProfilingReport) -> Iterable[tuple[str | int | None, ...]]:
    for name, profile in report.profiles.items():
        state = "profiled" if name in report.profiled else "unchanged"
        keys = ", ".join(profile.key_candidates)
        yield name, profile.rows.value, len(profile.columns), keys, _partitions(profile), profile.bytes, state
    for name in report.missing:
        yield name, None, None, "", "", None, "not there, or not readable"


def _partitions(profile: Profile) -> str:
    parts = profile.partitions
    if parts is None:
        return ""
    span = f", {parts.first} to {parts.last}" if parts.first is not None else ""
    return f"{parts.count} by {', '.join(parts.columns)}{span}"


def _expectations(spec: dg.AssetCheckSpec, report: ExpectationReport) -> dg.AssetCheckResult:
    rows = [(name, checked) for name, result in report.results.items() for checked in result.checked]
    failed = [(name, checked) for name, checked in rows if not checked.passed]
    partly = [name for name, checked in rows if not checked.whole]
    return dg.AssetCheckResult(
        passed=not failed,
        asset_key=spec.asset_key,
        check_name=spec.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "expectations": len(rows),
            "failed": len(failed),
            "checked_in_part": len(set(partly)),
            "results": table(
                {
                    "dataset": "string",
                    "expectation": "string",
                    "about": "string",
                    "passed": "bool",
                    "found": "string",
                    "rows_checked": "string",
                },
                (
                    (name, one.expect, one.about, one.passed, one.found, _seen(one.rows, whole=one.whole))
                    for name, one in sorted(rows, key=lambda row: row[1].passed)
                ),
            ),
        },
    )


def _seen(rows: int, *, whole: bool) -> str:
    return "all" if whole else f"the first {rows:,}"
