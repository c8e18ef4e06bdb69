"""Promises of the trust mark of SQL that a chat model wrote."""

import pytest

from tests.vedder_api.agent.entries import doc, pair
from tests.vedder_api.agent.harbour import Harbour
from vedder_api.agent.trust import trust
from vedder_core.context.entry import Entry

CALLS = pair("calls", "SELECT count(*) FROM port.calls", "port.calls")
BY_DAY = "port.calls AS c JOIN port.weather AS w ON w.harbour = c.harbour AND w.day = c.day"
WINDY = pair("windy", f"SELECT avg(c.tonnes) FROM {BY_DAY} WHERE w.wind > 5", "port.calls", "port.weather")
SHIPS = doc("ships", "port.ships")


def mark(harbour: Harbour, sql: str, *shown: Entry) -> tuple[str, str]:
    return trust([harbour.run(sql)], shown=shown, cards=harbour.cards, dialect="duckdb")


def test_sql_over_datasets_that_shown_pairs_and_docs_teach_is_grounded(harbour: Harbour) -> None:
    found = mark(harbour, "SELECT max(tonnes) FROM port.calls", CALLS, SHIPS)
    assert found == (
        "grounded",
        "New SQL over datasets that their experts teach (1 vetted question).",
    )


def test_a_dataset_that_nothing_shown_teaches_makes_it_exploratory(harbour: Harbour) -> None:
    assert mark(harbour, "SELECT max(length) FROM port.ships", CALLS) == (
        "exploratory",
        "No vetted question or doc that was looked at is about `port.ships`.",
    )


def test_a_broken_pair_vouches_for_nothing(harbour: Harbour) -> None:
    broken = pair("calls", "SELECT gone FROM port.calls", "port.calls", status="broken")
    assert mark(harbour, "SELECT max(tonnes) FROM port.calls", broken)[0] == "exploratory"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT max(w.wind) FROM {BY_DAY} AND w.wind < 9",
        "SELECT max(tonnes) FROM port.calls JOIN port.weather USING (harbour, day) WHERE tonnes > 3",
        """WITH w AS (SELECT harbour AS h, day AS d FROM port.weather)
           SELECT count(*) FROM port.calls AS c, w WHERE c.day = w.d AND w.h = c.harbour""",
        "SELECT avg(s.length) FROM port.calls AS c JOIN port.ships AS s ON s.ship = c.ship",
        "SELECT count(*) FROM port.calls WHERE ship IN (SELECT ship FROM port.ships WHERE length > 120)",
        "SELECT count(*) FROM port.calls AS c WHERE EXISTS (SELECT 1 FROM port.ships AS s WHERE s.ship = c.ship)",
        "SELECT count(*) FROM port.calls, (SELECT avg(wind) AS wind FROM port.weather) AS w WHERE tonnes > w.wind",
    ],
)
def test_joins_as_a_shown_pair_joins_or_on_a_key_are_grounded(harbour: Harbour, sql: str) -> None:
    assert mark(harbour, sql, WINDY, SHIPS)[0] == "grounded"


@pytest.mark.parametrize(
    ("sql", "how"),
    [
        (
            "SELECT count(*) FROM port.calls AS c JOIN port.weather AS w ON w.day = c.day",
            "on `port.calls.day = port.weather.day`",
        ),
        ("SELECT count(*) FROM port.calls, port.weather", "as this SQL does"),
        (
            "SELECT count(*) FROM port.calls WHERE day IN (SELECT day FROM port.weather WHERE wind > 5)",
            "on `port.calls.day = port.weather.day`",
        ),
    ],
)
def test_a_join_that_nobody_vetted_is_named(harbour: Harbour, sql: str, how: str) -> None:
    said = f"No vetted question that was looked at joins `port.calls` and `port.weather` {how}."
    assert mark(harbour, sql, WINDY) == ("exploratory", said)


def test_one_query_that_nobody_vouches_for_makes_the_whole_answer_exploratory(harbour: Harbour) -> None:
    queries = [harbour.run(f"SELECT count(*) FROM port.{name}") for name in ("calls", "fees")]
    found = trust(queries, shown=[CALLS], cards=harbour.cards, dialect="duckdb")
    assert found == ("exploratory", "No vetted question or doc that was looked at is about `port.fees`.")


def test_an_answer_that_rests_on_no_dataset_is_exploratory_and_none_is_ever_verified(harbour: Harbour) -> None:
    assert trust([], shown=[CALLS], cards=harbour.cards, dialect="duckdb")[0] == "exploratory"
    assert mark(harbour, "SELECT 42", CALLS) == ("exploratory", "It rests on no dataset.")
    assert mark(harbour, "SELECT count(*) FROM port.calls", CALLS)[0] == "grounded"  # even the pair's own words
