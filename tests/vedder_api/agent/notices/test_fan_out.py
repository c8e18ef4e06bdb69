"""Promises of the notice `fan_out`."""

import pytest

from tests.vedder_api.agent.harbour import Harbour

WEATHER = "port.calls AS c JOIN port.weather AS w ON c.harbour = w.harbour"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT sum(c.tonnes) FROM {WEATHER}",
        f"SELECT w.harbour, avg(c.tonnes) FROM {WEATHER} GROUP BY w.harbour",
        f"SELECT harbour, count(*) FROM (SELECT c.harbour FROM {WEATHER}) GROUP BY 1",
        f"WITH x AS (SELECT c.tonnes FROM {WEATHER}) SELECT sum(tonnes) FROM x",
        "SELECT sum(tonnes) FROM port.calls AS c, port.weather AS w WHERE c.harbour = w.harbour AND c.tonnes > 3",
        "SELECT sum(tonnes) FROM port.calls JOIN port.weather USING (harbour)",
        "SELECT sum(tonnes) FROM port.calls AS c JOIN (FROM port.weather WHERE wind > 3) w ON w.harbour = c.harbour",
    ],
)
def test_a_join_on_a_key_of_neither_side_below_a_sum_is_told(harbour: Harbour, sql: str) -> None:
    (said,) = harbour.notices(sql, kind="fan_out")
    assert "sums, averages and counts may count a row many times" in said
    assert "`port.calls`" in said


def test_two_lists_that_meet_through_a_third_multiply_each_other(harbour: Harbour) -> None:
    sql = """SELECT s.ship, sum(c.tonnes), sum(f.fee) FROM port.ships AS s
             JOIN port.calls AS c ON c.ship = s.ship JOIN port.fees AS f ON f.ship = s.ship GROUP BY s.ship"""
    (said,) = harbour.notices(sql, kind="fan_out")
    assert said.startswith("`port.calls` and `port.fees` are joined without a key that one of them has")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(c.tonnes) FROM port.calls AS c JOIN port.ships AS s USING (ship)",
        "SELECT s.length, count(*) FROM port.ships AS s LEFT JOIN port.calls AS c ON c.ship = s.ship GROUP BY 1",
        # of harbour and day together the profile cannot say that they are no key
        "SELECT sum(c.tonnes) FROM port.calls AS c JOIN port.weather AS w ON c.harbour = w.harbour AND c.day = w.day",
        # `rowid` is in no schema, so that nothing is known of the join
        "SELECT sum(tonnes) FROM port.calls AS c JOIN port.weather AS w ON c.harbour = w.harbour AND c.rowid = w.rowid",
        f"SELECT count(DISTINCT c.ship) FROM {WEATHER}",
        f"SELECT max(c.tonnes) FROM {WEATHER}",
        f"SELECT count(*) FROM (SELECT DISTINCT c.ship FROM {WEATHER})",
        f"SELECT c.id FROM {WEATHER} WHERE c.id = 1",
        "SELECT sum(tonnes) FROM port.calls AS c WHERE EXISTS (FROM port.weather w WHERE w.harbour = c.harbour)",
        "SELECT sum(tonnes) FROM port.calls WHERE harbour IN (SELECT harbour FROM port.weather)",
        "SELECT sum(tonnes) FROM port.calls AS c SEMI JOIN port.weather AS w ON w.harbour = c.harbour",
        """WITH windy AS (SELECT harbour, avg(wind) AS wind FROM port.weather GROUP BY harbour)
           SELECT sum(c.tonnes) FROM port.calls AS c JOIN windy AS w ON w.harbour = c.harbour""",
        "SELECT sum(tonnes) FROM port.calls, (SELECT avg(wind) AS wind FROM port.weather) AS w WHERE tonnes > w.wind",
        """SELECT sum(c.tonnes) FROM port.calls AS c JOIN
           (SELECT *, row_number() OVER (PARTITION BY harbour ORDER BY day) AS n FROM port.weather) AS w
           ON w.harbour = c.harbour AND w.n = 1""",
    ],
)
def test_a_join_that_counts_each_row_once_or_that_is_not_certain_is_not_told(harbour: Harbour, sql: str) -> None:
    assert harbour.notices(sql, kind="fan_out") == []
