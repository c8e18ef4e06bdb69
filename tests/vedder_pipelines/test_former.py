"""Promises of `former`: what the warehouse was like stays known while a broken pair needs it, and no longer."""

from datetime import UTC, date, datetime, timedelta

import dagster as dg
import duckdb
import pytest

from vedder_core.cluster import Cluster, Dataset, Owner, Pair
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.automation import BUILD, PLACES
from vedder_pipelines.former import Ground, changes_since_held, remember_held
from vedder_pipelines.refresh import look
from vedder_pipelines.remembered import HELD, LOST, REPAIRS, VERDICTS
from vedder_pipelines.validation import first_found, judge_cluster

DDL = "CREATE SCHEMA shop; CREATE TABLE shop.orders AS SELECT i AS id, i * 7 AS amount FROM range(50) t(i)"


def cluster(sql):
    pair = Pair(slug="p", question="?", teaches="x", vetted_by="x", vetted_on=date(2026, 1, 1), sql=sql)
    datasets = (Dataset(name="shop.orders", description="x"),)
    owner = Owner(team="x", contact="x")
    return Cluster(name="shop", title="x", summary="x", owner=owner, datasets=datasets, pairs=(pair,))


@pytest.fixture
def run(tmp_path):
    """One run of the pipeline over the pairs: what it found."""
    file, url = tmp_path / "w.duckdb", str(tmp_path / "context")
    number = iter(range(100))

    def once(sql, *statements):
        with duckdb.connect(str(file)) as connection:
            for statement in statements:
                connection.execute(statement)
        shop, memory, catalogs = cluster(sql), Memory(url), Catalogs(url)
        with open_warehouse(f"duckdb:///{file}") as warehouse:
            catalog = warehouse.catalog()
            profiles = {name: warehouse.profile(table, shop.datasets[0], "v") for name, table in catalog.tables.items()}
            ground = Ground(catalog, profiles)
            before = VERDICTS.recall_in(memory, "shop", ["p"])
            changes = changes_since_held(memory, catalogs, shop, ground)
            judged = judge_cluster(shop, catalog, warehouse, before, changes)
            report = first_found(judged, before, run=f"run {next(number)}", at=datetime.now(UTC))
            VERDICTS.remember_in(memory, "shop", {slug: report.judged[slug] for slug in report.rejudged})
            remember_held(memory, catalogs, shop, ground, report, changes)
        return report.judged["p"], HELD.recall(memory)["shop"]

    return once


AMOUNT = "SELECT sum(amount) AS s FROM shop.orders"


def test_what_a_broken_pair_needs_stays_known_over_later_changes(run):
    _, first = run(AMOUNT, DDL)
    broken, held = run(AMOUNT, "ALTER TABLE shop.orders RENAME amount TO f_417")
    assert held == first
    assert isinstance(broken.verdict, Broken)
    assert broken.verdict.probably == "f_417"
    again, held = run(AMOUNT, "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR")
    assert held == first
    assert isinstance(again.verdict, Broken)
    assert again.verdict.probably == "f_417"
    assert (again.found_in, again.found_at) == ("run 1", broken.found_at)


def test_once_the_pair_is_mended_the_ground_it_stands_on_is_the_one_to_compare_with(run):
    run(AMOUNT, DDL)
    _, first = run(AMOUNT, "ALTER TABLE shop.orders RENAME amount TO f_417")
    mended, held = run("SELECT sum(f_417) AS s FROM shop.orders")
    assert held != first
    assert mended.found_in is None
    broken, _ = run("SELECT sum(f_417) AS s FROM shop.orders", "ALTER TABLE shop.orders RENAME f_417 TO zz_9")
    assert isinstance(broken.verdict, Broken)
    assert broken.verdict.probably == "zz_9"


def test_a_pair_that_never_held_keeps_nothing_back(run):
    _, first = run("SELECT nothing_like_that FROM shop.orders", DDL)
    _, later = run("SELECT nothing_like_that FROM shop.orders", "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR")
    assert later != first


def test_a_catalog_that_nobody_needs_is_forgotten(tmp_path, run):
    _, first = run(AMOUNT, DDL)
    _, second = run(AMOUNT, "ALTER TABLE shop.orders ADD COLUMN zip VARCHAR")
    catalogs = Catalogs(str(tmp_path / "context"))
    assert catalogs.digests() == {first, second}
    catalogs.keep({second}, timedelta(0))
    fresh = Catalogs(str(tmp_path / "context"))
    assert fresh.digests() == {second}
    assert fresh.get(first) is None
    assert fresh.get(second).digest == second


