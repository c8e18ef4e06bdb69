"""Verdicts and repairs tell nothing that any cluster hides or withholds at the moment of showing."""

from datetime import date

import pytest

from vedder_api.agent.showing_veil import Veil
from vedder_api.agent.told_verdicts import told_repair, told_verdict
from vedder_core.cluster import Pair
from vedder_core.context.entry import TaughtPair
from vedder_core.repair import Proof, Repair
from vedder_core.verdict import Broken, Drift, Drifted, Valid

PAIR = Pair(slug="p", question="?", teaches="x", vetted_by="x", vetted_on=date(2026, 1, 1), sql="SELECT 1 AS x")
OPEN = Veil({}, {}, frozenset())
HIDING = Veil({"shop.orders": frozenset({"total"})}, {}, frozenset())
SENSITIVE = Veil({}, {"shop.orders": {"state": "marked as sensitive by its curator"}}, frozenset())

VANISHED = Drift("vanished_literal", "`open` is gone.", "shop.orders", "state", value="open", probably="OPEN")
GONE = Broken("It has no column.", missing_column="shop.orders.amount", probably="total", line=1, confidence=0.9)
MOVED = Broken("It has no column.", missing_column="shop.x.amount", probably="shop.orders.total", confidence=0.9)


def taught(verdict, change):
    repair = Repair("sales", "p", (change,), "SELECT 1 AS x", "--- a\n+++ b\n", 0.9, Proof(binds=True, result="equal"))
    return TaughtPair(PAIR, verdict, ("shop.orders",), (), {}, repair)


CASES = [
    (Drifted(("x",), (VANISHED,)), "`shop.orders.state` holds `OPEN` for `open` now.", SENSITIVE, "OPEN"),
    (GONE, "`shop.orders.amount` is called `total` now.", HIDING, "total"),
    (MOVED, "`shop.x.amount` is called `shop.orders.total` now.", HIDING, "total"),
]


@pytest.mark.parametrize(("verdict", "change", "veil", "secret"), CASES)
def test_what_is_withheld_by_now_is_in_neither_verdict_nor_repair(verdict, change, veil, secret):
    one = taught(verdict, change)
    assert told_repair(one, veil) is None
    assert secret not in str(told_verdict(verdict, veil))
    assert told_repair(one, OPEN) == one.repair
    assert told_verdict(verdict, OPEN) == verdict


def test_a_repair_of_several_names_is_withheld_for_any_of_them():
    one = taught(
        Broken("It has no table.", missing_table="shop.old", probably="shop.orders"), "`a.b` is called `total` now."
    )
    assert told_repair(one, HIDING) is None


def test_what_nobody_hides_is_told_as_it_is():
    other = Broken("It has no column.", missing_column="shop.customers.amount", probably="total")
    assert told_verdict(other, HIDING) == other
    assert told_verdict(Valid(("x",)), HIDING) == Valid(("x",))
