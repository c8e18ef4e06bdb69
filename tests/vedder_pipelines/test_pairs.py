"""Promises of `pairs`: what is remembered stays true when a run fails half-way, and when the ground moves on."""

import subprocess
from contextlib import suppress
from datetime import UTC, datetime

import duckdb
import pytest

from vedder_core.cluster_files import load_clusters
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.former import Ground
from vedder_pipelines.pairs import Around, judge_pairs
from vedder_pipelines.profiling import profile_cluster

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
    SELECT i AS id, (i * 37) % 101 AS amount, CASE i % 2 WHEN 0 THEN 'web' ELSE 'store' END AS channel
    FROM range(60) t(i);
"""
CARD = """title: Shop
summary: Orders.
owner: {team: sales, contact: "#sales"}
datasets:
  - name: shop.orders
    description: One row an order.
"""
PAIR = """/*
question: {question}
teaches: a test
vetted_by: Ada
vetted_on: {vetted_on}
*/
{sql}
"""
AMOUNT, WEB = (
    "SELECT sum(amount) AS s FROM shop.orders",
    "SELECT sum(amount) AS s FROM shop.orders WHERE channel = 'web'",
)


class Lost(Exception):
    """The store is gone for a moment."""


class Forgetful(Memory):
    """A memory that takes nothing of one kind."""

    def __init__(self, url, refused):
        super().__init__(url)
        self.refused = refused

    def remember(self, kind, values, *, forget=()):
        if kind == self.refused and (values or tuple(forget)):
            raise Lost
        super().remember(kind, values, forget=forget)


class Shop:
    """One pair over one table, and runs over them."""

    def __init__(self, root):
        self.root, self.file = root, root / "warehouse.duckdb"
        self.change(DDL)

    def change(self, sql):
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(sql)

    def write(self, sql, *, question="What about it?", vetted_on="2026-11-01"):
        place = self.root / "clusters/sales/pairs/it.sql"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.parent.parent.joinpath("cluster.yaml").write_text(CARD)
        place.write_text(PAIR.format(question=question, vetted_on=vetted_on, sql=sql))

    def run(self, refused=""):
        (cluster,) = load_clusters(self.root / "clusters", dialect="duckdb").clusters
        url = str(self.root / "context")
        with open_warehouse(f"duckdb:///{self.file}?workers=0") as warehouse:
            catalog = warehouse.catalog()
            ground = Ground(
                catalog, profile_cluster(cluster, catalog, warehouse, {}, progress=lambda line: None).profiles
            )
            around = Around(Forgetful(url, refused), Catalogs(url), warehouse, self.root / "clusters")
            return judge_pairs(cluster, around, ground, run="run", at=datetime.now(UTC))


@pytest.fixture
def shop(tmp_path):
    return Shop(tmp_path)


@pytest.mark.parametrize("refused", ["drift", "baseline", "repair", "verdict", "former", "held"])
def test_a_run_that_failed_half_way_is_made_up_for_by_the_next(shop, refused):
    shop.write(AMOUNT)
    shop.run()
    shop.change("ALTER TABLE shop.orders RENAME amount TO total")
    assert "sum(total)" in shop.run().repairs["it"].sql
    shop.change("ALTER TABLE shop.orders RENAME total TO price")
    with suppress(Lost):
        shop.run(refused)
    report = shop.run()
    assert "sum(price)" in report.repairs["it"].sql
    assert report.verdicts.broken()["it"].probably == "price"


@pytest.mark.parametrize("refused", ["drift", "baseline"])
def test_a_pair_that_was_vetted_again_is_not_held_to_what_was_found_before(shop, refused):
    shop.write(WEB)
    shop.run()
    shop.change("UPDATE shop.orders SET channel = 'online' WHERE channel = 'web'")
    assert shop.run().drift.drifted
    shop.write(WEB, vetted_on="2026-11-20")
    with pytest.raises(Lost):
        shop.run(refused)
    assert not shop.run().drift.drifted


def test_a_pair_that_broke_and_binds_again_keeps_what_was_true_when_it_was_vetted(shop):
    shop.write(WEB)
    shop.run()
    shop.change("ALTER TABLE shop.orders RENAME TO away")
    assert shop.run().verdicts.broken()
    shop.change("ALTER TABLE shop.away RENAME TO orders; UPDATE shop.orders SET channel = 'online'")
    report = shop.run()
    assert not report.verdicts.broken()
    assert not report.repairs
    assert [drift.detector for _, drift in report.drifts()][:1] == ["vanished_literal"]


def test_a_repair_is_worked_out_again_when_its_file_was_edited_meanwhile(shop):
    shop.write(AMOUNT)
    shop.run()
    shop.change("ALTER TABLE shop.orders RENAME amount TO total")
    first = shop.run().repairs["it"]
    assert shop.run().repairs["it"] is not None
    shop.write(AMOUNT, question="What?", vetted_on="2026-11-02")
    again = shop.run().repairs["it"]
    assert (again.sql, again.diff) != (first.sql, first.diff)
    subprocess.run(["git", "apply"], input=again.diff, text=True, cwd=shop.root / "clusters", check=True)
    assert not shop.run().verdicts.broken()


def test_a_table_that_is_renamed_twice_is_said_to_be_called_as_it_is_now(shop):
    shop.write(AMOUNT)
    shop.run()
    for name in ("purchases", "sales"):
        table = "orders" if name == "purchases" else "purchases"
        shop.change(f"ALTER TABLE shop.{table} RENAME TO {name}")
        report = shop.run()
        verdict = report.verdicts.broken()["it"]
        assert isinstance(verdict, Broken)
        assert verdict.probably == f"shop.{name}"
        assert f"FROM shop.{name}" in report.repairs["it"].sql
    assert shop.run().verdicts.reused == ("it",)
