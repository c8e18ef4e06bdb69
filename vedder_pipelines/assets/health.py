"""The asset `[<cluster>, health]`: score, band, readings, and what to do to raise them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import dagster as dg

from vedder_core.errors import VedderError
from vedder_core.health import Action, Health
from vedder_pipelines.assets.cluster_asset import Curation, Materialized, bullets, table
from vedder_pipelines.assets.context import NIGHTLY
from vedder_pipelines.health.data_health import freshness_of
from vedder_pipelines.health.facts import facts_of, with_context, with_usage
from vedder_pipelines.health.score import measure
from vedder_pipelines.health.signal import Facts, Unknown
from vedder_pipelines.inputs import Built
from vedder_pipelines.remembered import BUILT, PUBLICATIONS, TAUGHT
from vedder_pipelines.resources import CONTEXT_POOL, RETRIES, ContextResource, StateSource

FRESHNESS, SELF_TEST = "freshness", "retrieval_self_test"


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
    def health(store: ContextResource, state: dg.ResourceParam[StateSource]) -> Materialized:
        memory, history = store.memory(), store.history()
        before = history.latest([cluster.name]).get(cluster.name)
        published = PUBLICATIONS.recall(memory, [cluster.name]).get(cluster.name)
        facts = facts_of(cluster, memory, now=datetime.now(UTC), dialect=curation.dialect)
        if published is not None:
            facts = with_context(facts, store.reader(), dialect=curation.dialect)
        facts, lost_sight = _used(facts, store, state)
        measured = measure(
            facts,
            context_version=published.version if published else None,
            before={reading.signal: reading for reading in before.readings} if before else {},
            lost_sight=lost_sight,
        )
        if measured.score is not None:
            history.append(measured)
        TAUGHT.remember(memory, {cluster.name: facts.taught})
        if published is not None:
            BUILT.remember(memory, {cluster.name: Built(published.inputs, facts.now)})
        return dg.MaterializeResult(metadata=_metadata(measured), check_results=_checked(checks, facts))

    return health


def _used(facts: Facts, store: ContextResource, state: StateSource) -> tuple[Facts, str]:
    """With how the cluster is used, as far as the state database tells; why it does not, where it does not."""
    try:
        with state.looked_at() as opened:
            if opened is None:
                return facts, "There is no state database yet: nobody asked."
            return with_usage(facts, opened, store.reader(), store.embedding()), ""
    except VedderError as error:
        why = Unknown(error.message)
        return replace(facts, usage=why, evaluation=why), error.message


def _check_specs(curation: Curation) -> list[dg.AssetCheckSpec]:
    key, pairs = curation.key("health"), len(curation.cluster.pairs)
    rules = sum(dataset.freshness is not None for dataset in curation.cluster.datasets)
    specs = []
    if rules:
        about = f"Are the {rules} datasets that have a freshness rule as new as their experts want them?"
        specs.append(dg.AssetCheckSpec(FRESHNESS, asset=key, description=about))
    if pairs:
        about = (
            f"Would the {pairs} questions find their cluster, datasets and columns if their own pair were not there?"
        )
        specs.append(dg.AssetCheckSpec(SELF_TEST, asset=key, description=about))
    return specs


def _checked(specs: Iterable[dg.AssetCheckSpec], facts: Facts) -> list[dg.AssetCheckResult]:
    return [_fresh(spec, facts) if spec.name == FRESHNESS else _recalled(spec, facts) for spec in specs]


def _metadata(health: Health) -> Mapping[str, dg.MetadataValue]:
    """What to know first comes first: the score, what to do, then why; each reading once more, for the plots."""
    score = {} if health.score is None else {"score": dg.MetadataValue.float(health.score)}
    measured = {r.signal: dg.MetadataValue.float(r.value) for r in health.readings if r.value is not None}
    return {
        **score,
        "band": dg.MetadataValue.text(health.band or "not measured"),
        "actions": bullets(map(gained, health.actions()), otherwise="Nothing to do."),
        "gains": table(
            {"gain": "float", "action": "string", "turn": "string"},
            ((action.gain, action.text, action.turn or "") for action in health.actions()),
        ),
        "readings": table(
            {"signal": "string", "reading": "string", "weight": "float", "evidence": "string"},
            ((r.signal, _shown(r.value), r.weight, " ".join(r.evidence)) for r in health.readings),
        ),
        "actions_open": dg.MetadataValue.int(len(health.actions())),
        **measured,
    }


def gained(action: Action) -> str:
    """An action with what it gains: at most 1.00, and told to a hundredth."""
    return action.text if action.gain is None else f"+{action.gain:.2f} {action.text}"


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


def _recalled(check: dg.AssetCheckSpec, facts: Facts) -> dg.AssetCheckResult:
    """Pairs that do not teach are the matter of other checks, and are left out here."""
    recalled = facts.recalled if not isinstance(facts.recalled, Unknown) else {}
    questions = {pair.slug: pair.question for pair in facts.valid_pairs()}
    failing = [(slug, one) for slug, one in recalled.items() if slug in questions and not one.passed]
    columns = {"pair": "string", "question": "string", "cluster_is_number": "int", "opened": "bool", "missed": "string"}
    rows = ((slug, questions[slug], one.place, one.opened, ", ".join(one.missed)) for slug, one in failing)
    unknown = {"why": facts.recalled.why} if isinstance(facts.recalled, Unknown) else {}
    return dg.AssetCheckResult(
        passed=not failing and not unknown,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"pairs": len(recalled), "failing": len(failing), "found": table(columns, rows), **unknown},
    )
