"""What a vetting covers: a pair's SQL, its parameters and its wordings, all of it together."""

import json
from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter

from tests.vedder_pipelines.health.samples import NOW, cluster, pair
from vedder_core.cluster import Parameter
from vedder_pipelines.health.taught import Taught
from vedder_pipelines.health.vetting import meaning

SENT = pair("a", question="How many orders were sent?", sql="SELECT count(*) FROM orders WHERE state = 'sent'")
OPEN = pair("b", question="How many orders are open?", sql="SELECT count(*) FROM orders WHERE state = 'open'")
BY_STATE = pair(
    "c",
    question="How many orders are {state}?",
    sql="SELECT count(*) FROM orders WHERE state = :state AND amount > :least",
).model_copy(
    update={
        "parameters": {
            "state": Parameter(values="shop.orders.state", default="sent"),
            "least": Parameter(type="integer", default=0),
        }
    }
)


def changed(one, **keys):
    return one.model_copy(update=keys)


def taught(*pairs, since=None, days=0):
    return (since or Taught()).and_now(cluster(), pairs, NOW + timedelta(days=days), dialect="duckdb")


def unvetted(one, since):
    return since.not_vetted([one], dialect="duckdb").get(one.slug)


def test_a_replaced_question_was_not_vetted_and_is_quoted() -> None:
    asks = changed(SENT, question="How many orders came back?")
    assert unvetted(asks, taught(SENT)) == "its question “How many orders came back?”"


def test_an_added_phrasing_was_not_vetted_and_a_removed_one_needs_no_vetting() -> None:
    both = changed(SENT, phrasings=("Sent orders?",))
    assert unvetted(both, taught(SENT)) == "its phrasing “Sent orders?”"
    assert unvetted(SENT, taught(both)) is None


def test_question_and_phrasing_of_a_pair_may_change_places() -> None:
    both = changed(SENT, phrasings=("Sent orders?",))
    turned = changed(SENT, question="Sent orders?", phrasings=(SENT.question,))
    assert unvetted(turned, taught(both)) is None


@pytest.mark.parametrize(
    "asked", ["how many  ORDERS were sent", "How many orders were sent ?!", "How many\norders were sent."]
)
def test_case_spaces_and_how_a_wording_is_closed_tell_nothing(asked) -> None:
    assert unvetted(changed(SENT, question=asked), taught(SENT)) is None


def test_punctuation_inside_a_wording_tells_something() -> None:
    signed = changed(SENT, question="Which orders are below 1.5?")
    assert unvetted(changed(SENT, question="Which orders are below 15?"), taught(signed)) is not None


def test_two_pairs_that_exchange_their_questions_are_both_not_vetted() -> None:
    before = taught(SENT, OPEN)
    first, second = changed(SENT, question=OPEN.question), changed(OPEN, question=SENT.question)
    assert before.not_vetted([first, second], dialect="duckdb") == {
        "a": "its question “How many orders are open?”",
        "b": "its question “How many orders were sent?”",
    }


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("state", Parameter(values="shop.orders.state", default="open")),
        ("state", Parameter(values="shop.orders.state")),
        ("state", Parameter(values="shop.orders.channel", default="sent")),
        ("state", Parameter(values="shop.orders.state", default="sent", without=("lost",))),
        ("least", Parameter(type="number", default=0)),
        ("least", Parameter(type="integer", default=0, maximum=9)),
    ],
)
def test_a_changed_parameter_was_not_vetted_and_is_named_without_a_value(name, parameter) -> None:
    other = changed(BY_STATE, parameters={**BY_STATE.parameters, name: parameter})
    assert unvetted(other, taught(BY_STATE)) == f"its parameter `{name}`"


def test_the_order_of_parameters_tells_nothing_and_one_less_does() -> None:
    turned = dict(reversed(BY_STATE.parameters.items()))
    assert unvetted(changed(BY_STATE, parameters=turned), taught(BY_STATE)) is None
    fewer = {"state": BY_STATE.parameters["state"]}
    assert unvetted(changed(BY_STATE, parameters=fewer), taught(BY_STATE)) == "its parameters"


def test_all_that_is_new_is_said_and_long_wordings_are_cut() -> None:
    other = changed(SENT, sql="SELECT 1", question="word " * 40, phrasings=("Two?", "Three?", "Four?"))
    said = unvetted(other, taught(SENT))
    assert said.startswith("its SQL, its question “word word")
    assert said.endswith(" …”, its phrasing “Two?” and 2 more of its wordings")
    assert len(said) < 200


def test_what_was_vetted_earlier_and_is_put_back_needs_no_new_vetting_but_only_whole() -> None:
    later = changed(SENT, question="Orders by post?", sql="SELECT 1", vetted_on=date(2026, 11, 22))
    both = taught(later, since=taught(SENT), days=1)
    assert unvetted(later, both) is None
    assert unvetted(SENT, both) is None
    mixed = changed(SENT, sql="SELECT 1")
    assert unvetted(mixed, both) == "its question “How many orders were sent?”"


def test_a_new_pair_that_asks_what_another_taught_must_say_what_was_vetted_there_or_be_vetted_since() -> None:
    before = taught(SENT)
    copied = changed(SENT, slug="old_a", sql="SELECT count(*) FROM orders")
    assert unvetted(copied, before) == "its SQL"
    assert unvetted(changed(SENT, slug="sent_orders"), before) is None  # only renamed
    assert unvetted(changed(copied, vetted_on=date(2026, 11, 22)), before) is None
    assert unvetted(changed(copied, question="How many orders are there?"), before) is None  # a question of its own


def test_what_is_not_vetted_stays_so_from_run_to_run_until_somebody_sets_the_day() -> None:
    asks = changed(SENT, question="How many orders came back?")
    later = taught(asks, since=taught(SENT), days=1)
    assert unvetted(asks, later)
    signed = changed(asks, vetted_on=date(2026, 11, 23))
    assert unvetted(signed, later) is None
    assert unvetted(asks, taught(signed, since=later, days=3)) is None


def test_a_phrasing_that_was_removed_may_come_back_later() -> None:
    both = changed(SENT, phrasings=("Sent orders?",))
    assert unvetted(both, taught(SENT, since=taught(both), days=1)) is None


def test_memory_of_before_wordings_counted_is_understood_and_what_it_taught_counts_as_vetted() -> None:
    former = {
        "pairs": {
            "c": {
                "questions": [*BY_STATE.questions()],
                "sqls": ["0123456789abcdef"],
                "last": NOW.isoformat(),
                "vetted_on": "2026-11-01",
                "meant": meaning(BY_STATE, "duckdb"),
                "meant_before": ["fedcba9876543210"],
            }
        },
        "docs": {},
    }
    before = TypeAdapter(Taught).validate_json(json.dumps(former))
    assert unvetted(BY_STATE, before) is None
    assert unvetted(changed(BY_STATE, sql="SELECT 1"), before) == "its SQL"
    assert unvetted(changed(BY_STATE, question="Which?"), before) == "its question “Which?”"
    now = taught(BY_STATE, since=before, days=1)  # from here on its parameters count as well
    fewer = {"state": BY_STATE.parameters["state"]}
    assert unvetted(changed(BY_STATE, parameters=fewer), now) == "its parameters"


def test_what_was_vetted_is_remembered_as_json_and_read_again() -> None:
    kept = TypeAdapter(Taught)
    before = taught(BY_STATE, SENT)
    assert kept.validate_json(kept.dump_json(before)) == before
