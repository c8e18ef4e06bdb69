"""Evaluations as a chart: how many questions come through each stage, side by side. The only file that draws.

A chart is a Vega-Lite specification, and an SVG made of it by `vl-convert`, which is an extra.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from vedder_core.errors import SettingsError
from vedder_core.evaluation import STAGES, Evaluation, summary

Spec = Mapping[str, object]


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
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
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


def write_svg(evaluations: Sequence[Evaluation], file: Path) -> None:
    """Draw the chart into a file. Raises SettingsError where the extra is not installed."""
    try:
        import vl_convert
    except ImportError as error:
        raise SettingsError("Charts need vl-convert.", hint="Install it: pip install 'vedder[plots]'.") from error
    svg = str(vl_convert.vegalite_to_svg(dict(specification(evaluations))))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(svg, encoding="utf-8")


def name_of(evaluation: Evaluation) -> str:
    """What tells an evaluation from others in a chart or a table."""
    model = evaluation.model or "no model"
    return f"{evaluation.variant}, context {evaluation.context_version}, {model}, {evaluation.id[:8]}"
