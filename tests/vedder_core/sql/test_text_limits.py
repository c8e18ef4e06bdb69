"""Promises of the limits on a text: what cannot be seen or takes too long to read is refused before it is parsed."""

import time

import pytest

from vedder_core.sql.parse import parse_query
from vedder_core.sql.text_limits import OversizeSql, SqlProblem


@pytest.mark.parametrize(
    "character",
    ["\x00", "\x1b", "\u200b", "\u200f", "\u202e", "\u2066", "\u2028", "\u2029", "\ufeff", "\x85", "\r"],
)
def test_a_character_that_cannot_be_seen_is_named_and_placed(character):
    with pytest.raises(SqlProblem) as told:
        parse_query(f"SELECT 1,\n  'a{character}b'", dialect="duckdb")
    assert f"U+{ord(character):04X}" in told.value.message
    assert (told.value.line, told.value.column) == (2, 5)


def test_tabs_line_ends_umlauts_and_emoji_are_welcome():
    assert parse_query("SELECT\t'Größe ❤️ 東京'\r\nAS \"ö\"\n", dialect="duckdb").named_selects == ["ö"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '" + "x" * 60_000 + "'",
        "SELECT 1" + " + 1" * 8_000,
        "SELECT " + "(" * 41 + "1" + ")" * 41,
        "SELECT " + "[" * 400 + "]" * 400,
        "SELECT " + "CASE WHEN true THEN " * 41 + "1" + " END" * 41,
        "SELECT " + "NOT " * 21 + "true",
        "SELECT " + "- " * 3_000 + "1",
        "SELECT 1" + "::INT" * 21,
        "SELECT " + "INTERVAL " * 3_000 + "1",
    ],
)
def test_texts_that_would_take_long_are_refused_at_once(sql):
    started = time.process_time()
    with pytest.raises(OversizeSql):
        parse_query(sql, dialect="duckdb")
    assert time.process_time() - started < 2


def test_what_people_write_is_within_the_limits():
    nested = "SELECT " + "CASE WHEN x = 1 THEN 2 ELSE " * 12 + "0" + " END" * 12 + " FROM t"
    many = f"SELECT * FROM t WHERE id IN ({', '.join(map(str, range(3_000)))})"
    for sql in (nested, many, "SELECT x::VARCHAR::INT, - -1, NOT NOT true"):
        parse_query(sql, dialect="duckdb")


@pytest.mark.parametrize("sql", ["SHOW -- c\n", "SELECT (", "FROM", "WITH", "(((", "PIVOT", "SET"])
def test_pieces_of_sql_are_problems_and_no_faults(sql):
    with pytest.raises(SqlProblem):
        parse_query(sql, dialect="duckdb")
