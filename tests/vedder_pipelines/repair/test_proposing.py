"""Promises of `repair`: the curator's text stays but for the names, and what could be wrong is not proven."""

import subprocess
from datetime import UTC, datetime

import duckdb
import pytest
from sqlglot import exp

from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import load_clusters
from vedder_core.profile import CommonValue
from vedder_core.schema_change import ColumnAdded, ColumnMoved, ColumnRenamed, SchemaDiff, TableRenamed
from vedder_core.sql.resolved import BaseColumn
from vedder_core.verdict import Drifted
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.drift.baseline import Baseline, Facts
from vedder_pipelines.drift.detectors.vanished_literal import VanishedLiteral
from vedder_pipelines.drift.running import example_values, run_pair
from vedder_pipelines.drift.uses import Condition
from vedder_pipelines.profiling import profile_cluster
from vedder_pipelines.repair.proposing import propose_repairs
from vedder_pipelines.repair.values import propose_value_repairs
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


@pytest.fixture
def shop(tmp_path):
    return Broken(tmp_path)


AMOUNT = ColumnRenamed("shop.orders", "amount", "total", 0.9)
TO_TOTAL = "ALTER TABLE shop.orders RENAME amount TO total"
NAME = ColumnRenamed("shop.orders", "name", "title", 0.9)
TO_TITLE = "ALTER TABLE shop.orders RENAME name TO title"


def test_only_the_names_change_and_the_result_keeps_its_columns(shop):
    shop.write("-- amount, in euros\nSELECT o.name,   amount -- the amount\nFROM shop.orders o\nWHERE o.Amount > 7")
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair.sql == (
        "-- amount, in euros\nSELECT o.name,   total AS amount -- the amount\nFROM shop.orders o\nWHERE o.total > 7"
    )
    assert repair.proof.proven
    assert repair.changes == ("`shop.orders.amount` is called `total` now.",)
    assert repair.confidence == 0.9


def test_a_column_of_the_same_name_in_another_table_stays(shop):
    shop.write(
        "SELECT c.name, max(o.name) AS last FROM shop.orders o JOIN shop.customers c USING (customer) GROUP BY ALL"
    )
    repair = shop.repair(TO_TITLE, NAME)
    assert repair.sql.startswith("SELECT c.name, max(o.title) AS last")
    assert repair.proof.proven


def test_a_name_means_what_it_means_in_its_own_scope(shop):
    shop.write(
        "WITH named AS (SELECT name, customer FROM shop.orders), amount AS (SELECT country AS name FROM "
        "shop.customers)\n"
        "SELECT n.name FROM named n WHERE EXISTS (SELECT 1 FROM amount a WHERE a.name < n.name)"
    )
    repair = shop.repair(TO_TITLE, NAME)
    assert repair.sql.startswith(
        "WITH named AS (SELECT title AS name, customer FROM shop.orders), amount AS (SELECT coun"
    )
    assert repair.sql.endswith("SELECT n.name FROM named n WHERE EXISTS (SELECT 1 FROM amount a WHERE a.name < n.name)")


def test_names_that_a_star_brings_along_are_followed(shop):
    shop.write("WITH o AS (SELECT * FROM shop.orders) SELECT sum(o.amount) AS turnover FROM o")
    assert (
        shop.repair(TO_TOTAL, AMOUNT).sql
        == "WITH o AS (SELECT * FROM shop.orders) SELECT sum(o.total) AS turnover FROM o"
    )


def test_a_new_name_that_another_table_has_is_qualified(shop):
    shop.write(
        "SELECT amount, country FROM shop.orders o JOIN shop.customers c ON o.customer = c.customer WHERE amount > 3"
    )
    repair = shop.repair(
        "ALTER TABLE shop.orders RENAME amount TO country", ColumnRenamed("shop.orders", "amount", "country", 0.9)
    )
    assert repair.sql.startswith("SELECT o.country AS amount, c.country FROM")
    assert repair.sql.endswith("WHERE o.country > 3")
    assert repair.proof.proven


