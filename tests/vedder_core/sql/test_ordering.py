import pytest

from vedder_core.sql.ordering import sort_places


@pytest.mark.parametrize(
    ("sql", "columns", "places"),
    [
        ("SELECT a, b FROM t", ("a", "b"), ()),
        ("SELECT a, b FROM t ORDER BY B DESC, a", ("a", "b"), (1, 0)),
        ("SELECT a, b FROM t ORDER BY 2", ("a", "b"), (1,)),
        ("SELECT a, count(*) AS n FROM t GROUP BY a ORDER BY count(*) DESC", ("a", "n"), (1,)),
        ("SELECT t.a, t.b AS c FROM t ORDER BY t.b NULLS LAST LIMIT 3", ("a", "c"), (1,)),
        ("SELECT a FROM t ORDER BY t.a", ("a",), (0,)),
        ("SELECT u.a, t.a AS b FROM t, u ORDER BY t.a", ("a", "b"), (1,)),
        ("SELECT * FROM t ORDER BY t.b", ("a", "b"), (1,)),
        ("SELECT * FROM t ORDER BY b + 1", ("a", "b"), ()),
        ("SELECT a, b FROM t ORDER BY ALL", ("a", "b"), (0, 1)),
        ("SELECT a FROM t UNION ALL SELECT b FROM t ORDER BY a", ("a",), (0,)),
        ("WITH w AS (SELECT a FROM t ORDER BY a) SELECT a FROM w", ("a",), ()),
        ("SELECT round(avg(a), 1) AS m FROM t GROUP BY b ORDER BY avg(a)", ("m",), ()),
    ],
)
def test_the_keys_of_an_order_are_found_in_the_result(sql, columns, places):
    assert sort_places(sql, columns, dialect="duckdb") == places


def test_what_comes_after_a_key_that_the_result_does_not_show_orders_nothing():
    sql = "SELECT a, b FROM t ORDER BY a, c, b"
    assert sort_places(sql, ("a", "b"), dialect="duckdb") == (0,)
