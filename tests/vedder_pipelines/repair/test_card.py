"""Promises of a repair in `cluster.yaml`: it follows the pair in the same patch, and hidden names are never written."""

from tests.vedder_pipelines.repair.shops import AMOUNT, CARD, TO_TOTAL
from vedder_core.cluster_check import check_against
from vedder_core.cluster_files import load_clusters
from vedder_core.schema_change import ColumnRenamed, TableRenamed
from vedder_core.warehouse.warehouse import open_warehouse

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


def test_a_renamed_table_takes_its_place_in_the_cluster_too(shop):
    shop.write("SELECT orders.name FROM shop.orders ORDER BY orders.amount")
    repair = shop.repair("ALTER TABLE shop.orders RENAME TO sales", TableRenamed("shop.orders", "shop.sales", 0.8))
    assert repair.sql == "SELECT sales.name FROM shop.sales ORDER BY sales.amount"
    assert repair.proof.proven
    shop.apply(repair)
    assert "- name: shop.sales  # the facts" in (shop.files / "sales" / "cluster.yaml").read_text()
    assert shop.cluster().pairs[0].sql == repair.sql


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
