"""Promises of a repair of a moved column: it is joined only where the join changes no row."""

import pytest

from vedder_core.schema_change import ColumnMoved


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


@pytest.mark.parametrize(
    ("pair", "moved", "key"),
    [
        pytest.param("sum(amount)", "id, amount FROM shop.orders, range(2)", ("id",), id="rows would be multiplied"),
        pytest.param("name, amount", "id, name, amount FROM shop.orders", ("id", "name"), id="one column leads there"),
        pytest.param(
            "max(amount)", "id, amount FROM shop.orders WHERE amount > 50", ("id",), id="values would be lost"
        ),
    ],
)
def test_no_join_is_proposed_that_may_change_the_rows(shop, pair, moved, key):
    shop.write(f"SELECT {pair} FROM shop.orders")
    change = f"CREATE TABLE shop.amounts AS SELECT {moved}; ALTER TABLE shop.orders DROP amount"
    assert shop.repair(change, ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, key)) is None


def test_a_moved_column_is_not_proven_where_another_one_there_does_alike(shop):
    shop.write("SELECT sum(amount) AS t FROM shop.orders")
    repair = shop.repair(
        "CREATE TABLE shop.amounts AS SELECT id, amount, amount AS net FROM shop.orders;"
        "ALTER TABLE shop.orders DROP amount",
        ColumnMoved("shop.orders", "amount", "shop.amounts", "amount", 0.9, ("id",)),
    )
    assert "`net`" in repair.proof.missing[0]
