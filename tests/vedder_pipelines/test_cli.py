"""Promises of `vedder-pipelines run`: it says what it did, leaves alone what did not change, and fails with a 1."""

import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from vedder_core.catalog_snapshot import read_snapshot
from vedder_core.context.index import ContextReader
from vedder_core.settings import settings
from vedder_pipelines.cli import app

ROOT = Path(__file__).parents[2]


@pytest.fixture
def home(shop, monkeypatch):
    """A DAGSTER_HOME with the settings that Vedder ships."""
    folder = shop.root / "dagster"
    monkeypatch.setenv("DAGSTER_HOME", str(folder))
    folder.mkdir()
    (folder / "dagster.yaml").write_text((ROOT / "dagster.yaml").read_text())
    return folder


@pytest.fixture(autouse=True)
def environment(shop, monkeypatch):
    """The settings of this shop, and no expectations, so that no process spends seconds on loading their library."""
    shop.write(
        "sales/cluster.yaml", (shop.root / "clusters/sales/cluster.yaml").read_text().partition("expectations:")[0]
    )
    for name in ("clusters", "warehouse", "context", "embedder"):
        monkeypatch.setenv(f"VEDDER_{name.upper()}", str(getattr(shop.settings, name)))
    settings.cache_clear()
    yield
    settings.cache_clear()


def run(*arguments):
    return CliRunner().invoke(app, ["run", *arguments])


def test_the_first_run_builds_everything_and_the_second_finds_nothing_to_do(shop, home):
    first = run()
    assert (first.exit_code, first.stdout.splitlines()) == (
        0,
        [
            "sales: 2 tables profiled, 3 pairs judged again, 7 rows published",
            "shipping: 2 tables profiled, 2 pairs judged again, 5 rows published",
        ],
    )
    second = run()
    assert (second.exit_code, second.stdout) == (0, "Nothing changed: sales, shipping\n")


def test_a_renamed_column_builds_its_clusters_alone_and_tells_of_the_broken_pair(shop, home):
    run()
    shop.alter("ALTER TABLE shop.customers RENAME COLUMN country TO land")
    said = run().stdout.splitlines()
    assert said[:2] == [
        "sales: 1 table profiled, 1 pair judged again, 2 rows published, 1 pair broken, 1 repair proposed",
        "Nothing changed: shipping",
    ]


def test_a_pair_that_was_changed_and_not_vetted_is_told_apart_from_those_whose_data_drifted(shop):
    run()
    shop.write("sales/pairs/turnover.sql", "What is the turnover?|SELECT sum(amount) + 1 AS turnover FROM shop.orders")
    line = run().stdout.splitlines()[0]
    assert line.endswith(", 1 pair changed and not vetted since")
    assert "drifted" not in line
    shop.alter("DELETE FROM shop.customers")
    line = run().stdout.splitlines()[0]
    assert line.endswith(", 1 pair drifted, 1 pair changed and not vetted since")


def test_runs_and_table_events_show_in_dagsters_instance(home):
    run()
    with dg.DagsterInstance.get() as instance:
        assert {r.job_name for r in instance.get_runs()} == {"build_clusters", "tidy_context"}
        for key in (["warehouse", "shop", "orders"], ["sales", "health"], ["all_clusters_health"]):
            assert instance.get_latest_materialization_event(dg.AssetKey(key)) is not None


def test_only_named_clusters_are_built_and_the_others_are_named(shop):
    result = run("--clusters", "sales")
    assert result.stdout.splitlines()[1] == "Changed, but not built by this run: shipping"
    assert "DAGSTER_HOME is not set" in result.stderr


def test_all_looks_at_every_cluster_and_still_does_nothing_twice(shop):
    run()
    assert run("--all").stdout.splitlines() == ["sales: nothing changed", "shipping: nothing changed"]


def test_an_unknown_cluster_is_an_error_with_the_nearest_name(shop):
    result = run("--clusters", "sale")
    assert result.exit_code == 1
    assert "There is no sound cluster `sale`." in result.stderr
    assert "Did you mean `sales`?" in result.stderr


def test_problems_in_files_are_told_and_hide_nothing(shop):
    shop.write("sales/cluster.yaml", "title: [")
    result = run()
    assert result.exit_code == 1
    assert "sales/cluster.yaml" in result.stderr
    assert result.stdout.startswith("shipping: 2 tables profiled")


def test_a_failed_run_says_why_and_is_tried_again_by_the_next(shop):
    run()
    shop.alter("INSERT INTO shop.parcels VALUES (1000, 1, 5)")
    context = Path(shop.settings.context)
    (context / "entries.lance").rename(context / "aside")
    (context / "entries.lance").write_text("no table")
    failed = run()
    assert failed.exit_code == 1
    assert "shipping: 1 table profiled, context failed" in failed.stdout
    assert "shipping/context failed. The context store at" in failed.stderr
    (context / "entries.lance").unlink()
    (context / "aside").rename(context / "entries.lance")
    assert "shipping" in run().stdout.splitlines()[0]
    assert run().stdout == "Nothing changed: sales, shipping\n"


def test_a_missing_warehouse_is_told_in_our_words(shop):
    (shop.root / "shop.duckdb").unlink()
    result = run()
    assert result.exit_code == 1
    assert "There is no warehouse file at" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_removed_folder_takes_its_cluster_out_of_the_context(shop):
    run()
    shop.remove("sales")
    assert "sales: taken out of the context, because its folder is gone" in run().stdout
    assert {card.name for card in ContextReader(shop.settings.context).snapshot().cluster_cards()} == {"shipping"}


def test_two_processes_at_once_on_different_clusters_both_publish(shop, home):
    command = [sys.executable, "-c", "from vedder_pipelines.cli import main; main()", "run", "--clusters"]
    both = [subprocess.Popen([*command, name], cwd=ROOT, stderr=subprocess.PIPE) for name in ("sales", "shipping")]
    said = [one.communicate()[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert {card.name for card in ContextReader(shop.settings.context).snapshot().cluster_cards()} == {
        "sales",
        "shipping",
    }
    assert run().stdout == "Nothing changed: sales, shipping\n"


def test_a_run_tells_of_the_clusters_that_fell_into_a_worse_band_and_what_helps(shop):
    run()
    shop.alter("DROP TABLE shop.orders")
    fell = [line for line in run().stdout.splitlines() if ": health fell from " in line]
    assert [line.partition(":")[0] for line in fell] == ["sales"]
    assert "`shop.orders`" in fell[0]
    assert not [line for line in run("--all").stdout.splitlines() if ": health fell from " in line]


def test_a_snapshot_of_the_catalog_is_one_file_that_can_be_read(shop):
    file = shop.root / "deep" / "catalog.snapshot"
    result = CliRunner().invoke(app, ["snapshot", str(file)])
    assert result.stdout == f"3 tables and views are in {file}.\n"
    assert set(read_snapshot(file).tables) == {"shop.customers", "shop.orders", "shop.parcels"}


def test_a_snapshot_that_cannot_be_written_is_told(shop):
    (shop.root / "file").write_text("")
    result = CliRunner().invoke(app, ["snapshot", str(shop.root / "file" / "x")])
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
