"""The asset `[<cluster>, health]`: score, band, readings, and what to do to raise them."""

from collections.abc import Mapping
from datetime import UTC, datetime

import dagster as dg

from vedder_core.health import Health
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, bullets, table
from vedder_pipelines.assets.context import NIGHTLY
from vedder_pipelines.health.data_health import freshness_of
from vedder_pipelines.health.facts import facts_of
from vedder_pipelines.health.score import measure
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.inputs import Built
from vedder_pipelines.remembered import BUILT, PUBLICATIONS
from vedder_pipelines.resources import CONTEXT_POOL, RETRIES, ContextResource


def health_asset(curation: Curation) -> dg.AssetsDefinition:
    """The asset of one cluster."""
    cluster = curation.cluster
    checks = _check_specs(curation)

    @dg.multi_asset(
        name=f"{cluster.name}__health",
        specs=[
            curation.spec(
                "health",
                f"How sound {cluster.title} is: a score made of signals about its data, its pairs and its curation, "
                "and what its owner can do to raise it.",
                deps=[curation.key("context")],
                kinds={"python"},
                freshness=NIGHTLY,
            )
        ],
        check_specs=checks,
        pool=CONTEXT_POOL,
        retry_policy=RETRIES,
    )
    def health(store: ContextResource) -> Materialized:
        memory = store.memory()
        facts = facts_of(cluster, memory, now=datetime.now(UTC))
        published = PUBLICATIONS.recall(memory, [cluster.name]).get(cluster.name)
        measured = measure(facts, context_version=published.version if published else None)
        if measured.score is not None:
            store.history().append(measured)
        if published is not None:
            BUILT.remember(memory, {cluster.name: Built(published.inputs, facts.now)})
        return dg.MaterializeResult(metadata=_metadata(measured), check_results=[_fresh(c, facts) for c in checks])

    return health


def _check_specs(curation: Curation) -> list[dg.AssetCheckSpec]:
    rules = sum(dataset.freshness is not None for dataset in curation.cluster.datasets)
    if rules == 0:
        return []
    about = f"Are the {rules} datasets that have a freshness rule as new as their experts want them?"
    return [dg.AssetCheckSpec("freshness", asset=curation.key("health"), description=about)]


def _metadata(health: Health) -> Mapping[str, dg.MetadataValue]:
    """What to know first comes first: the score, what to do, then why; each reading once more, for the plots."""
    score = {} if health.score is None else {"score": dg.MetadataValue.float(health.score)}
    measured = {r.signal: dg.MetadataValue.float(r.value) for r in health.readings if r.value is not None}
    return {
        **score,
        "band": dg.MetadataValue.text(health.band or "not measured"),
        "actions": bullets(health.actions(), otherwise="Nothing to do."),
        "readings": table(
            {"signal": "string", "reading": "string", "weight": "float", "evidence": "string"},
            ((r.signal, _shown(r.value), r.weight, " ".join(r.evidence)) for r in health.readings),
        ),
        "actions_open": dg.MetadataValue.int(len(health.actions())),
        **measured,
    }


def _shown(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.2f}"


def _fresh(check: dg.AssetCheckSpec, facts: Facts) -> dg.AssetCheckResult:
    rules = {dataset.name: freshness_of(facts, dataset) for dataset in facts.cluster.datasets}
    found = [(name, rule.kept, rule.found) for name, rule in rules.items() if rule is not None]
    late = [name for name, kept, _ in found if not kept]
    return dg.AssetCheckResult(
        passed=not late,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "datasets": len(found),
            "late": len(late),
            "found": table({"dataset": "string", "kept": "bool", "found": "string"}, found),
        },
    )