def test_a_column_that_is_gone_is_known_when_its_successor_comes_later(run):
    _, first = run(AMOUNT, DDL)
    broken, _ = run(AMOUNT, "ALTER TABLE shop.orders DROP amount")
    assert broken.verdict.confidence is None
    _, held = run(AMOUNT, "CREATE TABLE shop.other AS SELECT 1 AS x")
    assert held != first, "all else is compared with what was there the last time"
    later, _ = run(AMOUNT, "ALTER TABLE shop.orders ADD COLUMN f_417 BIGINT", "UPDATE shop.orders SET f_417 = id * 7")
    assert later.verdict.probably == "f_417"


def test_once_no_pair_misses_what_was_lost_it_is_forgotten(tmp_path, run):
    run(AMOUNT, DDL)
    run(AMOUNT, "ALTER TABLE shop.orders DROP amount")
    memory = Memory(str(tmp_path / "context"))
    assert LOST.keys(memory) == ("shop/shop.orders",)
    run("SELECT sum(id) AS s FROM shop.orders")
    assert LOST.keys(memory) == ()


DROPPED = "DROP TABLE shop.parcels"
SUCCESSOR = "CREATE TABLE shop.packages AS SELECT i AS id, i AS order_id, i % 30 AS weight FROM range(400) t(i)"


def broken_parcels(shop):
    return VERDICTS.recall_in(shop.memory, "shipping", ["parcels"])["parcels"].verdict


def build(shop, *clusters):
    keys = [dg.AssetKey([cluster, place]) for cluster in clusters for place in PLACES]
    assert shop.graph().resolve_job_def(BUILD).execute_in_process(asset_selection=keys).success


def test_a_dropped_table_whose_successor_comes_in_a_later_run_is_found_renamed_with_a_repair(shop):
    build(shop, "sales", "shipping")
    shop.alter(DROPPED)
    assert look(shop.settings).touched == ("shipping",)
    build(shop, "shipping")
    assert broken_parcels(shop).confidence is None
    assert look(shop.settings).touched == (), "nothing came that it might be"
    build(shop, "shipping")
    shop.alter(SUCCESSOR)
    assert look(shop.settings).touched == ("shipping",)
    build(shop, "shipping")
    assert broken_parcels(shop).probably == "shop.packages"
    assert broken_parcels(shop).confidence > 0.5
    repair = REPAIRS.recall_in(shop.memory, "shipping", ["parcels"])["parcels"]
    assert "FROM shop.packages" in repair.sql
    assert repair.proof.proven
    assert look(shop.settings).touched == ()


def test_what_others_rename_meanwhile_is_still_found(shop):
    build(shop, "shipping")
    shop.alter(DROPPED)
    build(shop, "shipping")
    shop.write("shipping/pairs/orders.sql", "How many orders?|SELECT count(amount) AS n FROM shop.orders")
    for was, now in (("amount", "f_417"), ("f_417", "g_5")):
        shop.alter(f"ALTER TABLE shop.orders RENAME {was} TO {now}")
        shop.write("shipping/pairs/orders.sql", f"How many orders?|SELECT count({was}) AS n FROM shop.orders")
        build(shop, "shipping")
        verdict = VERDICTS.recall_in(shop.memory, "shipping", ["orders"])["orders"].verdict
        assert verdict.probably == now
        shop.write("shipping/pairs/orders.sql", f"How many orders?|SELECT count({now}) AS n FROM shop.orders")
        build(shop, "shipping")


CUSTOMERS = """
title: Sales
summary: What was ordered, and by whom.
owner: {{team: sales, contact: "#sales"}}
datasets:
  - name: shop.customers
    description: One row a customer.
    columns: {{{columns}}}
"""


@pytest.mark.parametrize("marked", ["country", "nation"])
@pytest.mark.parametrize("mark", ["hidden", "sensitive"])
def test_values_of_a_column_that_is_withheld_later_are_forgotten_while_its_pair_is_broken(shop, marked, mark):
    shop.remove("shipping")
    for name in ("orders", "turnover"):
        shop.remove(f"sales/pairs/{name}.sql")
    shop.write("sales/cluster.yaml", CUSTOMERS.format(columns=""))
    build(shop, "sales")
    shop.alter("ALTER TABLE shop.customers RENAME country TO nation")
    build(shop, "sales")
    assert '"FR"' in str(shop.memory.recall("former"))
    shop.write("sales/cluster.yaml", CUSTOMERS.format(columns=f"{marked}: {{{mark}: true}}"))
    build(shop, "sales")
    assert "shop.customers" in str(shop.memory.recall("former"))
    assert '"FR"' not in "".join(str(shop.memory.recall(kind)) for kind in ("former", "profile", "baseline", "repair"))
