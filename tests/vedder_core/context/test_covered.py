"""How well a context covers a question, and where its calibration lies."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from tests.subjects import SUBJECTS, publish_all
from vedder_core.calibration import Calibration, OfCluster
from vedder_core.context.covered import HANDICAP, WITNESSES, Without, telling_words
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.hashed import HashedWords

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    publish_all(ContextWriter(str(tmp_path), HashedWords()))
    return str(tmp_path)


def asked(url: str) -> Search:
    return Search(ContextReader(url, HashedWords()).snapshot(), HashedWords())


def test_what_is_asked_of_a_subject_is_covered_and_what_nobody_knows_is_not(url: str) -> None:
    near = asked(url).covered("How many pilots have a plane?")
    far = asked(url).covered("Which lawyer billed the most hours?")
    assert near is not None
    assert near.enough
    assert near.cluster == "fleet"
    assert far is not None
    assert not far.enough
    assert not near.fitted


def test_words_of_any_question_tell_nothing_and_values_are_told_apart_from_words() -> None:
    words = telling_words("How many flights left 'Main Gate' with Lufthansa in 2013, and which one is the highest?")
    assert words.plain == ("flight", "left")
    assert set(words.named) == {"main", "gate", "lufthansa"}


def test_an_unknown_word_speaks_against_every_cluster(url: str) -> None:
    snapshot = asked(url).snapshot
    known = heard(snapshot, "missing share", "How many pilots are there?")
    strange = heard(snapshot, "missing share", "How many lawyer pilots are there?")
    assert known["fleet"] == 0
    assert 0 < strange["fleet"] < 1
    assert all(strange[name] == 1 for name in strange if name != "fleet")


def test_a_name_that_is_not_known_speaks_less_against_a_cluster_than_a_word_and_a_known_one_speaks_for_it(
    url: str,
) -> None:
    snapshot = asked(url).snapshot
    word = heard(snapshot, "missing share", "How many pilots billed?")
    name = heard(snapshot, "missing share", "How many pilots 'Billed'?")
    assert name["fleet"] < word["fleet"]
    named = heard(snapshot, "known names", "How many people are called 'Pilot'?")
    assert named["fleet"] > 0
    assert all(named[other] == 0 for other in named if other != "fleet")


def test_a_question_about_two_clusters_misses_only_what_neither_knows(url: str) -> None:
    snapshot = asked(url).snapshot
    question = "How many pilots have a stage and a seat and a curtain?"
    cosines = snapshot.slice.cosines(HashedWords().embed([question])[0])
    at = np.full(len(snapshot.covered.names), 0.0)
    only_missing = (-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.5)
    _, margin = snapshot.covered.nearest(telling_words(question), cosines, weights=only_missing, thresholds=at)
    alone = heard(snapshot, "missing share", question)
    assert margin == pytest.approx(1.5 - min(alone.values()))  # passes alone, so nothing is put together
    _, margin = snapshot.covered.nearest(telling_words(question), cosines, weights=only_missing, thresholds=at + 1.2)
    assert margin == pytest.approx(max(1.5 - min(alone.values()) - 1.2, 1.5 - HANDICAP - 1.2))


def heard(snapshot: Snapshot, witness: str, question: str) -> dict[str, float]:
    """What one witness says of every cluster."""
    cosines = snapshot.slice.cosines(HashedWords().embed([question])[0])
    column = snapshot.covered.witnesses(telling_words(question), cosines)[:, WITNESSES.index(witness)]
    return dict(zip(snapshot.covered.names, column.tolist(), strict=True))


@pytest.mark.parametrize("kept", ["pair", "cluster"])
def test_what_is_left_out_is_as_if_it_had_never_been_published(url: str, kept: str) -> None:
    snapshot = asked(url).snapshot
    held, covered = snapshot.slice, snapshot.covered
    place = next(p for p, entry in enumerate(held.entries) if entry.kind == "pair" and entry.cluster == "kitchen")
    gone, own = held.entries[place], covered.names.index("kitchen")
    without = Without([place]) if kept == "pair" else Without(cluster=own)
    left = snapshot.changed(
        lambda one: None if (one.id == gone.id if kept == "pair" else one.cluster == gone.cluster) else one
    )
    words, vector = telling_words(gone.title), held.vectors[place]
    rows = [row for row, name in enumerate(covered.names) if name in left.covered.names]
    masked = covered.witnesses(words, held.cosines(vector), without=without)[rows]
    assert np.allclose(masked, left.covered.witnesses(words, left.slice.cosines(vector)), atol=1e-6)


def test_a_cluster_with_too_few_pairs_is_not_judged_and_neither_is_a_context(url: str) -> None:
    assert asked(url).covered("Which lawyer billed the most hours?") is not None
    few = asked(url).snapshot.changed(lambda one: one if one.kind != "pair" or one.cluster != "fleet" else None)
    assert Search(few, HashedWords()).covered("Plane engine wing seat hangar pilot") is None
    none = asked(url).snapshot.changed(lambda one: None if one.kind == "pair" else one)
    assert Search(none, HashedWords()).covered("Which lawyer billed the most hours?") is None


def test_every_version_of_the_context_keeps_the_calibration_that_it_was_asked_with(url: str) -> None:
    writer, reader = ContextWriter(url, HashedWords()), ContextReader(url, HashedWords())
    first = Calibration(
        HashedWords().name, "a", NOW, WITNESSES, threshold=1.0, clusters={"fleet": OfCluster(2.0, 60, 0.9)}
    )
    before = reader.version
    one = writer.calibrate(first)
    two = writer.calibrate(replace(first, threshold=3.0))
    assert before < one < two == reader.version
    assert reader.at(before).calibration is None
    assert reader.at(one).calibration == first
    assert reader.snapshot().calibration == replace(first, threshold=3.0)
    assert {entry.cluster for entry in reader.snapshot().listing()} == set(SUBJECTS)


def test_the_stored_threshold_of_the_cluster_decides(url: str) -> None:
    strict = {name: OfCluster(50.0, 60, 0.0) for name in SUBJECTS}
    ContextWriter(url, HashedWords()).calibrate(Calibration(HashedWords().name, "a", NOW, WITNESSES, clusters=strict))
    found = asked(url).covered("How many pilots have a plane?")
    assert found is not None
    assert (found.enough, found.fitted, found.measured_at) == (False, True, NOW)


def test_a_calibration_of_another_embedder_is_none(url: str) -> None:
    ContextWriter(url, HashedWords()).calibrate(Calibration("another", "a", NOW, WITNESSES))
    assert asked(url).snapshot.calibration is None


@pytest.mark.parametrize(
    "witnesses",
    [("as many", *WITNESSES[1:]), WITNESSES[::-1], WITNESSES[1:], ()],
    ids=["one of another name", "another order", "fewer", "stored before they were named"],
)
def test_a_calibration_of_other_witnesses_is_none_so_that_it_is_made_anew(url: str, witnesses: tuple[str, ...]) -> None:
    ContextWriter(url, HashedWords()).calibrate(Calibration(HashedWords().name, "a", NOW, witnesses))
    assert asked(url).snapshot.calibration is None
    assert asked(url).covered("How many pilots have a plane?") is not None


def test_the_words_that_a_cluster_does_not_know_are_named_as_they_were_written(url: str) -> None:
    covered = asked(url).snapshot.covered
    assert covered.unknown("How many Pilots billed their lawyers?", "fleet") == ("billed", "lawyers")
