"""The asset `all_clusters_calibration` stores what it finds, shows it, and makes an outdated one anew."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from tests.subjects import publish_all
from vedder_core.calibration import Calibration, CurvePoint
from vedder_core.context.covered import WITNESSES
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.embedder.hashed import HashedWords
from vedder_pipelines.assets.calibration import calibration_asset, specification
from vedder_pipelines.resources import ClusterFiles, ContextResource


@pytest.fixture
def url(tmp_path: Path) -> str:
    publish_all(ContextWriter(str(tmp_path / "context"), HashedWords()))
    return str(tmp_path / "context")


def run(url: str) -> dg.ExecuteInProcessResult:
    store = ContextResource(url=url, embedder="hashed-words", models="", embeddings_url="", keep_versions_days=7)
    resources = {"files": ClusterFiles(folder="", dialect="duckdb"), "store": store}
    return dg.materialize([calibration_asset([])], instance=dg.DagsterInstance.ephemeral(), resources=resources)


def stored(url: str) -> Calibration | None:
    return ContextReader(url, HashedWords()).snapshot().calibration


def test_the_curve_is_shown_as_a_picture_and_what_is_found_is_stored(url: str) -> None:
    shown = run(url).asset_materializations_for_node("all_clusters_calibration")[0].metadata
    assert str(shown["risk_coverage_curve"].value).startswith("![risk and coverage](data:image/svg+xml;base64,")
    assert shown["said"].value == "Fitted to the context's own questions."
    found = stored(url)
    assert found is not None
    assert found.fitted


def test_a_calibration_of_other_witnesses_is_made_anew_and_a_right_one_is_kept(url: str) -> None:
    made = datetime(2026, 3, 1, tzinfo=UTC)
    other = Calibration(HashedWords().name, "of another time", made, ("as many", *WITNESSES[1:]))
    ContextWriter(url, HashedWords()).calibrate(other)
    assert run(url).success
    anew = stored(url)
    assert anew is not None
    assert anew.witnesses == WITNESSES
    assert anew.weights != other.weights
    assert run(url).success
    assert stored(url) == anew


@pytest.mark.parametrize(("threshold", "coverage"), [(-2.0, 1.0), (-0.5, 0.9), (0.5, 0.8)])
def test_the_red_dot_stands_where_the_threshold_in_use_is_also_where_all_pass(
    threshold: float, coverage: float
) -> None:
    curve = (CurvePoint(-1.0, 1.0, 0.3), CurvePoint(-0.6, 0.9, 0.1), CurvePoint(0.4, 0.8, 0.02))
    made = datetime(2026, 3, 1, tzinfo=UTC)
    found = Calibration(HashedWords().name, "", made, threshold=threshold, curve=curve)
    _, dot = specification(found)["layer"]
    assert [one["coverage"] for one in dot["data"]["values"]] == [coverage]
