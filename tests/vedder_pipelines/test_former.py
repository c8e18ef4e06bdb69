"""Promises of `former`: what the warehouse was like stays known while a broken pair needs it, and no longer."""

from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest

from vedder_core.cluster import Cluster, Dataset, Owner, Pair
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.former import Ground, changes_since_held, remember_held
from vedder_pipelines.remembered import HELD, VERDICTS
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
            remember_held(memory, catalogs, shop, ground, report)
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