@pytest.mark.parametrize("name", ["the total", "order", "Größe", "1st"])
def test_a_name_that_needs_quotes_gets_them(shop, name):
    shop.write("SELECT sum(amount) AS turnover FROM shop.orders")
    repair = shop.repair(
        f'ALTER TABLE shop.orders RENAME amount TO "{name}"', ColumnRenamed("shop.orders", "amount", name, 0.9)
    )
    assert repair.sql == f'SELECT sum("{name}") AS turnover FROM shop.orders'
    assert repair.proof.proven


def test_a_column_of_using_that_one_side_renamed_is_joined_by_on(shop):
    shop.write("SELECT customer, sum(amount) AS t FROM shop.orders o JOIN shop.customers c USING (customer) GROUP BY 1")
    repair = shop.repair(
        "ALTER TABLE shop.customers RENAME customer TO id", ColumnRenamed("shop.customers", "customer", "id", 0.9)
    )
    assert "JOIN shop.customers c ON o.customer = c.id" in repair.sql
    assert repair.sql.startswith("SELECT o.customer AS customer, ")
    assert repair.proof.proven


def test_nothing_is_guessed_of_a_natural_join(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders NATURAL JOIN shop.customers")
    assert shop.repair(TO_TOTAL, AMOUNT) is None


def test_a_renamed_table_takes_its_place_in_the_cluster_too(shop):
    shop.write("SELECT orders.name FROM shop.orders ORDER BY orders.amount")
    repair = shop.repair("ALTER TABLE shop.orders RENAME TO sales", TableRenamed("shop.orders", "shop.sales", 0.8))
    assert repair.sql == "SELECT sales.name FROM shop.sales ORDER BY sales.amount"
    assert repair.proof.proven
    shop.apply(repair)
    assert "- name: shop.sales  # the facts" in (shop.files / "sales" / "cluster.yaml").read_text()
    assert shop.cluster().pairs[0].sql == repair.sql


def test_the_header_names_the_new_column_too(shop):
    header = HEADER.replace("about it?", "in {land}?").replace(
        "teaches", 'parameters:\n  land: {values: shop.customers.country, default: "FR"}  # all\nteaches'
    )
    shop.write("SELECT count(*) AS n FROM shop.customers WHERE country = :land", header=header)
    repair = shop.repair(
        "ALTER TABLE shop.customers RENAME country TO nation",
        ColumnRenamed("shop.customers", "country", "nation", 0.9),
    )
    assert '{values: shop.customers.nation, default: "FR"}  # all\n' in shop.apply(repair)
    assert repair.proof.proven


@pytest.mark.parametrize(("ends", "last"), [("\n", "\n"), ("\n", ""), ("\r\n", "\r\n"), ("\r\n", "")])
def test_git_applies_the_difference_and_line_ends_stay(shop, ends, last):
    shop.write("SELECT\n  sum(amount) AS turnover\nFROM shop.orders", ends=ends, last=last)
    before = shop.pair_file.read_bytes().decode()
    after = shop.apply(shop.repair(TO_TOTAL, AMOUNT))
    assert after == before.replace("sum(amount)", "sum(total)")


def test_two_new_columns_that_do_alike_prove_nothing(shop):
    shop.write("SELECT sum(amount) AS turnover FROM shop.orders")
    repair = shop.repair(
        f"{TO_TOTAL}; ALTER TABLE shop.orders ADD COLUMN total_b INTEGER; UPDATE shop.orders SET total_b = total",
        *(AMOUNT, ColumnAdded("shop.orders", "total_b", "INTEGER")),
    )
    assert not repair.proof.proven
    assert "`total_b`" in repair.proof.missing[0]


def test_two_renames_that_may_be_each_others_prove_nothing(shop):
    shop.write("SELECT sum(amount + weight) AS added FROM shop.orders")
    repair = shop.repair(
        f"{TO_TOTAL}; ALTER TABLE shop.orders RENAME weight TO mass",
        ColumnRenamed("shop.orders", "amount", "mass", 0.9),
        ColumnRenamed("shop.orders", "weight", "total", 0.9),
    )
    assert not repair.proof.proven


def test_a_result_that_any_column_would_give_proves_nothing(shop):
    shop.write("SELECT count(amount) AS n FROM shop.orders")
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair.proof.binds
    assert repair.proof.result == "not_compared"


def test_an_empty_result_proves_nothing(shop):
    shop.write("SELECT name FROM shop.orders WHERE amount > 100000")
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert not repair.proof.proven
    assert repair.proof.missing


def test_without_a_kept_result_nothing_is_proven(shop):
    shop.write("SELECT sum(amount) AS turnover FROM shop.orders")
    repair = shop.repair(TO_TOTAL, AMOUNT, baseline=False)
    assert not repair.proof.proven
    assert repair.proof.missing


def test_the_wrong_column_is_not_proven(shop):
    shop.write("SELECT sum(amount) AS turnover FROM shop.orders")
    repair = shop.repair(
        "ALTER TABLE shop.orders DROP COLUMN amount", ColumnRenamed("shop.orders", "amount", "weight", 0.9)
    )
    assert repair.proof.result == "differs"


def test_a_moved_column_is_joined_on_what_leads_there(shop):
    shop.write("SELECT name, amount FROM shop.orders WHERE amount > 50\nORDER BY id")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, amount FROM shop.orders; ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id",)),
    )
    assert repair.sql == (
        "SELECT name, amounts.amount FROM shop.orders\nLEFT JOIN shop.amounts ON orders.id = amounts.id"
        " WHERE amounts.amount > 50\nORDER BY orders.id"
    )
    assert repair.proof.proven
    shop.apply(repair)
    assert shop.cluster().dataset("shop.amounts") is not None


