"""Evaluations as a chart: how many questions come through each stage, side by side. `vedder_core.charts` draws it."""

from collections.abc import Sequence

from vedder_core.charts import SCHEMA, Spec
from vedder_core.evaluation import STAGES, Evaluation, summary


def specification(evaluations: Sequence[Evaluation]) -> Spec:
    """The chart of these evaluations in Vega-Lite; a stage that no trial knows is left out."""
    points = [
        {"stage": stage, "share": share, "evaluation": name_of(one)}
        for one in evaluations
        for stage, share in summary(one.trials, rounds=one.rounds).stages.items()
        if share is not None
    ]
    series = {"field": "evaluation", "type": "nominal", "title": None, "sort": [name_of(one) for one in evaluations]}
    return {
        "$schema": SCHEMA,
        "title": f"Questions that pass each stage: {', '.join(dict.fromkeys(one.questions for one in evaluations))}",
        "width": 640,
        "height": 280,
        "background": "white",
        "data": {"values": points},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {"field": "stage", "type": "nominal", "sort": list(STAGES), "title": None, "axis": {"labelAngle": 0}},
            "xOffset": series,
            "y": {"field": "share", "type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}},
            "color": {**series, "legend": {"orient": "bottom", "labelLimit": 400, "columns": 1}},
        },
    }


def name_of(evaluation: Evaluation) -> str:
    """What tells an evaluation from others in a chart or a table."""
    model = evaluation.model or "no model"
    return f"{evaluation.variant}, context {evaluation.context_version}, {model}, {evaluation.id[:8]}"
