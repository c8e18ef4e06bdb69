"""A backtest as a chart: the score before against the share of questions that fail after, a panel for each change."""

from vedder_api.backtest.findings import Findings
from vedder_core.charts import SCHEMA, Spec

PANELS_A_ROW = 4


def specification(found: Findings) -> Spec:
    """The chart in Vega-Lite."""
    points = [
        {
            "change": one.damage,
            "share damaged": one.share,
            "score": one.score,
            "failed": one.failed / max(1, one.asked),
            "band": one.band or "not measured",
        }
        for one in found.observations
    ]
    auc = "–" if found.whole.auc is None else f"{found.whole.auc:.3f}"
    return {
        "$schema": SCHEMA,
        "title": f"Does the health score predict? AUC {auc}, {len(points)} changed clusters",
        "background": "white",
        "data": {"values": points},
        "facet": {"field": "change", "type": "nominal", "sort": [one.damage for one in found.by_damage], "title": None},
        "columns": PANELS_A_ROW,
        "spec": {
            "width": 170,
            "height": 130,
            "mark": {"type": "circle", "opacity": 0.7, "size": 40},
            "encoding": {
                "x": {"field": "score", "type": "quantitative", "scale": {"domain": [0, 1]}, "title": "score before"},
                "y": {
                    "field": "failed",
                    "type": "quantitative",
                    "scale": {"domain": [0, 1]},
                    "axis": {"format": "%"},
                    "title": "failed after",
                },
                "color": {
                    "field": "band",
                    "type": "nominal",
                    "scale": {
                        "domain": ["healthy", "degraded", "critical"],
                        "range": ["#2e8540", "#e0a800", "#c0392b"],
                    },
                    "legend": {"orient": "bottom", "title": None},
                },
                "size": {"field": "share damaged", "type": "quantitative", "legend": {"orient": "bottom"}},
            },
        },
    }
