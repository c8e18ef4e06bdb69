"""SQL in a question is told from words about selecting."""

import time

import pytest

from vedder_api.agent.pasted_sql import pasted_sql


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("SELECT * FROM nyc.flights", "SELECT * FROM nyc.flights"),
        ("select count(*) from flights where orgin = 'JFK'", "select count(*) from flights where orgin = 'JFK'"),
        ("Why does this fail?\n```sql\nSELECT 1 FRM x\n```\nThanks", "SELECT 1 FRM x"),
        ("```select 1 from x```", "select 1 from x"),
        ("SELECT * FROM NYC.FLIGHTS", "SELECT * FROM NYC.FLIGHTS"),
        ("What is wrong with SELECT a FROM b WHERE", "SELECT a FROM b WHERE"),
        ("fix: with a as (select 1) select * from a", "with a as (select 1) select * from a"),
    ],
)
def test_sql_is_found_where_it_stands(question, sql):
    assert pasted_sql(question) == sql


@pytest.mark.parametrize(
    "question",
    [
        "Which flights should I select from the list?",
        "With how many planes does United fly from EWR?",
        "Select the best airport",
        "HOW MANY FLIGHTS WITH DELAYS LEFT FROM JFK?",
        "",
        "``` ```",
    ],
)
def test_words_about_selecting_are_no_sql(question):
    assert pasted_sql(question) is None


@pytest.mark.parametrize("question", ["```" + " " * 19_996 + "x", "explain" + " " * 19_992 + "x", "SELECT " * 2_857])
def test_a_long_question_is_looked_through_once(question):
    began = time.process_time()
    assert pasted_sql(question) is None
    assert time.process_time() - began < 0.1
