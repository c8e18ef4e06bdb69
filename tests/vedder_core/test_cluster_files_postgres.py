"""Promises about cluster files of a PostgreSQL warehouse: SQL, names and blanks are read as it reads them."""

from vedder_core.cluster_files import load_clusters

CARD = """
title: Shop
summary: Orders of a shop
owner: {team: shop, contact: "#shop"}
datasets:
  - {name: shop.orders, description: Orders}
  - {name: shop.Orders, description: Orders of the old shop}
"""
PAIR = """/*
question: Which orders came since {since}?
parameters:
  since: {type: date}
teaches: Two tables hold orders.
vetted_by: Ana
vetted_on: 2026-01-05
*/
SELECT o.id, info ->> 'k', at::date FROM Shop.Orders AS o JOIN shop."Orders" AS old USING (id)
WHERE o.at >= :since AND o.status ~ '^p'
"""


def load(folder, pair=PAIR, dialect="postgres"):
    home = folder / "shop"
    (home / "pairs").mkdir(parents=True)
    (home / "cluster.yaml").write_text(CARD)
    (home / "pairs" / "since.sql").write_text(pair)
    return load_clusters(folder, dialect=dialect)


def test_a_pair_in_postgresql_reads_two_tables_that_differ_by_case(tmp_path):
    loaded = load(tmp_path)
    assert [problem.message for problem in loaded.problems] == []
    assert [dataset.name for dataset in loaded.clusters[0].datasets] == ["shop.orders", "shop.Orders"]
    assert loaded.clusters[0].dataset("shop.Orders").description == "Orders of the old shop"


def test_in_duckdb_those_are_one(tmp_path):
    assert any("already listed" in problem.message for problem in load(tmp_path, dialect="duckdb").problems)


def test_a_table_that_is_not_listed_is_told(tmp_path):
    problems = load(tmp_path, PAIR.replace("Shop.Orders", '"Sales".orders')).problems
    assert [problem.message for problem in problems] == [
        "The SQL reads `Sales.orders`, which cluster.yaml does not list under `datasets`."
    ]
