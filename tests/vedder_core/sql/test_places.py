"""Promise: a position in the SQL that ran leads back to the word that the curator wrote."""

from vedder_core.sql.places import place_of, place_of_name


def test_the_nth_word_that_ran_is_the_nth_word_that_was_written():
    written = "select wind, -- wind\n  max(wind)\nfrom nyc.weather"
    ran = 'SELECT wind, MAX(wind) FROM "nyc"."weather"'
    assert place_of(written, ran, ran.index("wind)"), dialect="duckdb") == (2, 7)
    assert place_of(written, ran, ran.index("wind,"), dialect="duckdb") == (1, 8)


def test_a_position_between_words_has_no_place():
    assert place_of("select 1", "SELECT 1", 6, dialect="duckdb") is None


def test_a_dotted_name_is_found_by_its_last_part():
    assert place_of_name("select *\nfrom nyc.weathr", "nyc.weathr", dialect="duckdb") == (2, 10)


def test_a_place_is_found_where_names_were_folded_and_a_table_lost_its_hidden_columns():
    written = "select O.Amount, o.amuont\nfrom Shop.Orders o where o.at::date > :since"
    ran = (
        'SELECT o.amount, o.amuont FROM (SELECT "id", "at" FROM "shop"."orders") AS "o" '
        "WHERE CAST(o.at AS DATE) > %(since)s"
    )
    assert place_of(written, ran, ran.index("amuont"), dialect="postgres") == (1, 20)
    assert place_of_name(written, "shop.orders", dialect="postgres") == (2, 11)
