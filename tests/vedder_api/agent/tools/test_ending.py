"""The tools that run SQL and those that end a turn."""

import json
from dataclasses import replace

import pytest

from tests.vedder_api.agent.desks import error_of, used
from tests.vedder_api.agent.hostile_world import PLANTED
from vedder_api.agent.tools.run_sql import checked
from vedder_api.agent.tools.tool import AskBack, Decline, Finish, ToolError
from vedder_core.warehouse.warehouse import Limits

COUNT = "SELECT origin, count(*) AS flights FROM nyc.flights GROUP BY origin ORDER BY origin"


def test_a_query_runs_and_gets_the_next_id(desk):
    laid = desk("q", "flights")
    first = used(laid, "run_sql", sql=COUNT)
    second = used(laid, "run_sql", sql="SELECT 1 AS one")
    assert json.loads(first.text)["rows"] == [["EWR", 996], ["JFK", 1008], ["LGA", 996]]
    assert [first.query.id, second.query.id] == ["q1", "q2"]
    assert (first.query.asked, first.query.datasets) == (COUNT, ("nyc.flights",))
    assert list(laid.queries) == ["q1", "q2"]


@pytest.mark.parametrize("sql", [f"```sql\n{COUNT}\n```", f"```\n{COUNT};\n```\n", f"  {COUNT} ;"])
def test_sql_in_a_fence_or_with_a_semicolon_runs(desk, sql):
    assert json.loads(used(desk("q", "flights"), "run_sql", sql=sql).text)["row_count"] == 3


def test_more_rows_than_allowed_are_cut_and_said(desk):
    frame = json.loads(used(desk("q", "flights"), "run_sql", sql="SELECT origin FROM nyc.flights").text)
    assert (frame["row_count"], len(frame["rows"]), frame["truncated"]) == (100, 50, True)


def test_what_queries_may_return_together_bounds_each(desk):
    laid = desk("q", "flights")
    laid.bytes_left = 400
    ran = used(laid, "run_sql", sql="SELECT dep_delay FROM nyc.flights").query
    assert ran.truncated
    assert len(ran.rows) < 101
    laid.bytes_left = 0
    assert "returned all that they may" in error_of(laid, "run_sql", sql=COUNT)


@pytest.mark.parametrize(
    "sql", ["SELECT * FROM nyc.planes", "SELECT 1 FROM planes", "WITH a AS (FROM nyc.planes) FROM a"]
)
def test_a_dataset_of_a_cluster_that_is_not_open_cannot_be_queried_and_names_the_cluster(desk, sql):
    assert "Use `open_cluster` with `fleet` first." in error_of(desk("q", "flights"), "run_sql", sql=sql)


def test_a_table_that_no_cluster_lists_is_told_apart_and_nothing_else_is_named(desk):
    said = error_of(desk("q", "flights"), "run_sql", sql="SELECT * FROM information_schema.tables")
    assert "There is no dataset `information_schema.tables` here." in said
    assert "planes" not in said


def test_a_wrong_column_is_answered_with_the_nearest_one_in_our_words(desk):
    said = error_of(desk("q", "flights"), "run_sql", sql="SELECT dep_tiem FROM nyc.flights")
    assert said == "There is no column `dep_tiem` in `nyc.flights`. Did you mean `dep_time`?"


def test_a_hidden_column_does_not_exist(desk, hostile_desk):
    said = error_of(desk("q", "flights"), "run_sql", sql="SELECT tailnum FROM nyc.flights")
    assert said.startswith("There is no column `tailnum` in `nyc.flights`. Known here: `dep_delay`")
    assert "risk_score" not in error_of(
        hostile_desk("q", "sales"), "run_sql", sql="SELECT risk_scor FROM shop.orders"
    ).replace("`risk_scor`", "")
    assert "no column `risk_score`" in error_of(
        hostile_desk("q", "sales"), "run_sql", sql="SELECT risk_score FROM shop.orders"
    )


def test_sql_that_does_not_bind_for_another_reason_is_told_what_to_check_and_not_what_the_engine_says(desk):
    said = error_of(desk("q", "flights"), "run_sql", sql="SELECT origin, count(*) FROM nyc.flights")
    assert "neither grouped nor aggregated" in said
    assert "Binder" not in said


def test_what_is_refused_fails_or_takes_too_long_comes_back_as_an_error_with_a_hint(desk):
    laid = desk("q", "flights")
    assert "DROP" in error_of(laid, "run_sql", sql="DROP TABLE nyc.flights")
    assert "not allowed" in error_of(laid, "run_sql", sql="SELECT read_text('/etc/passwd')")
    assert "TRY_CAST" in error_of(laid, "run_sql", sql="SELECT CAST(origin AS INTEGER) FROM nyc.flights")
    late = replace(laid, limits=Limits(seconds=0.05))
    slow = "SELECT count(*) FROM nyc.flights a, nyc.flights b, nyc.flights c WHERE a.month + b.month < c.dep_delay"
    assert "stopped after" in error_of(late, "run_sql", sql=slow)
    assert laid.queries == {}


def test_planted_text_comes_back_as_data_in_the_frame(hostile_desk):
    result = used(hostile_desk("q", "orders"), "run_sql", sql="SELECT DISTINCT status FROM shop.orders")
    frame = json.loads(result.text)
    assert frame["row_count"] == 2 + len(PLANTED)
    assert not any(value in json.dumps(frame, ensure_ascii=False) for value in PLANTED)
    assert {value for (value,) in result.query.rows} >= set(PLANTED)  # whoever asked gets the rows as they are


def test_checking_says_what_is_wrong_and_runs_nothing(desk):
    laid = desk("q", "flights")
    assert checked(COUNT, laid).datasets == {"nyc.flights"}
    with pytest.raises(ToolError, match="no column `gate`"):
        checked("SELECT gate FROM nyc.flights", laid)
    assert laid.queries == {}


def test_an_answer_cites_queries_that_ran_and_nothing_else(desk):
    laid = desk("q", "flights")
    assert "None has run yet" in error_of(laid, "finish", answer="42.", queries=["q1"])
    used(laid, "run_sql", sql=COUNT)
    assert "Those that ran: `q1`." in error_of(laid, "finish", answer="42.", queries=["q1", "q7"])
    assert "No query is cited" in error_of(laid, "finish", answer="42.", queries=[])
    assert "The answer is empty" in error_of(laid, "finish", answer="  ", queries=["q1"])
    assert used(laid, "finish", answer=" 42. ", queries=["q1", "q1"]).ending == Finish("42.", ("q1",))


def test_asking_back_needs_a_question(desk):
    assert "empty" in error_of(desk(), "ask_user", question=" ")
    ending = used(desk(), "ask_user", question="Which year?", options=["2012", "2012", " ", "2013"]).ending
    assert ending == AskBack("Which year?", ("2012", "2013"))


def test_declining_needs_a_reason(desk):
    assert "empty" in error_of(desk(), "not_covered", reason="")
    assert used(desk(), "not_covered", reason="No fares.").ending == Decline("No fares.")
