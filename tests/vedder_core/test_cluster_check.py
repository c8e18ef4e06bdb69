"""What the warehouse says about clusters; the wording is in the corpus of broken folders."""

from pathlib import Path

from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import load_clusters
from vedder_core.schema import Catalog, Column, Table

CARD = """\
title: Flights
summary: Departures.
owner: {team: ops, contact: ops@example.org}
datasets:
  - name: nyc.flights
    description: One row for each flight.
    deprecated_by: nyc.departures
    freshness: {column: day, within: P1D}
    columns:
      tailnum: {sensitive: true}
"""
PAIR = """\
/*
question: How many flights did {plane} make?
parameters: {plane: {values: nyc.flights.tailnum}}
teaches: Flights of a plane.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*) FROM nyc.flights WHERE tailnum = :plane
"""


def cluster_in(folder: Path, card: str = CARD) -> Path:
    (folder / "flights" / "pairs").mkdir(parents=True)
    (folder / "flights" / "cluster.yaml").write_text(card)
    return folder


def catalog(*names: str) -> Catalog:
    columns = tuple(Column(name, "VARCHAR") for name in ("Day", "tailnum"))
    return Catalog("duckdb", "duckdb", {name: Table(name, columns) for name in names})


def test_names_are_compared_without_case_because_engines_do_so(tmp_path: Path) -> None:
    loaded = load_clusters(cluster_in(tmp_path))

    assert check_against(loaded, catalog("NYC.Flights", "nyc.departures")) == ()


def test_a_successor_may_be_listed_by_any_cluster_or_stand_in_the_warehouse(tmp_path: Path) -> None:
    loaded = load_clusters(cluster_in(tmp_path))
    assert [problem.line for problem in check_against(loaded, None)] == [7]
    assert [problem.line for problem in check_against(loaded, catalog("nyc.flights"))] == [7]
    assert check_against(loaded, catalog("nyc.flights", "nyc.departures")) == ()

    (tmp_path / "departures").mkdir()
    broken = CARD.replace("nyc.flights", "nyc.departures").replace("summary:", "sumary:")
    (tmp_path / "departures" / "cluster.yaml").write_text(broken)
    assert check_against(load_clusters(tmp_path), None) == ()


def test_a_dataset_that_is_not_there_is_reported_once_and_not_its_columns(tmp_path: Path) -> None:
    loaded = load_clusters(cluster_in(tmp_path))
    [problem] = check_against(loaded, catalog("nyc.flight", "nyc.departures"))

    assert (problem.file, problem.line) == ("flights/cluster.yaml", 5)
    assert problem.hint == "Did you mean `nyc.flight`?"


def test_a_parameter_cannot_take_its_values_from_a_column_that_is_never_read(tmp_path: Path) -> None:
    cluster_in(tmp_path)
    (tmp_path / "flights" / "pairs" / "of_plane.sql").write_text(PAIR)
    [problem] = check_against(load_clusters(tmp_path), catalog("nyc.flights", "nyc.departures"))

    assert (problem.file, problem.line, problem.key) == ("flights/pairs/of_plane.sql", 3, "parameters.plane.values")
    assert "never read" in problem.message


def test_a_parameter_cannot_take_its_values_from_a_column_that_another_cluster_guards(tmp_path: Path) -> None:
    columns = "    columns:\n      tailnum: {sensitive: true}\n"
    cluster_in(tmp_path, CARD.replace(columns, ""))
    (tmp_path / "flights" / "pairs" / "plane.sql").write_text(PAIR)
    known = catalog("nyc.flights", "nyc.departures")
    assert check_against(load_clusters(tmp_path), known) == ()

    (tmp_path / "archive").mkdir()
    archive = CARD.replace("nyc.flights", "NYC.Flights").replace("tailnum:", "TailNum:").replace("ops,", "safety,")
    (tmp_path / "archive" / "cluster.yaml").write_text(archive)
    (problem,) = check_against(load_clusters(tmp_path), known)
    assert (problem.file, problem.line) == ("flights/pairs/plane.sql", 3)
    assert "`tailnum`" in problem.message
    assert "archive/cluster.yaml:10 of safety (ops@example.org)" in problem.hint
    assert "`type`" in problem.hint
