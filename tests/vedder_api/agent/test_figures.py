"""Numbers that an answer's words name are looked for in the rows that it cites."""

import time
from decimal import Decimal

import pytest

from vedder_api.agent.figures import unfounded
from vedder_core.answer import RanQuery


def ran(*rows, sql="SELECT 1"):
    return RanQuery("q1", sql, sql, ("nyc.flights",), ("a", "b"), rows, False, 1.0)


@pytest.mark.parametrize(
    "text",
    [
        "9,812 flights left JFK in July 2013.",
        "About 9.8 thousand flights left.",
        "2.45 % were cancelled.",
        "The mean delay was 12.6 minutes.",
        "3 airports, 12 months.",
        "There are 2 rows.",
        "It cost 1234.5.",
    ],
)
def test_numbers_of_the_rows_are_found_however_they_are_written(text):
    assert unfounded(text, "How many?", [ran((9812, 0.0245), (Decimal("1234.50"), 12.639))]) == ()


def test_a_number_that_no_row_holds_is_named():
    (notice,) = unfounded("9,813 flights left JFK.", "How many flights left JFK?", [ran((9812, "JFK"))])
    assert notice.kind == "unfounded_number"
    assert "9,813" in notice.text


def test_numbers_of_the_question_and_of_the_sql_are_no_news():
    query = ran((1, 2), sql="SELECT count(*) FROM t WHERE delay > 45")
    assert unfounded("1 flight was more than 45 minutes late on route 3021.", "And on route 3021?", [query]) == ()


def test_text_values_of_rows_count():
    assert unfounded("The busiest plane is 725 of N725MQ.", "Which?", [ran(("N725MQ", "gate 725"))]) == ()


def test_what_a_doc_says_is_known():
    text = "One reading of 1,048 mph is left out."
    assert unfounded(text, "How windy?", [ran((12.5, 1))], ["`wind_speed` 1,048.4 mph at EWR is an error."]) == ()
    assert unfounded(text, "How windy?", [ran((12.5, 1))]) != ()


def test_many_numbers_over_many_rows_take_no_time():
    rows = [tuple(float(row * column) + 0.123 for column in range(1, 21)) for row in range(1000)]
    text = " ".join(f"{number}.987654" for number in range(1000, 1300))
    began = time.process_time()
    assert unfounded(text, "?", [ran(*rows)])
    assert time.process_time() - began < 1
