"""What the pipelines find out about thresholds and the fast path, from the context's own questions."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.subjects import SUBJECTS, entry, pair, publish_all
from vedder_core.calibration import DEFAULT_THRESHOLD, DEFAULT_WEIGHTS, Calibration
from vedder_core.cluster import Dataset
from vedder_core.context.covered import telling_words
from vedder_core.context.entry import DatasetCard, Entry
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.hashed import HashedWords
from vedder_pipelines.calibration import FEWEST_QUESTIONS, ask_all, auroc, calibrated, digest
from vedder_pipelines.replay import replayed

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def published(folder: Path, **more: Entry) -> Snapshot:
    publish_all(ContextWriter(str(folder), HashedWords()), **more)
    return ContextReader(str(folder), HashedWords()).snapshot()


def calibration(snapshot: Snapshot) -> Calibration:
    held = snapshot.slice
    return calibrated(held, snapshot.embedder, dialect="duckdb", now=NOW, fast_paths=replayed(held, dialect="duckdb"))


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return published(tmp_path)


def test_subjects_without_a_word_in_common_are_told_apart(snapshot: Snapshot) -> None:
    found = calibration(snapshot)
    assert found.fitted
    assert found.auroc is not None
    assert found.auroc > 0.99
    assert (found.covered, found.strangers) == (360, 360)
    assert all(one.passed > 0.8 for one in found.clusters.values())
    assert found.weights != DEFAULT_WEIGHTS


def test_the_curve_never_falls_as_more_covered_questions_pass(snapshot: Snapshot) -> None:
    curve = calibration(snapshot).curve
    by_coverage = sorted(curve, key=lambda one: one.coverage)
    assert [one.risk for one in by_coverage] == sorted(one.risk for one in by_coverage)
    assert by_coverage[-1].coverage == 1


def test_a_context_with_few_questions_gets_the_defaults_and_says_so(snapshot: Snapshot) -> None:
    few = snapshot.changed(lambda one: one if one.cluster in ("fleet", "kitchen") else None)
    found = calibration(few)
    assert found.why_not.startswith("Not calibrated: 120 vetted questions of 2 clusters are too few")
    assert str(FEWEST_QUESTIONS) in found.why_not
    assert (found.weights, found.threshold) == (DEFAULT_WEIGHTS, DEFAULT_THRESHOLD)
    assert {one.threshold for one in found.clusters.values()} == {DEFAULT_THRESHOLD}


def test_the_same_context_gives_the_same_calibration_and_a_changed_one_another_digest(snapshot: Snapshot) -> None:
    assert calibration(snapshot) == calibration(snapshot)
    less = snapshot.changed(lambda one: None if one.id == "fleet/pair/plane_wing_0" else one)
    assert digest(less.slice, less.embedder) != digest(snapshot.slice, snapshot.embedder)


def test_a_pair_of_the_same_sql_does_not_help_its_twin(tmp_path: Path) -> None:
    twin = pair("fleet", "twin", "select 'plane', 'wing', 0", "Number of planes with wings that fold")
    snapshot = published(tmp_path, fleet=twin)
    held = snapshot.slice
    own = next(place for place in held.among(("pair",)) if held.entries[place].id == "fleet/pair/plane_wing_0")
    asked = ask_all(held, snapshot.covered, dialect="duckdb").covered[held.among(("pair",)).tolist().index(own)]
    left = snapshot.changed(lambda one: None if one.id in ("fleet/pair/plane_wing_0", twin.id) else one)
    words, cosines = telling_words(held.entries[own].title), left.slice.cosines(held.vectors[own])
    assert np.allclose(asked, left.covered.witnesses(words, cosines), atol=1e-6)


def also_listed(cluster: str, dataset: str) -> Entry:
    card = DatasetCard(Dataset(name=dataset, description="All of it."), None, None)
    return entry(cluster, "dataset", dataset, dataset, card, dataset)


def test_clusters_over_the_same_datasets_get_the_defaults_and_are_told_that_this_is_why(tmp_path: Path) -> None:
    names = list(SUBJECTS)
    also = {other: also_listed(other, f"{name}.all") for name, other in zip(names, names[1:] + names[:1], strict=True)}
    found = calibration(published(tmp_path, **also))
    assert "only 0 of 360 vetted questions are over datasets that no other cluster lists" in found.why_not
    assert (found.weights, found.threshold) == (DEFAULT_WEIGHTS, DEFAULT_THRESHOLD)


def test_a_question_whose_dataset_another_cluster_lists_is_no_strangers(tmp_path: Path) -> None:
    snapshot = published(tmp_path, kitchen=also_listed("kitchen", "fleet.all"))
    asked = ask_all(snapshot.slice, snapshot.covered, dialect="duckdb")
    fleet = asked.own == snapshot.covered.names.index("fleet")
    assert not asked.strange[fleet].any()
    assert asked.strange[~fleet].all()


def test_vetted_questions_asked_again_are_answered_by_their_own_pairs(snapshot: Snapshot) -> None:
    found = replayed(snapshot.slice, dialect="duckdb")
    assert all(one.right == 60 and one.wrong == 0 and one.sure for one in found.values())


def test_a_pair_that_answers_anothers_question_is_named_and_its_cluster_is_not_sure(tmp_path: Path) -> None:
    thief = pair("theatre", "thief", "SELECT 'thief'", "Show all actors", "How many planes have a wing?")
    found = replayed(published(tmp_path, theatre=thief).slice, dialect="duckdb")
    thefts = {(theft.thief, theft.owner) for theft in found["theatre"].thefts}
    assert ("theatre/pair/thief", "fleet/pair/plane_wing_0") in thefts
    assert found["theatre"].wrong >= 1
    assert found["kitchen"].wrong == 0


def test_auroc_is_the_chance_that_a_covered_question_is_above_a_strangers() -> None:
    assert auroc(np.array([2.0, 3.0]), np.array([0.0, 1.0])) == 1
    assert auroc(np.array([1.0]), np.array([1.0])) == 0.5
    assert auroc(np.array([0.0, 2.0]), np.array([1.0])) == 0.5
