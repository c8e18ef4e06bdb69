"""Stored health tells nothing that any cluster hides or withholds at the moment of showing."""

from datetime import UTC, datetime

import pytest

from vedder_api.agent.showing_veil import Veil
from vedder_api.told_health import NOT_TOLD, told_health
from vedder_core.health import Action, Health, Reading

OPEN = Veil({}, {}, frozenset())
HIDING = Veil({"shop.orders": frozenset({"total"})}, {}, frozenset({"total"}))
SENSITIVE = Veil({}, {"shop.orders": {"state": "marked as sensitive by its curator"}}, frozenset())

RENAMED = Action("Write `total` in place of `amount`?", 0.2, names=("shop.orders.amount", "shop.orders.total"))
VANISHED = Action("Vet it again: `OPEN` for `open`.", 0.1, tells=("shop.orders.state",), names=("shop.orders.state",))
OLDER = Action("Describe `shop.orders.total` in a doc.", 0.1, turn="t")


def health(action):
    readings = (Reading("pair_validity", 0.5, 0.3, ("1 of 2.", "`total` is missed."), (action,)),)
    return Health("sales", 0.5, "degraded", readings, datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("action", "veil", "secret"),
    [(RENAMED, HIDING, "total"), (VANISHED, SENSITIVE, "OPEN"), (OLDER, HIDING, "total")],
)
def test_an_action_that_tells_what_is_withheld_by_now_says_only_what_it_gains(action, veil, secret):
    (reading,) = told_health(health(action), veil).readings
    assert reading.actions == (Action(NOT_TOLD, action.gain),)
    assert secret not in str(reading.actions)
    assert reading.value == 0.5


def test_evidence_that_names_a_hidden_column_is_left_out():
    (reading,) = told_health(health(OLDER), HIDING).readings
    assert reading.evidence == ("1 of 2.",)


def test_a_name_alone_of_what_is_only_sensitive_and_everything_that_nobody_forbids_is_told():
    named = Action("Mend it: there is no `state`.", 0.1, "t", names=("shop.orders.state",))
    for action, veil in ((named, SENSITIVE), (named, OPEN), (VANISHED, OPEN), (RENAMED, SENSITIVE)):
        (told,) = told_health(health(action), veil).readings[0].actions
        assert told == action
