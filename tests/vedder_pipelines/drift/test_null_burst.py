"""Promises of the detector of columns that are suddenly empty."""

TURNOVER = "SELECT sum(amount) AS turnover FROM shop.orders"
BY_DAY = "SELECT day, sum(amount) AS turnover FROM shop.orders GROUP BY day"


def test_many_nulls_more_are_found_with_the_shares(shop):
    shop.vet(TURNOVER).look()
    said = shop.change("UPDATE shop.orders SET amount = NULL WHERE id % 3 = 0").said()
    assert "`shop.orders.amount` is NULL in 33.3 % (300 of 900) of the rows, and was in 0.0 % (0 of 900)" in said


def test_the_newest_period_alone_is_enough(shop):
    shop.vet(BY_DAY).look()
    shop.change("INSERT INTO shop.orders SELECT 900 + i, 1, NULL, DATE '2026-07-01' + (i % 30)::INTEGER, 'open'"
                " FROM range(60) t(i)")  # fmt: skip
    assert "of the newest period" in shop.said()


def test_some_nulls_and_a_column_that_was_often_empty_are_no_drift(shop):
    shop.change("UPDATE shop.orders SET state = NULL WHERE id % 2 = 0")
    shop.vet(TURNOVER).vet("SELECT state, count(*) AS n FROM shop.orders GROUP BY state", "states").look()
    shop.change("UPDATE shop.orders SET amount = NULL WHERE id % 20 = 0")
    shop.change("UPDATE shop.orders SET state = NULL WHERE id % 5 = 0")
    assert shop.found() == []


def test_in_a_table_of_a_dozen_rows_it_speaks_from_five_nulls_on(shop):
    shop.change("DELETE FROM shop.customers WHERE id >= 12")
    shop.vet("SELECT country, count(*) AS n FROM shop.customers GROUP BY 1 ORDER BY 1").look()
    shop.change("UPDATE shop.customers SET country = NULL WHERE id % 3 = 1")
    assert ("null_burst", "country") not in shop.found()
    shop.change("UPDATE shop.customers SET country = NULL WHERE id = 3")
    assert ("null_burst", "country") in shop.found()
