"""Promises of the notice `empty_result`."""

import pytest

from tests.vedder_api.agent.harbour import Harbour


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM port.calls WHERE harbour = 'oslo'",
        "SELECT count(*) FROM port.calls WHERE 'oslo' = harbour",
        "SELECT sum(tonnes) FROM port.calls AS c WHERE c.harbour IN ('oslo')",
        "WITH x AS (SELECT harbour AS h, id FROM port.calls) SELECT count(id) FROM x WHERE h = 'oslo'",
        "SELECT count(*) FROM port.ships AS s JOIN port.calls AS c ON c.ship = s.ship AND c.harbour = 'oslo'",
        "SELECT count(*) FROM port.calls WHERE harbour LIKE 'oslo%'",
    ],
)
def test_a_value_that_no_row_has_is_named_with_the_one_that_was_probably_meant(harbour: Harbour, sql: str) -> None:
    (said,) = harbour.notices(sql, kind="empty_result")
    assert said.startswith("No row has `oslo")
    assert "in `port.calls.harbour`; near it are `Oslo`" in said


def test_a_value_that_filled_a_parameter_is_looked_at_as_if_written(harbour: Harbour) -> None:
    (said,) = harbour.notices("SELECT id FROM port.calls WHERE harbour = :where", kind="empty_result", where="Gent")
    assert said == "No row has `Gent` in `port.calls.harbour`; near it are `Ghent`."


def test_where_nothing_is_near_the_few_values_that_there_are_are_listed(harbour: Harbour) -> None:
    (said,) = harbour.notices("SELECT id FROM port.calls WHERE harbour = 'Xi'", kind="empty_result")
    begin, listed = said.split("; it holds ")
    assert begin == "No row has `Xi` in `port.calls.harbour`"
    assert sorted(listed.strip(".").split(", ")) == ["`Ghent`", "`Oslo`", "`Turku`"]


def test_no_number_is_said_to_be_near_another(harbour: Harbour) -> None:
    (said,) = harbour.notices("SELECT id FROM port.calls WHERE month = 13", kind="empty_result")
    assert said == "`port.calls.month` reaches from 1 to 9; the query asks for values at 13."
    (said,) = harbour.notices("SELECT day FROM port.weather WHERE wind IN (31, 30)", kind="empty_result")
    assert said == "No row has `31`, `30` in `port.weather.wind`."


def test_a_range_beyond_the_data_is_told_with_the_range_that_there_is(harbour: Harbour) -> None:
    (said,) = harbour.notices("SELECT id FROM port.calls WHERE day >= DATE '2014-01-01'", kind="empty_result")
    assert said == "`port.calls.day` reaches from 2013-01-01 to 2013-09-17; the query asks for values from 2014-01-01."
    (said,) = harbour.notices("SELECT max(id) FROM port.calls WHERE tonnes > 96", kind="empty_result")
    assert said.endswith("reaches from 0 to 96; the query asks for values above 96.")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM port.calls WHERE captain = 'captain9'",
        "SELECT id FROM port.calls WHERE captain LIKE 'x%'",
        "SELECT id FROM port.calls WHERE captain > 'd'",
    ],
)
def test_nothing_is_told_of_values_that_may_not_be_told(harbour: Harbour, sql: str) -> None:
    assert harbour.notices(sql) == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM port.calls WHERE harbour = 'Oslo' AND tonnes = 3 AND id < 0",  # only `id` is out of range
        "SELECT count(*) FROM port.calls WHERE harbour = 'Oslo'",
        "SELECT min(tonnes) FROM port.calls WHERE harbour <> 'oslo'",
        "SELECT id FROM port.calls WHERE NOT harbour = 'oslo' AND tonnes BETWEEN 5 AND 4",
        "SELECT id FROM port.calls WHERE harbour LIKE 'Os%' AND tonnes BETWEEN 5 AND 4",
        "SELECT id FROM port.calls WHERE CASE WHEN harbour = 'oslo' THEN 1 ELSE 0 END = 1",
    ],
)
def test_a_value_that_rows_have_or_that_is_not_wanted_is_not_blamed(harbour: Harbour, sql: str) -> None:
    assert not any("harbour" in said or "tonnes" in said for said in harbour.notices(sql, kind="empty_result"))


def test_a_zero_that_is_a_value_is_no_empty_result(harbour: Harbour) -> None:
    assert harbour.notices("SELECT min(tonnes) FROM port.calls WHERE harbour = 'Oslo' OR harbour = 'oslo'") == []
