"""Promises of the notice `partial_period`. The calls end on 17 September 2013; the boxes with the year."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.vedder_api.agent.harbour import Harbour


@pytest.mark.parametrize(
    ("sql", "period"),
    [
        (
            "SELECT date_trunc('month', day) AS m, count(*) FROM port.calls GROUP BY m",
            "month in `port.calls`, 2013-09,",
        ),
        ("SELECT strftime(day, '%Y-%m'), count(*) FROM port.calls GROUP BY 1", "month in `port.calls`, 2013-09,"),
        ("SELECT year(day), month(day), count(*) FROM port.calls GROUP BY ALL", "month in `port.calls`, 2013-09,"),
        (
            "SELECT extract(quarter FROM day), sum(tonnes) FROM port.calls GROUP BY 1",
            "quarter in `port.calls`, 2013-Q3,",
        ),
        ("SELECT date_part('year', day), sum(tonnes) FROM port.calls GROUP BY 1", "year in `port.calls`, 2013,"),
        ("SELECT date_trunc('week', day), sum(tonnes) FROM port.calls GROUP BY 1", "week in `port.calls`, 2013-W38,"),
        ("SELECT month, count(*) FROM port.calls GROUP BY month", "month in `port.calls`, 2013-09,"),
        ("SELECT count(*) FROM port.calls WHERE year = 2013 AND month = 9", "month in `port.calls`, 2013-09,"),
        ("SELECT count(*) FROM port.calls WHERE year = 2013", "year in `port.calls`, 2013,"),
        (
            "WITH x AS (SELECT date_trunc('month', day) AS m FROM port.calls) SELECT m, count(*) FROM x GROUP BY m",
            "month in `port.calls`, 2013-09,",
        ),
    ],
)
def test_the_last_period_that_the_data_end_in_is_told(harbour: Harbour, sql: str, period: str) -> None:
    assert harbour.notices(sql, kind="partial_period") == [f"The last {period} has data until 2013-09-17 only (`day`)."]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT date_trunc('month', day) AS m, sum(boxes) FROM port.years GROUP BY m",
        "SELECT year(day), sum(boxes) FROM port.years GROUP BY 1",
        "SELECT count(*) FROM port.calls WHERE month = 7",
        "SELECT count(*) FROM port.calls WHERE month(day) IN (6, 7)",
        "SELECT count(*) FROM port.calls WHERE year = 2012",
        "SELECT month, count(*) FROM port.calls WHERE month <= 8 GROUP BY month",
        "SELECT month(day), count(*) FROM port.calls WHERE day < DATE '2013-09-01' GROUP BY 1",
        "SELECT count(*) FROM port.calls WHERE date_trunc('month', day) = DATE '2013-07-01'",
        "SELECT month(day), count(*) FROM port.calls WHERE day < date_trunc('month', current_date) GROUP BY 1",
        "SELECT count(*) FROM port.calls WHERE day BETWEEN DATE '2013-03-01' AND DATE '2013-03-31'",
        "SELECT count(*) FROM port.calls WHERE day >= DATE '2013-03-01'",
        "SELECT day, count(*) FROM port.calls GROUP BY day",
        "SELECT count(*) FROM port.calls",
        "SELECT dayofweek(day), count(*) FROM port.calls GROUP BY 1",
    ],
)
def test_whole_periods_and_periods_that_are_not_asked_for_are_not_told(harbour: Harbour, sql: str) -> None:
    assert harbour.notices(sql, kind="partial_period") == []


def test_a_range_that_goes_beyond_the_data_is_told(harbour: Harbour) -> None:
    sql = "SELECT count(*) FROM port.calls WHERE day >= DATE '2013-09-01' AND day < DATE '2013-10-01'"
    said = ["The question goes to 2013-09-30, and `port.calls` has data until 2013-09-17 only (`day`)."]
    assert harbour.notices(sql, kind="partial_period") == said


def test_today_is_not_over(harbour: Harbour) -> None:
    evening = replace(harbour, now=datetime(2013, 9, 17, 20, tzinfo=UTC))
    sql = "SELECT day, count(*) FROM port.calls GROUP BY day"
    assert evening.notices(sql, kind="partial_period") == [
        "The last day in `port.calls`, 2013-09-17, is today and not over."
    ]


def test_a_stored_month_without_a_date_that_agrees_with_it_is_left_alone(harbour: Harbour) -> None:
    def loaded(card):
        columns = tuple(replace(c, maximum="2014-01-03") if c.name == "day" else c for c in card.profile.columns)
        return replace(card, profile=replace(card.profile, columns=columns))

    other = harbour.curated("port.calls", loaded)
    assert other.notices("SELECT month, count(*) FROM port.calls GROUP BY month", kind="partial_period") == []
