"""Reading the folder of cluster files: the corpus of broken folders, round trips, and edits at random."""

import difflib
import os
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedder_core.cluster import (
    Cluster,
    ColumnNote,
    Dataset,
    Doc,
    Expectation,
    Freshness,
    Owner,
    Pair,
    Parameter,
    Thresholds,
)
from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import cluster_digest, load_clusters
from vedder_core.schema import Catalog, Column, Table

CORPUS = Path(__file__).parents[1] / "corpus" / "broken"
TODAY = date(2030, 1, 1)

CARD = """\
title: Flight operations
summary: >
  Departures and arrivals
  out of New York.
kind: domain
owner: {team: flight_ops, contact: "#flight-ops"}
datasets:
  - name: nyc.flights
    description: One row for each scheduled flight.
    freshness: {column: time_hour, within: 26h}
    columns: &notes
      dep_time: {note: "Clock time, HHMM.", use: avoid}
      tailnum: {sensitive: true}
      gate: {hidden: true}
    expectations:
      - expect: expect_column_values_to_be_between
        arguments: {column: month, min_value: 1, max_value: 12}
    min_rows_per_value: 10
  - name: nyc.old_flights
    description: Until 2012.
    deprecated_by: nyc.flights
    columns: *notes
thresholds: {healthy: 0.9, vet_again_after: P90D}
"""
PAIR = """\
-- Counts, not rates.

/*
question: How many flights left {origin} in {month}?
phrasings:
  - "{origin} departures"
parameters:
  origin: {values: nyc.flights.origin}
  month: {type: month, default: July}
teaches: A flight that left has a departure time; '::' and ':x' in texts are no parameters.
vetted_by: Mara Lindqvist
vetted_on: 2026-03-14
*/
SELECT count(*)::int AS flights  -- not :this
FROM nyc.flights
WHERE origin = :origin
  AND month = :month
  AND dep_time IS NOT NULL
"""
DOC = "---\ntitle: Clock times\nkind: gotcha\n---\n\n`dep_time` is written HHMM.\n"
GOOD = {
    "flights/cluster.yaml": CARD,
    "flights/pairs/departures.sql": PAIR,
    "flights/docs/clock_times.md": DOC,
    "flights/docs/time_zones.md": "# All times are local\n\nEven arrivals.\n",
}


def write(folder: Path, files: dict[str, str] | dict[str, bytes]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


@pytest.mark.parametrize("case", sorted(path for path in CORPUS.iterdir() if path.is_dir()), ids=lambda case: case.name)
def test_a_broken_folder_is_told_in_the_curators_words(case: Path) -> None:
    loaded = load_clusters(case / "clusters", today=TODAY)
    told = sorted({*loaded.problems, *check_against(loaded, catalog_of(case))})
    found = "".join(f"{problem}\n" for problem in told)
    golden = case / "expected.txt"
    if os.environ.get("VEDDER_WRITE_GOLDEN"):
        golden.write_text(found)
    expected = golden.read_text()
    diff = difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected.txt", "found", lineterm="")
    assert found, "a broken folder without a problem"
    assert found == expected, "\n" + "\n".join(diff)


def catalog_of(case: Path) -> Catalog | None:
    ddl = case / "catalog.sql"
    if not ddl.exists():
        return None
    with duckdb.connect() as connection:
        connection.execute(ddl.read_text())
        rows = connection.execute(
            "SELECT table_schema || '.' || table_name, column_name, data_type FROM information_schema.columns"
            " ORDER BY 1, ordinal_position"
        ).fetchall()
    names = {table for table, _, _ in rows}
    tables = (Table(name, tuple(Column(c, kind) for table, c, kind in rows if table == name)) for name in names)
    return Catalog("duckdb", "duckdb", {table.name: table for table in tables})


def test_a_good_folder_is_read_into_exactly_what_is_written(tmp_path: Path) -> None:
    loaded = load_clusters(write(tmp_path, GOOD), today=TODAY)

    notes = {
        "dep_time": ColumnNote(note="Clock time, HHMM.", use="avoid"),
        "tailnum": ColumnNote(sensitive=True),
        "gate": ColumnNote(hidden=True),
    }
    flights = Dataset(
        name="nyc.flights",
        description="One row for each scheduled flight.",
        freshness=Freshness(column="time_hour", within="PT26H"),
        columns=notes,
        expectations=(
            Expectation(
                expect="expect_column_values_to_be_between",
                arguments={"column": "month", "min_value": 1, "max_value": 12},
            ),
        ),
        min_rows_per_value=10,
    )
    old = Dataset(name="nyc.old_flights", description="Until 2012.", deprecated_by="nyc.flights", columns=notes)
    pair = Pair(
        slug="departures",
        question="How many flights left {origin} in {month}?",
        phrasings=("{origin} departures",),
        parameters={
            "origin": Parameter(values="nyc.flights.origin"),
            "month": Parameter(type="month", default="July"),
        },
        teaches="A flight that left has a departure time; '::' and ':x' in texts are no parameters.",
        vetted_by="Mara Lindqvist",
        vetted_on=date(2026, 3, 14),
        sql=PAIR.partition("*/\n")[2].strip(),
    )
    assert loaded.problems == ()
    assert loaded.clusters == (
        Cluster(
            name="flights",
            title="Flight operations",
            summary="Departures and arrivals out of New York.",
            owner=Owner(team="flight_ops", contact="#flight-ops"),
            datasets=(flights, old),
            thresholds=Thresholds(healthy=0.9, vet_again_after=timedelta(days=90)),
            pairs=(pair,),
            docs=(
                Doc(slug="clock_times", title="Clock times", kind="gotcha", body="`dep_time` is written HHMM."),
                Doc(slug="time_zones", title="All times are local", body="# All times are local\n\nEven arrivals."),
            ),
        ),
    )


def test_a_broken_pair_leaves_the_others_and_a_broken_cluster_leaves_its_neighbours(tmp_path: Path) -> None:
    broken_pair = {"flights/pairs/left.sql": PAIR.replace("SELECT", "SELCT")}
    broken_cluster = {"fleet/cluster.yaml": "title: [", "fleet/pairs/planes.sql": PAIR}
    loaded = load_clusters(write(tmp_path, GOOD | broken_pair | broken_cluster), today=TODAY)

    assert [cluster.name for cluster in loaded.clusters] == ["flights"]
    assert [pair.slug for pair in loaded.clusters[0].pairs] == ["departures"]
    assert {problem.file for problem in loaded.problems} == {"fleet/cluster.yaml", "flights/pairs/left.sql"}


def test_every_key_knows_its_file_and_line_after_loading(tmp_path: Path) -> None:
    lines = load_clusters(write(tmp_path, GOOD), today=TODAY).lines

    assert lines["flights/cluster.yaml", "title"] == 1
    assert lines["flights/cluster.yaml", "datasets[nyc.flights].freshness.column"] == 10
    assert lines["flights/cluster.yaml", "datasets[nyc.flights].expectations[1].arguments.max_value"] == 17
    assert lines["flights/pairs/departures.sql", "phrasings[1]"] == 6
    assert lines["flights/pairs/departures.sql", "parameters.month.default"] == 9


def test_files_whose_names_differ_by_case_alone_are_told_apart_on_every_disk(tmp_path: Path) -> None:
    write(tmp_path, GOOD | {"flights/pairs/Departures.sql": PAIR.replace("How many", "What number of")})
    if len(list((tmp_path / "flights/pairs").iterdir())) == 1:
        pytest.skip("this disk does not tell names apart by case")

    [problem] = [p for p in load_clusters(tmp_path, today=TODAY).problems if "name" in p.message]
    assert problem.file == "flights/pairs/Departures.sql"
    assert problem.hint == "Rename it to `departures.sql` (`departures.sql` is there already)."


def test_a_file_that_cannot_be_opened_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "flights/pairs/gone.sql").symlink_to(tmp_path / "nowhere.sql")

    [problem] = load_clusters(tmp_path, today=TODAY).problems
    assert (problem.file, problem.message) == (
        "flights/pairs/gone.sql",
        "The file cannot be opened: No such file or directory.",
    )


