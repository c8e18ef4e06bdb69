"""A shop whose one pair was vetted, and whose warehouse then changed: what is proposed, and what git makes of it."""

import subprocess
from datetime import UTC, datetime

import duckdb

from vedder_core.cluster_files import load_clusters
from vedder_core.schema_change import ColumnRenamed, SchemaDiff
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.drift.baseline import Baseline, Facts
from vedder_pipelines.drift.running import example_values, run_pair
from vedder_pipelines.profiling import profile_cluster
from vedder_pipelines.repair.proposing import propose_repairs
from vedder_pipelines.validation import granted_to, judge_cluster

DDL = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
    SELECT i AS id, i % 7 AS customer, (i * 37) % 101 AS amount, 'note ' || i AS name, 'secret ' || i AS email,
           (i * 11) % 13 AS weight
    FROM range(60) t(i);
CREATE TABLE shop.customers AS
    SELECT i AS customer, 'c' || (i * 3) % 5 AS name, ['FR', 'DE', 'IT'][i % 3 + 1] AS country FROM range(7) t(i);
"""
CARD = """title: Shop
summary: Orders.
owner: {team: sales, contact: "#sales"}
datasets:
  - name: shop.orders  # the facts
    description: One row an order.
  - name: shop.customers
    description: One row a customer.
"""
HEADER = """/*
question: What about it?
teaches: a test
vetted_by: Ada
vetted_on: 2026-11-01
*/
"""
AMOUNT = ColumnRenamed("shop.orders", "amount", "total", 0.9)
TO_TOTAL = "ALTER TABLE shop.orders RENAME amount TO total"


class Broken:
    """A shop whose one pair was vetted, and whose warehouse then changed."""

    def __init__(self, root):
        self.root, self.files = root, root / "clusters"
        self.file = root / "warehouse.duckdb"
        self.run(DDL)

    def run(self, sql):
        with duckdb.connect(str(self.file)) as connection:
            connection.execute(sql)

    def write(self, sql, *, header=HEADER, card=CARD, ends="\n", last="\n"):
        home = self.files / "sales" / "pairs"
        home.mkdir(parents=True, exist_ok=True)
        (home.parent / "cluster.yaml").write_text(card)
        self.pair_file = home / "it.sql"
        self.pair_file.write_bytes((header + sql + last).replace("\n", ends).encode())

    def cluster(self):
        loaded = load_clusters(self.files, dialect="duckdb")
        assert not loaded.problems, loaded.problems
        return loaded.clusters[0]

    def repair(self, change, *changes, baseline=True):
        cluster = self.cluster()
        (pair,) = cluster.pairs
        with open_warehouse(f"duckdb:///{self.file}?workers=0") as warehouse:
            catalog = warehouse.catalog()
            report = judge_cluster(cluster, catalog, warehouse, {})
            assert not report.broken()
            profiles = profile_cluster(cluster, catalog, warehouse, {}, progress=print).profiles
            values = example_values(pair, profiles)
            result = run_pair(pair, granted_to(cluster, catalog), warehouse, parameters=values)
            kept = Baseline(report.judged["it"].pair_hash, pair.vetted_on, datetime.now(UTC), Facts(result=result))
        self.run(change)
        with open_warehouse(f"duckdb:///{self.file}?workers=0") as warehouse:
            catalog = warehouse.catalog()
            now = judge_cluster(cluster, catalog, warehouse, report.judged)
            assert now.broken()
            kept = {"it": kept} if baseline else {}
            found = propose_repairs(cluster, now, SchemaDiff(changes), catalog, warehouse, kept, self.files)
        return found.get("it")

    def apply(self, repair):
        (self.root / "repair.patch").write_bytes(repair.diff.encode())
        command = ["git", "apply", "--verbose", f"--directory={self.files.name}", "repair.patch"]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)
        return self.pair_file.read_bytes().decode()
