"""Promises of the detector of joins that met a unique key and now multiply rows."""

BY_COUNTRY = """SELECT c.country, sum(o.amount) AS sold FROM shop.orders o
    JOIN shop.customers c ON c.id = o.customer GROUP BY c.country"""


def test_a_key_that_comes_twice_is_found_where_the_join_sums_by_it(shop):
    shop.vet(BY_COUNTRY).look()
    said = shop.change("INSERT INTO shop.customers SELECT * FROM shop.customers WHERE id < 5").said()
    assert "In `shop.customers`, `id` told every row apart, and 5 rows of 65 now repeat another" in said


def test_a_list_that_shows_every_row_twice_is_found_and_one_of_different_rows_is_not(shop):
    shop.vet("SELECT o.id, c.country FROM shop.orders o JOIN shop.customers c ON c.id = o.customer", "list")
    shop.vet("SELECT DISTINCT c.country FROM shop.orders o JOIN shop.customers c ON c.id = o.customer", "once")
    shop.vet("SELECT count(*) AS n FROM shop.orders WHERE customer IN (SELECT id FROM shop.customers)", "semi").look()
    shop.change("INSERT INTO shop.customers SELECT * FROM shop.customers WHERE id < 5")
    assert set(shop.look().drifted) == {"list"}


def test_a_key_of_two_columns_is_a_key(shop):
    shop.change("CREATE OR REPLACE TABLE shop.customers AS SELECT i // 2 AS id, i % 2 AS part, 'FR' AS country,"
                " 'x' AS email FROM range(120) t(i)")  # fmt: skip
    shop.vet("""SELECT sum(o.amount) AS sold FROM shop.orders o
        JOIN shop.customers c ON c.id = o.customer AND c.part = o.id % 2""").look()
    shop.change("INSERT INTO shop.customers SELECT * FROM shop.customers WHERE id = 3")
    assert shop.found() == [("lost_key", None)]


def test_rows_that_come_twice_are_found_also_where_the_other_side_tells_its_own_apart(shop):
    shop.change("CREATE OR REPLACE TABLE shop.orders AS SELECT * FROM shop.orders WHERE id < 60")
    shop.vet("SELECT o.id, c.country FROM shop.customers c JOIN shop.orders o ON c.id = o.customer").look()
    assert shop.change("INSERT INTO shop.customers SELECT * FROM shop.customers").found() == [("lost_key", "id")]


def test_more_orders_a_customer_and_new_customers_are_no_drift(shop):
    shop.change("CREATE OR REPLACE TABLE shop.orders AS SELECT * FROM shop.orders WHERE id < 60")
    shop.vet(BY_COUNTRY).vet(
        "SELECT o.id, c.country FROM shop.customers c JOIN shop.orders o ON c.id = o.customer", "l"
    )
    shop.look()
    shop.change("INSERT INTO shop.orders SELECT id + 60, customer, amount, day, state FROM shop.orders")
    shop.change("INSERT INTO shop.customers VALUES (60, 'FR', 'y@example.org')")
    assert shop.found() == []


def test_an_or_over_both_sides_hides_no_lost_key(shop):
    shop.vet("""SELECT count(*) AS n FROM shop.orders o JOIN shop.customers c ON c.id = o.customer
        WHERE c.country = 'FR' OR o.state = 'open'""").look()
    assert shop.change("INSERT INTO shop.customers SELECT * FROM shop.customers WHERE id < 5").found() == [
        ("lost_key", "id")
    ]
