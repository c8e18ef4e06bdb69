import pytest

from tests.vedder_api.agent.hostile_world import HIDDEN, SECRETS
from vedder_api.agent.context import clearly_near, opening
from vedder_api.agent.showing import shown
from vedder_core.chat.chat_model import estimated_tokens
from vedder_core.context.search import Routed

QUESTION = "How many flights left JFK in July that were not cancelled?"


@pytest.mark.parametrize("tokens", [500, 700, 1_000, 2_000, 6_000, 20_000])
def test_the_opening_stays_within_its_budget_and_says_what_each_part_took(desk, tokens):
    told = opening(desk(QUESTION), tokens)
    assert estimated_tokens(told.text) <= sum(told.parts.values()) <= tokens


@pytest.mark.parametrize("tokens", [500, 700, 1_000, 6_000])
def test_no_entry_is_cut_and_each_that_is_named_as_shown_stands_there_whole(desk, tokens):
    laid = desk(QUESTION)
    told = opening(laid, tokens)
    entries = laid.snapshot.get(told.shown)
    assert [entry.id for entry in entries] == list(told.shown)
    assert all(shown(entry, laid.veil) in told.text for entry in entries)
    left_out = [text for e in laid.snapshot.entries() if e.id not in told.shown and (text := shown(e, laid.veil))]
    assert not any(text.splitlines()[0] in told.text.splitlines() for text in left_out)


def test_the_same_question_gets_the_same_opening(desk):
    assert opening(desk(QUESTION), 3_000) == opening(desk(QUESTION), 3_000)


def test_the_nearest_cluster_is_open_with_its_nearest_pair_and_the_dataset_of_that_pair(desk):
    told = opening(desk(QUESTION), 6_000)
    assert told.opened == ("flights",)
    assert "flights/pair/departures" in told.shown
    assert "flights/dataset/nyc.flights" in told.shown
    assert "flights/doc/cancelled/0" in told.shown


def test_the_nearest_pair_is_told_even_where_nothing_else_fits(desk):
    told = opening(desk(QUESTION), 500)
    assert "flights/pair/departures" in told.shown
    assert "flights/dataset/nyc.flights" not in told.shown
    assert "`nyc.flights` (`look_at_dataset`)" in told.text


def test_the_opening_changes_nothing_on_the_desk(desk):
    laid = desk(QUESTION)
    opening(laid, 2_000)
    assert (laid.opened, laid.shown) == (set(), {})


def test_clusters_with_a_good_part_of_the_best_share_are_opened_too(desk):
    card = desk().snapshot.cluster_cards()[0]
    routed = [Routed(card.__class__(**{**vars(card), "name": n}), s) for n, s in (("a", 0.6), ("b", 0.3), ("c", 0.1))]
    assert clearly_near(routed) == ("a", "b")


def test_a_dataset_that_two_clusters_list_is_told_once(hostile_desk):
    told = opening(hostile_desk("one row for each order"), 6_000)
    assert set(told.opened) == {"orders", "sales"}
    assert sum("/dataset/" in id_ for id_ in told.shown) == 1
    assert "look_at_dataset" not in told.text


@pytest.mark.parametrize("question", ["How many orders are risky?", "risk_score of orders", "shadow", "contact"])
def test_no_question_brings_hidden_columns_or_withheld_values_into_the_opening(hostile_desk, question):
    told = opening(hostile_desk(question), 20_000)
    assert not any(word in told.text for word in (*HIDDEN, *SECRETS))
