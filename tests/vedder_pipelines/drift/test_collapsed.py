"""Promises of the detector of pairs whose own result collapsed."""

JOINED = (
    "SELECT c.country, sum(o.amount) AS sold FROM shop.orders o JOIN shop.customers c ON c.id = o.customer GROUP BY 1"
)
WITHOUT = "SELECT c.id FROM shop.customers c WHERE c.id NOT IN (SELECT customer FROM shop.orders WHERE amount > 150)"


def test_a_join_that_meets_nothing_any_more_is_found(shop):
    shop.vet(JOINED).look()
    said = shop.change("UPDATE shop.orders SET customer = customer + 1000000").said()
    assert "When it was vetted, the pair gave 3 rows, and now no rows." in said


def test_an_emptied_dataset_is_found(shop):
    shop.vet("SELECT count(*) AS n FROM shop.orders").look()
    assert ("result_collapsed", None) in shop.change("DELETE FROM shop.orders").found()


def test_a_pair_that_the_engine_refuses_to_run_now_is_found(shop):
    shop.vet(
        "SELECT amount FROM shop.orders WHERE customer = (SELECT id FROM shop.customers WHERE email = 'c7@example.org')"
    )
    shop.look()
    shop.change("INSERT INTO shop.customers VALUES (99, 'FR', 'c7@example.org')")
    assert ("result_collapsed", None) in shop.found()


def test_a_list_of_those_who_lack_something_may_run_empty(shop):
    shop.vet(WITHOUT).look()
    shop.change("INSERT INTO shop.orders SELECT 900 + i, i, 180.5, DATE '2026-06-01', 'open' FROM range(60) t(i)")
    assert shop.found() == []
