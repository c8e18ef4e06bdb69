"""The asset `all_clusters_calibration`: from where on a question counts as covered, and how sure the fast path is.

One for all clusters, because each is measured against the others. It costs little where no entry changed since.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import dagster as dg

from vedder_core.calibration import Calibration
from vedder_core.charts import SCHEMA, Spec, svg_of
from vedder_core.errors import ContextError, SettingsError
from vedder_pipelines.assets.cluster_asset import Cell, Curation, Materialized, table
from vedder_pipelines.calibration import calibrated, digest
from vedder_pipelines.replay import replayed
from vedder_pipelines.resources import CONTEXT_POOL, RETRIES, ClusterFiles, ContextResource

CALIBRATION = dg.AssetKey(["all_clusters_calibration"])
COVERAGE, MOST_RISK = 0.8, 0.02
"""At this share of covered questions that pass, so many strangers' questions may."""


def calibration_asset(curations: Sequence[Curation]) -> dg.AssetsDefinition:
    """The one asset over all clusters of the graph."""
    apart, sure = _check_specs()

    @dg.multi_asset(
        name="all_clusters_calibration",
        specs=[
            dg.AssetSpec(
                CALIBRATION,
                deps=[curation.key("context") for curation in curations],
                description="From where on a question counts as covered, fitted to the context's own questions, and "
                "how sure the fast path is: every vetted question is asked again with its pair held out, and with its "
                "whole cluster held out, as a stranger's. Stored with the context.",
                group_name="all_clusters",
                kinds={"lancedb"},
            )
        ],
        check_specs=[apart, sure],
        pool=CONTEXT_POOL,
        retry_policy=RETRIES,
    )
    def calibration(files: ClusterFiles, store: ContextResource) -> Materialized:
        found = _renewed(store, files.dialect)
        if found is None:
            return dg.MaterializeResult(
                metadata={"said": "Nothing is published yet."}, check_results=[_passed(apart), _passed(sure)]
            )
        return dg.MaterializeResult(metadata=_metadata(found), check_results=[_apart(apart, found), _sure(sure, found)])

    return calibration


def _renewed(store: ContextResource, dialect: str) -> Calibration | None:
    """The calibration of what is published now; computed and stored only where something changed."""
    try:
        snapshot = store.reader().snapshot()
    except ContextError:
        return None
    known, held = snapshot.calibration, snapshot.slice
    if known is not None and known.made_from == digest(held, snapshot.embedder):
        return known
    found = calibrated(
        held,
        snapshot.embedder,
        dialect=dialect,
        now=datetime.now(UTC),
        fast_paths=replayed(held, dialect=dialect),
    )
    store.writer().calibrate(found)
    return found


def _check_specs() -> tuple[dg.AssetCheckSpec, dg.AssetCheckSpec]:
    return (
        dg.AssetCheckSpec(
            "strangers_are_told_apart",
            asset=CALIBRATION,
            description=f"With the threshold that {COVERAGE:.0%} of covered questions pass, do at most {MOST_RISK:.0%} "
            "of the questions pass that no cluster covers? Clusters about the same things cannot be told apart.",
        ),
        dg.AssetCheckSpec(
            "fast_path_is_sure",
            asset=CALIBRATION,
            description="Asked again, are the vetted questions of every cluster answered by their own pair?",
        ),
    )


def _metadata(found: Calibration) -> dict[str, dg.MetadataValue]:
    told = {} if found.auroc is None else {"auroc": dg.MetadataValue.float(found.auroc)}
    return {
        "said": dg.MetadataValue.text(found.why_not or "Fitted to the context's own questions."),
        **told,
        "false_answers": dg.MetadataValue.float(_risk(found)),
        "covered_questions": dg.MetadataValue.int(found.covered),
        "strangers_questions": dg.MetadataValue.int(found.strangers),
        "risk_coverage_curve": _drawn(found),
        "risk_coverage": table(
            {"coverage": "float", "risk": "float", "threshold": "float"},
            ((one.coverage, round(one.risk, 4), round(one.threshold, 3)) for one in found.curve),
        ),
        "clusters": table(CLUSTERS, _clusters(found)),
        "stolen_questions": table(
            {"answered_by": "string", "question_of": "string", "question": "string"},
            ((t.thief, t.owner, t.question) for one in found.clusters.values() for t in one.fast_path.thefts),
        ),
    }


CLUSTERS = {
    "cluster": "string",
    "threshold": "float",
    "questions": "int",
    "passed": "float",
    "right": "int",
    "wrong": "int",
    "declined": "int",
    "certainty": "float",
    "verified": "bool",
}


def _clusters(found: Calibration) -> Iterator[tuple[Cell, ...]]:
    for name, one in sorted(found.clusters.items()):
        path = one.fast_path
        certainty = None if path.certainty is None else round(path.certainty, 3)
        counts = (path.right, path.wrong, path.declined, certainty, path.sure)
        yield name, round(one.threshold, 3), one.questions, round(one.passed, 3), *counts


def _drawn(found: Calibration) -> dg.MarkdownMetadataValue:
    """The curve as a picture; without the extra that draws, where to get it."""
    try:
        svg = svg_of(specification(found))
    except SettingsError as error:
        return dg.MetadataValue.md(error.hint)
    return dg.MetadataValue.md(f"![risk and coverage](data:image/svg+xml;base64,{b64encode(svg.encode()).decode()})")


def specification(found: Calibration) -> Spec:
    """What each share of covered questions that pass costs in strangers' questions that do, in Vega-Lite."""
    axis = {"type": "quantitative", "axis": {"format": "%"}}
    reached = [one for one in found.curve if one.threshold <= found.threshold]
    in_use = reached[-1:] or found.curve[:1]  # a threshold below all of them lets every covered question pass
    chosen = [{"coverage": one.coverage, "risk": one.risk} for one in in_use]
    coverage = {"field": "coverage", **axis, "title": "covered questions that pass", "scale": {"domain": [0, 1]}}
    risk = {"field": "risk", **axis, "title": "strangers' questions that pass"}
    points = [{"coverage": one.coverage, "risk": one.risk} for one in found.curve]
    return {
        "$schema": SCHEMA,
        "title": "Risk and coverage; the red dot is the threshold in use",
        "width": 420,
        "height": 240,
        "background": "white",
        "encoding": {"x": coverage, "y": risk},
        "layer": [
            {"data": {"values": points}, "mark": {"type": "line", "point": True}},
            {"data": {"values": chosen}, "mark": {"type": "point", "filled": True, "size": 160, "color": "#c0392b"}},
        ],
    }


def _risk(found: Calibration) -> float:
    return next((one.risk for one in found.curve if one.coverage == COVERAGE), 0.0)


def _apart(check: dg.AssetCheckSpec, found: Calibration) -> dg.AssetCheckResult:
    return _passed(check, passed=not found.fitted or _risk(found) <= MOST_RISK, risk=_risk(found), said=found.why_not)


def _sure(check: dg.AssetCheckSpec, found: Calibration) -> dg.AssetCheckResult:
    unsure = sorted(name for name, one in found.clusters.items() if not one.fast_path.sure)
    wrong = sum(one.fast_path.wrong for one in found.clusters.values())
    return _passed(check, passed=not unsure, wrong=wrong, not_verified=", ".join(unsure))


def _passed(check: dg.AssetCheckSpec, *, passed: bool = True, **metadata: float | str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=passed,
        asset_key=check.asset_key,
        check_name=check.name,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=metadata,
    )
