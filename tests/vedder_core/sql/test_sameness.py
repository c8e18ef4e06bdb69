import pytest

from vedder_core.sql.sameness import plain_form

SQL = "SELECT origin, count(*) AS flights FROM nyc.flights WHERE month = :month AND origin <> 'X' GROUP BY origin"


@pytest.mark.parametrize(
    "other",
    [
        SQL.replace(" FROM", "\n\tFROM"),
        SQL.replace("count", "COUNT").replace("origin", "ORIGIN"),
        f"-- by airport\n{SQL} /* all of them */;",
        SQL.replace("AS flights", "AS n"),
        SQL.replace(" AS flights", ""),
        SQL.replace(":month", ":month_of_year"),
        SQL.replace("nyc.flights", '"nyc"."Flights"'),
    ],
)
def test_what_is_only_written_otherwise_is_the_same(other):
    assert plain_form(other, dialect="duckdb") == plain_form(SQL, dialect="duckdb")


@pytest.mark.parametrize(
    "other",
    [
        SQL.replace("'X'", "'x'"),
        SQL.replace("month =", "month <="),
        SQL.replace("count(*)", "count(DISTINCT month)"),
        SQL.replace(":month", "7"),
        SQL.replace("nyc.flights", "nyc.planes"),
    ],
)
def test_what_asks_for_something_else_is_another_one(other):
    assert plain_form(other, dialect="duckdb") != plain_form(SQL, dialect="duckdb")


def test_two_blanks_are_not_one():
    twice, two = "SELECT a FROM t WHERE b = :x OR c = :x", "SELECT a FROM t WHERE b = :x OR c = :y"
    assert plain_form(twice, dialect="duckdb") != plain_form(two, dialect="duckdb")


def test_what_does_not_parse_is_compared_as_text():
    assert plain_form("SELECT  FROM (", dialect="duckdb") == plain_form("select from (", dialect="duckdb")
