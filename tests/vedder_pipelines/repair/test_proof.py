"""Promises of a repair's proof: what could be wrong is not proven, and it is said which proof is missing."""

from tests.vedder_pipelines.repair.shops import AMOUNT, TO_TOTAL
from vedder_core.schema_change import ColumnAdded, ColumnRenamed


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