def test_no_join_is_proposed_that_would_multiply_rows(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, amount FROM shop.orders, range(2);ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id",)),
    )
    assert repair is None


def test_no_join_is_proposed_on_two_columns_where_one_leads_to_one_row(shop):
    shop.write("SELECT name, amount FROM shop.orders")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, name, amount FROM shop.orders; ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id", "name")),
    )
    assert repair is None


def test_no_join_is_proposed_that_would_lose_values(shop):
    shop.write("SELECT max(amount) AS t FROM shop.orders")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, amount FROM shop.orders WHERE amount > 50;"
        "ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id",)),
    )
    assert repair is None


def test_a_moved_column_is_not_proven_where_another_one_there_does_alike(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, amount, amount AS net FROM shop.orders;"
        "ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id",)),
    )
    assert "`net`" in repair.proof.missing[0]


def test_what_is_hidden_stands_in_no_difference(shop):
    card = CARD.replace("One row an order.", "One row an order.\n    columns: {email: {hidden: true}}")
    shop.write("SELECT name FROM shop.orders ORDER BY id", card=card)
    repair = shop.repair(
        "ALTER TABLE shop.orders RENAME email TO mail; ALTER TABLE shop.orders RENAME TO sales",
        TableRenamed("shop.orders", "shop.sales", 0.8),
        ColumnRenamed("shop.orders", "email", "mail", 0.8),
    )
    assert repair.proof.proven
    assert "mail" not in repair.diff + " ".join(repair.changes)
    assert "cluster.yaml" in repair.changes[-1]


def vanished(column, was, now):
    """What the detector says, in its own words."""
    condition = Condition(BaseColumn("shop.customers", column), was, exp.true())
    drift = VanishedLiteral()._drift(condition, 3, CommonValue(now, 3))
    return {"it": Drifted((), (drift,))}


def value_repair(shop, change, drifted):
    cluster = shop.cluster()
    (pair,) = cluster.pairs
    with open_warehouse(f"duckdb:///{shop.file}?workers=0") as warehouse:
        catalog = warehouse.catalog()
        values = example_values(pair, {})
        result = run_pair(pair, granted_to(cluster, catalog), warehouse, parameters=values)
    kept = Baseline("", pair.vetted_on, datetime.now(UTC), Facts(result=result))
    shop.run(change)
    with open_warehouse(f"duckdb:///{shop.file}?workers=0") as warehouse:
        found = propose_value_repairs(cluster, drifted, warehouse.catalog(), warehouse, {"it": kept}, shop.files)
    return found.get("it")


TO_FRANCE = "UPDATE shop.customers SET country = 'France' WHERE country = 'FR'"


def test_a_renamed_value_is_replaced_where_it_is_compared(shop):
    shop.write("SELECT sum(customer) AS n\nFROM shop.customers -- 'FR' is France\nWHERE country IN ('FR', 'IT')")
    repair = value_repair(shop, TO_FRANCE, vanished("country", "FR", "France"))
    assert repair.sql.endswith("-- 'FR' is France\nWHERE country IN ('France', 'IT')")
    assert repair.proof.proven
    assert shop.apply(repair).endswith("IN ('France', 'IT')\n")


