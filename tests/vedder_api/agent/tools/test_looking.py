"""The tools that look: clusters, what is in them, datasets, values."""

import pytest

from tests.vedder_api.agent.desks import error_of, used
from tests.vedder_api.agent.hostile_world import HIDDEN, SECRETS
from vedder_api.agent.tools.find_value import folded
from vedder_api.agent.tools.tool import ToolResult


def test_the_nearest_cluster_is_found_first_and_nothing_is_opened(desk):
    result = used(desk(), "find_clusters", question="makers and age of aircraft")
    assert [line[:10] for line in result.text.splitlines() if line.startswith("- ")] == ["- `fleet` ", "- `flights"]
    assert result.opened == ()


def test_opening_a_cluster_shows_its_datasets_docs_and_pairs_near_the_question(desk):
    laid = desk("Which flights were cancelled?")
    result = used(laid, "open_cluster", name="flights")
    assert result.opened == ("flights",)
    assert {"flights/dataset/nyc.flights", "flights/doc/cancelled/0"} <= set(result.shown)
    assert set(laid.granted().tables) == {"nyc.flights"}
    assert "gate" not in result.text  # of the broken pair


def test_what_was_shown_is_not_shown_again_and_the_rest_is_counted(desk):
    laid = desk("How many flights left JFK in July?")
    laid.lay(ToolResult("", shown=("flights/pair/departures", "flights/dataset/nyc.flights")))
    result = used(laid, "open_cluster", name="flights")
    assert "flights/pair/departures" not in result.shown
    assert "### `nyc.flights`" not in result.text
    assert "Not shown of `flights`: " in result.text


def test_a_misspelt_cluster_is_answered_with_the_nearest(desk):
    assert "Did you mean `flights`?" in error_of(desk(), "open_cluster", name="flihgts")


def test_words_are_looked_up_in_open_clusters_and_only_named_elsewhere(desk):
    laid = desk("q", "flights")
    result = used(laid, "look_up", words="cancelled aircraft makers")
    assert "### Gotcha `flights/cancelled`" in result.text
    assert "- dataset of `fleet`: nyc.planes" in result.text
    assert {id_.split("/")[0] for id_ in result.shown} == {"flights"}
    again = used(laid, "look_up", words="cancelled aircraft makers")
    assert "### Gotcha" not in again.text


def test_looking_up_in_a_cluster_that_is_not_there_is_an_error(desk):
    assert "no cluster `sea`" in error_of(desk(), "look_up", words="x", clusters=["sea"])


def test_a_dataset_is_told_with_all_that_is_known_and_the_pairs_that_use_it(desk):
    result = used(desk("q", "flights"), "look_at_dataset", name="FLIGHTS")
    assert '`origin` VARCHAR: never NULL; 3 distinct; "EWR" to "LGA"; all values (rows): "JFK" (1,008)' in result.text
    assert "- `flights`: How many flights left {origin} in {month}?" in result.text
    assert result.shown == ("flights/dataset/nyc.flights",)
    assert "gate" not in result.text


def test_a_dataset_of_a_cluster_that_is_not_open_names_the_cluster_to_open(desk):
    for name in ("nyc.planes", "planes", "`NYC.Planes`"):
        said = error_of(desk("q", "flights"), "look_at_dataset", name=name)
        assert (
            said == "`nyc.planes` is a dataset of `fleet`, which was not opened. Use `open_cluster` with `fleet` first."
        )


def test_an_unknown_dataset_is_answered_with_the_nearest_open_one(desk):
    assert "Did you mean `nyc.flights`?" in error_of(desk("q", "flights"), "look_at_dataset", name="nyc.flight")
    assert "Open a cluster first" in error_of(desk(), "look_at_dataset", name="nyc.nothing")


@pytest.mark.parametrize("text", ["jfk", "JFK ", "Jfk", "jfkk"])
def test_a_value_is_found_whatever_its_case_and_typos(desk, text):
    lines = used(desk("q", "flights"), "find_value", text=text).text.splitlines()
    assert lines[1] == '- "JFK" in `nyc.flights.origin` (1,008 rows)'


def test_accents_do_not_matter():
    assert folded("  Zürich  Ñandú ") == folded("zurich nandu")


def test_where_values_are_not_all_known_that_is_said(desk):
    result = used(desk("q", "flights"), "find_value", text="1003", column="dep_time")
    assert "Not all values are known of `nyc.flights.dep_time`: others can be there." in result.text
    none = used(desk("q", "fleet"), "find_value", text="Boeing", column="maker")
    assert none.text == 'No known value is near "Boeing".'


def test_looking_for_a_value_needs_an_open_cluster_and_a_column_that_is_there(desk):
    assert "No cluster is open" in error_of(desk(), "find_value", text="JFK")
    assert "Did you mean `origin`?" in error_of(desk("q", "flights"), "find_value", text="JFK", column="orign")
    assert "`nyc.planes` is a dataset of `fleet`" in error_of(
        desk("q", "flights"), "find_value", text="x", dataset="nyc.planes"
    )


def test_no_looking_tool_tells_hidden_columns_or_withheld_values(hostile_desk):
    laid = hostile_desk("q", "orders", "sales")
    results = [
        used(laid, "open_cluster", name="orders", about="risk"),
        used(laid, "open_cluster", name="sales", about="risky orders"),
        used(laid, "look_up", words="risk score of orders"),
        used(laid, "look_at_dataset", name="shop.orders"),
        used(laid, "find_value", text="corp"),
        used(laid, "find_value", text="secret"),
        used(laid, "find_clusters", question="risk score"),
    ]
    for word in (*HIDDEN, *SECRETS):
        assert [result.text for result in results if word in result.text] == []
    said = error_of(laid, "find_value", text="1", column="shadows")
    assert not any(word in said.replace("`shadows`", "") for word in HIDDEN)
