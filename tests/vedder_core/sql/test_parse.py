"""Promises of `vedder_core.sql.parse`: one query, its blanks, and problems at the right place."""

import pytest

from vedder_core.sql.parse import ParameterUse, SqlProblem, parameters_in, parse_query


def test_blanks_are_found_where_they_stand():
    sql = "SELECT :carrier, count(*)\nFROM nyc.flights WHERE month = :month"
    assert parameters_in(sql, dialect="duckdb") == (ParameterUse("carrier", 1, 8), ParameterUse("month", 2, 32))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT a::int FROM t",
        "SELECT x[1:n] FROM t",
        "SELECT {'k': v} FROM t",
        "SELECT ':no' FROM t -- :no",
        "SELECT a: 1",
    ],
)
def test_casts_slices_keys_strings_and_comments_hold_no_blanks(sql):
    assert parameters_in(sql, dialect="duckdb") == ()


def test_a_blank_may_stand_anywhere_an_expression_may():
    sql = "SELECT :a + 1, {'k': :b}, x[:c] FROM t WHERE y BETWEEN :d AND :e LIMIT :f"
    assert [use.name for use in parameters_in(sql, dialect="duckdb")] == list("abcdef")


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
def test_a_blank_is_read_in_every_dialect(dialect):
    assert [use.name for use in parameters_in("SELECT 1 FROM t WHERE x = :y", dialect=dialect)] == ["y"]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "There is no SQL."),
        ("-- only a remark", "There is no SQL."),
        ("SELECT 1; SELECT 2", "There are 2 statements, but one is wanted."),
        ("DROP TABLE t", "This is no SELECT but a DROP statement."),
        ("DELETE FROM t", "This is no SELECT but a DELETE statement."),
        ("SELECT 'x", "The SQL cannot be read: a quote, comment or bracket is not closed."),
        ("SELECT a\nFROM t WHERE", "The SQL does not parse"),
        ("SELECT " + "(" * 400 + "1" + ")" * 400, "Brackets are nested more than 40 deep."),
    ],
)
def test_what_is_not_one_query_is_told_in_plain_words(sql, message):
    with pytest.raises(SqlProblem) as told:
        parse_query(sql, dialect="duckdb")
    assert message in told.value.message
    assert told.value.hint
    assert "<class" not in str(told.value)
    assert "Token" not in str(told.value)


def test_a_syntax_error_is_placed_on_its_line():
    with pytest.raises(SqlProblem) as told:
        parse_query("SELECT a,\n  b\nFRM nyc.flights WHERE", dialect="duckdb")
    assert (told.value.line, told.value.column) == (3, 5)


def test_a_closing_semicolon_and_remarks_are_welcome():
    assert parse_query("-- why\nSELECT 1 -- one\n;\n", dialect="duckdb").sql() == "/* why */ SELECT 1 /* one */"
