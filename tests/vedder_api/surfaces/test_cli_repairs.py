"""`vedder repairs`: what is proposed, in words and as a patch that git takes; nothing is applied by itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.vedder_api.surfaces.environment import environment
from tests.vedder_api.world import build
from vedder_core.cluster import Cluster, ColumnNote, Dataset, Owner
from vedder_core.cluster_files import load_clusters
from vedder_core.context.index import ContextWriter
from vedder_core.embedder.embedder import open_embedder
from vedder_core.schema_diff import schema_diff
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.repair.proposing import propose_repairs
from vedder_pipelines.validation import judge_cluster


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A world whose warehouse renamed two columns after its pairs were vetted, published with the repairs."""
    root = tmp_path_factory.mktemp("broken")
    settings = build(root)
    with open_warehouse(settings.warehouse) as warehouse:
        before = warehouse.catalog()
        flights = next(c for c in load_clusters(settings.clusters, dialect="duckdb").clusters if c.name == "flights")
        held = judge_cluster(flights, before, warehouse, {})
    with duckdb.connect(settings.warehouse.removeprefix("duckdb:///")) as connection:
        connection.execute("ALTER TABLE nyc.flights RENAME dep_delay TO departure_delay")
        connection.execute("ALTER TABLE nyc.flights RENAME origin TO origin_airport")
    with open_warehouse(settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        report = judge_cluster(flights, catalog, warehouse, held.judged)
        found = propose_repairs(
            flights, report, schema_diff(before, catalog), catalog, warehouse, {}, settings.clusters
        )
        writer = ContextWriter(settings.context, open_embedder(settings))
        writer.publish("flights", entries_of(flights, catalog, {}, report.judged, repairs=found))
    return settings


def vedder(settings: Settings, *arguments: str) -> bytes:
    command = [str(Path(sys.executable).with_name("vedder")), *arguments]
    return subprocess.run(command, env={**os.environ, **environment(settings)}, check=True, capture_output=True).stdout


def test_proposals_say_what_is_renamed_and_what_is_not_proven(broken: Settings) -> None:
    shown = vedder(broken, "repairs", "flights").decode()
    assert "`nyc.flights.dep_delay` is called `departure_delay` now." in " ".join(shown.split())
    assert "not proven" in shown


def test_programs_get_the_same_as_json(broken: Settings) -> None:
    listed = json.loads(vedder(broken, "repairs", "flights/delays", "--json"))
    (repair,) = listed["repairs"]
    assert repair["slug"] == "delays"
    assert "avg(departure_delay)" in repair["sql"]


def test_a_patch_and_json_are_not_asked_for_at_once(broken: Settings) -> None:
    with pytest.raises(subprocess.CalledProcessError) as called:
        vedder(broken, "repairs", "--diff", "--json")
    assert called.value.returncode == 2
    assert b"--diff is a patch" in called.value.stderr


def test_what_another_cluster_hides_by_now_is_in_no_proposal(broken: Settings) -> None:
    columns = {"departure_delay": ColumnNote(hidden=True)}
    owner = Owner(team="audit", contact="here")
    dataset = Dataset(name="nyc.flights", description="The same.", columns=columns)
    audit = Cluster(name="audit", title="Audit", summary="All.", owner=owner, datasets=(dataset,))
    writer = ContextWriter(broken.context, open_embedder(broken))
    with open_warehouse(broken.warehouse) as warehouse:
        writer.publish("audit", entries_of(audit, warehouse.catalog(), {}, {}))
    told = json.loads(vedder(broken, "repairs", "flights", "--json"))
    assert [repair["slug"] for repair in told["repairs"]] == ["departures", "every"]
    assert told["withheld"] == 1
    shown = vedder(broken, "repairs", "flights") + vedder(broken, "clusters", "show", "flights", "--json")
    assert b"would tell what some cluster hides" in shown
    assert b"departure_delay" not in shown + vedder(broken, "repairs", "flights", "--diff")
    writer.withdraw("audit")
    assert len(json.loads(vedder(broken, "repairs", "flights", "--json"))["repairs"]) == 3


def test_git_applies_the_patch_and_the_pairs_hold_again(broken: Settings) -> None:
    patch = vedder(broken, "repairs", "flights", "--diff")
    folder = broken.clusters
    command = ["git", "apply", f"--directory={folder.name}"]
    subprocess.run(command, input=patch, cwd=folder.parent, check=True, capture_output=True)
    flights = next(c for c in load_clusters(folder, dialect="duckdb").clusters if c.name == "flights")
    with open_warehouse(broken.warehouse) as warehouse:
        left = judge_cluster(flights, warehouse.catalog(), warehouse, {}).broken()
    assert set(left) <= {"gates"}  # it never held
    header = (folder / "flights" / "pairs" / "departures.sql").read_text()
    assert "origin: {values: nyc.flights.origin_airport}" in header