def test_a_file_that_no_person_wrote_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD | {"flights/docs/dump.md": "x" * 4_000_001})

    [problem] = load_clusters(tmp_path, today=TODAY).problems
    assert problem.message == "The file has 4,000,001 bytes; more than 4,000,000 are not read."


def test_a_pair_may_be_vetted_today_anywhere_on_earth_but_not_later(tmp_path: Path) -> None:
    write(tmp_path, GOOD)

    assert not load_clusters(tmp_path, today=date(2026, 3, 14)).problems
    [problem] = load_clusters(tmp_path, today=date(2026, 3, 13)).problems
    assert problem.key == "vetted_on"


def test_the_digest_changes_with_names_and_bytes_and_not_with_hidden_files(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD) / "flights"
    seen = {cluster_digest(folder)}
    (folder / ".DS_Store").write_bytes(b"1")
    (folder / ".git").mkdir()
    (folder / ".git/index").write_bytes(b"1")
    assert cluster_digest(folder) in seen

    (folder / "docs/clock_times.md").write_text(DOC + "\n")
    seen.add(cluster_digest(folder))
    (folder / "docs/clock_times.md").rename(folder / "docs/times.md")
    seen.add(cluster_digest(folder))
    (folder / "docs/times.md").unlink()
    seen.add(cluster_digest(folder))
    assert len(seen) == 4
    assert cluster_digest(tmp_path / "gone") == cluster_digest(tmp_path / "also_gone")


EDITS = st.lists(
    st.tuples(
        st.sampled_from(sorted(GOOD)),
        st.floats(0, 1),
        st.integers(0, 20),
        st.one_of(
            st.binary(max_size=3), st.sampled_from([b"\n", b"\t", b": ", b"- ", b"{", b"*/", b"'", b"&a", b"*a"])
        ),
    ),
    min_size=1,
    max_size=4,
)


@given(EDITS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_edit_crashes_the_reader_or_loses_anything_without_a_word(
    edits: list[tuple[str, float, int, bytes]],
) -> None:
    files = {name: text.encode() for name, text in GOOD.items()}
    for name, place, deleted, inserted in edits:
        at = int(place * len(files[name]))
        files[name] = files[name][:at] + inserted + files[name][at + deleted :]
    with tempfile.TemporaryDirectory() as folder:
        loaded = load_clusters(write(Path(folder), files), today=TODAY)
        check_against(loaded, None)

    for problem in loaded.problems:
        longest = files[problem.file].count(b"\n") + files[problem.file].count(b"\r") + 1
        assert problem.message
        assert 0 <= problem.line <= longest
    if not loaded.problems:
        assert [(len(cluster.pairs), len(cluster.docs)) for cluster in loaded.clusters] == [(1, 2)]