def test_a_renamed_value_is_replaced_in_a_parameter_too(shop):
    header = HEADER.replace("about it?", "in {land}?").replace(
        "teaches", "parameters:\n  land:\n    values: shop.customers.country\n    default: FR\nteaches"
    )
    shop.write("SELECT sum(customer) AS n FROM shop.customers WHERE country = :land", header=header)
    repair = value_repair(shop, TO_FRANCE, vanished("country", "FR", "France"))
    assert "    default: France\n" in shop.apply(repair)
    assert repair.proof.proven


def test_a_value_that_stands_elsewhere_too_is_left_alone(shop):
    shop.write("SELECT 'FR' AS land, count(*) AS n FROM shop.customers WHERE country = 'FR'")
    assert value_repair(shop, TO_FRANCE, vanished("country", "FR", "France")) is None


def test_a_count_that_another_value_gives_too_proves_no_value(shop):
    shop.write("SELECT count(*) AS n FROM shop.customers WHERE country = 'DE'")
    repair = value_repair(
        shop, "UPDATE shop.customers SET country = 'GER' WHERE country = 'DE'", vanished("country", "DE", "GER")
    )
    assert not repair.proof.proven
    assert "another value" in repair.proof.missing[0]


NOTED = """title: Shop
summary: Orders.
owner: {team: sales, contact: "#sales"}
datasets:
  - name: shop.orders  # the facts
    description: One row an order; its amount is in euros.
    columns:
      id: {note: The amount of the order is elsewhere.}
      "amount": {note: In euros., use: prefer}  # amount
    expectations:
      - {expect: expect_column_values_to_not_be_null, arguments: {column: 'Amount'}}
      - expect: expect_compound_columns_to_be_unique
        arguments: {column_list: [id, amount]}
  - name: shop.customers
    description: One row a customer.
    columns: {name: {note: Not the amount.}}
"""


def test_notes_and_expectations_of_a_renamed_column_follow_in_the_same_patch(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders", card=NOTED)
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair.proof.proven
    shop.apply(repair)
    told = (shop.files / "sales" / "cluster.yaml").read_text()
    assert '"total": {note: In euros., use: prefer}  # amount' in told
    assert "arguments: {column: 'total'}" in told
    assert "column_list: [id, total]" in told
    assert told.replace("total", "amount") == NOTED.replace("Amount", "amount")
    with open_warehouse(f"duckdb:///{shop.file}?workers=0") as warehouse:
        assert check_against(load_clusters(shop.files, dialect="duckdb"), warehouse.catalog()) == ()


def test_a_note_that_somebody_wrote_already_is_not_written_twice(shop):
    card = NOTED.replace("      id: {note", "      total: {note: In cents.}\n      id: {note")
    shop.write("SELECT sum(amount) AS t FROM shop.orders", card=card)
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair is not None
    assert "cluster.yaml" not in repair.diff


def test_a_cluster_file_that_cannot_be_edited_keeps_no_repair_of_a_column_back(shop):
    card = CARD.replace("datasets:\n", "datasets: [").replace(
        "  - name: shop.orders  # the facts\n    description: One row an order.\n",
        "{name: shop.orders, description: a}, ",
    )
    card = card.replace(
        "  - name: shop.customers\n    description: One row a customer.\n", "{name: shop.customers, description: b}]\n"
    )
    shop.write("SELECT sum(amount) AS t FROM shop.orders", card=card)
    repair = shop.repair(TO_TOTAL, AMOUNT)
    assert repair.proof.proven
    assert "cluster.yaml" not in repair.diff


def test_the_name_of_a_hidden_column_is_never_edited(shop):
    card = NOTED.replace("{note: In euros., use: prefer}", "{hidden: true}")
    shop.write("SELECT max(weight) AS heaviest FROM shop.orders", card=card)
    repair = shop.repair(
        f"{TO_TOTAL}; ALTER TABLE shop.orders RENAME weight TO mass",
        AMOUNT,
        ColumnRenamed("shop.orders", "weight", "mass", 0.9),
    )
    assert repair.proof.proven
    assert "total" not in repair.diff + " ".join(repair.changes)
