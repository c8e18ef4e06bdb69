"""Promises of the detector of constants that their column holds no more."""

from pydantic import TypeAdapter

from vedder_core.verdict import Drift

OPEN = "SELECT sum(amount) AS due FROM shop.orders WHERE state = 'open'"
GERMAN = "SELECT count(*) AS n FROM shop.customers WHERE country IN ('DE', 'FR')"


def test_a_value_that_is_written_otherwise_now_is_found_and_the_new_one_is_named(shop):
    shop.vet(OPEN).look()
    said = shop.change("UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'").said()
    assert "held `open` in 300 rows, and holds it no more; it is probably `OPEN` now" in said


def test_one_value_of_several_in_a_list_is_enough(shop):
    shop.vet(GERMAN).look()
    shop.change("UPDATE shop.customers SET country = 'KDE' WHERE country = 'DE'")
    assert shop.found() == [("vanished_literal", "country")]


def test_a_value_under_an_alias_in_a_subquery_and_in_a_case_is_found(shop):
    shop.vet("WITH o AS (SELECT state AS s, amount AS a FROM shop.orders) SELECT sum(a) FROM o WHERE lower(s) = 'paid'")
    shop.vet("SELECT sum(CASE WHEN state <> 'cancelled' THEN amount END) AS kept FROM shop.orders", "case").look()
    shop.change("UPDATE shop.orders SET state = 'settled' WHERE state = 'paid'")
    shop.change("UPDATE shop.orders SET state = 'canceled' WHERE state = 'cancelled'")
    report = shop.look()
    assert {slug: drifted.drifts[0].detector for slug, drifted in report.drifted.items()} == {
        "pair": "vanished_literal",
        "case": "vanished_literal",
    }


def test_the_default_of_a_parameter_and_what_may_not_fill_it_are_values_too(shop):
    country = {"values": "shop.customers.country", "default": "DE", "without": ["US"]}
    shop.vet("SELECT count(*) AS n FROM shop.customers WHERE country = :country", country=country).look()
    said = shop.change("UPDATE shop.customers SET country = lower(country)").said()
    assert "(the parameter `country` names it)" in said
    assert "`us` now" in said
    assert "`de` now" in said


def test_a_sensitive_column_is_judged_by_counts_and_neither_value_nor_count_is_told(shop):
    shop.sensitive = ("state",)
    shop.vet(OPEN).look()
    report = shop.change("UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'").look()
    drift = report.drifted["pair"].drifts[0]
    assert (drift.detector, drift.column) == ("vanished_literal", "state")
    assert "open" not in str(drift).casefold()
    assert "300" not in str(drift)


def test_the_value_and_what_it_probably_is_now_are_fields_of_the_finding(shop):
    shop.vet(OPEN).look()
    report = shop.change("UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'").look()
    drift = report.drifted["pair"].drifts[0]
    assert (drift.value, drift.probably) == ("open", "OPEN")


def test_a_finding_that_was_stored_without_these_fields_still_loads():
    written = b'{"detector": "vanished_literal", "said": "Gone.", "dataset": "shop.orders", "column": "state"}'
    assert TypeAdapter(Drift).validate_json(written) == Drift("vanished_literal", "Gone.", "shop.orders", "state")


def test_a_few_deleted_rows_and_new_values_are_no_drift(shop):
    shop.change("INSERT INTO shop.orders VALUES (900, 1, 10.5, DATE '2026-03-01', 'lost')")
    shop.vet("SELECT count(*) AS n FROM shop.orders WHERE state = 'lost'").vet(OPEN, "open").look()
    shop.change("DELETE FROM shop.orders WHERE id >= 890")
    shop.change("INSERT INTO shop.customers VALUES (60, 'ES', 'x@example.org')")
    assert shop.found() == []
