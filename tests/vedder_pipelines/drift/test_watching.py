"""Promises of `watching`: what is compared with what, what a look costs, and whom a failure stops."""

from datetime import date

import pytest
from pydantic import TypeAdapter

from vedder_pipelines.drift.watching import Watched

OPEN = "SELECT sum(amount) AS due FROM shop.orders WHERE state = 'open'"
COUNTRIES = "SELECT country, count(*) AS n FROM shop.customers GROUP BY country"
RESPELL = "UPDATE shop.orders SET state = 'OPEN' WHERE state = 'open'"


def test_the_first_look_takes_baselines_and_finds_nothing(shop):
    report = shop.vet(OPEN).vet(COUNTRIES, "countries").look()
    assert (report.baselines, report.drifted) == (("pair", "countries"), {})
    result = report.watched["pair"].baseline.result
    assert result is not None
    assert (result.columns, result.rows, result.hollow) == (("due",), 1, False)


def test_where_nothing_changed_nothing_is_asked(shop):
    shop.vet(OPEN).vet(COUNTRIES, "countries").look()
    report = shop.look()
    assert (report.looked, report.stood, report.queries) == ((), ("pair", "countries"), 0)


def test_only_pairs_over_changed_data_are_looked_at(shop):
    shop.vet(OPEN).vet(COUNTRIES, "countries").look()
    assert shop.change(RESPELL).look().looked == ("pair",)


def test_drift_stays_found_until_the_data_heal(shop):
    shop.vet(OPEN).look()
    assert shop.change(RESPELL).found() != []
    assert shop.found() != []
    assert shop.change("UPDATE shop.orders SET state = 'open' WHERE state = 'OPEN'").found() == []


def test_vetting_again_accepts_the_present(shop):
    shop.vet(OPEN).look()
    assert shop.change(RESPELL).found() != []
    report = shop.vetted_again(date(2026, 8, 1)).look()
    assert (report.baselines, report.drifted) == (("pair",), {})


def test_another_text_is_another_pair(shop):
    shop.vet(OPEN).look()
    shop.change(RESPELL)
    assert shop.vet(OPEN.replace("'open'", "'OPEN'")).look().baselines == ("pair",)


def test_a_pair_that_cannot_run_stops_no_other(shop):
    shop.vet("SELECT customer FROM shop.orders WHERE CAST(state AS INTEGER) = 1", "wrong")
    report = shop.vet(OPEN).look()
    assert set(report.watched) == {"wrong", "pair"}
    assert report.watched["pair"].baseline.result is not None


def test_a_cluster_can_keep_its_pairs_from_being_run_and_that_is_said(shop):
    shop.run_pairs = False
    report = shop.vet(OPEN).look()
    assert report.watched["pair"].baseline.result is None
    assert "wants no pairs to be run" in report.not_watched["pair"]
    assert shop.change(RESPELL).found() == [("vanished_literal", "state")]


def test_a_pair_without_a_value_for_a_parameter_is_watched_but_not_run(shop):
    shop.sensitive = ("state",)
    shop.vet("SELECT count(*) AS n FROM shop.orders WHERE state = :state", state={"values": "shop.orders.state"})
    report = shop.look()
    assert "no value for one of its parameters" in report.not_watched["pair"]


def test_a_broken_pair_is_not_watched_and_keeps_its_baseline(shop):
    shop.vet(OPEN).look()
    taken = shop.remembered["pair"].baseline
    assert shop.change("ALTER TABLE shop.orders RENAME state TO status").look().watched == {}
    shop.change("ALTER TABLE shop.orders RENAME status TO state").look()
    assert shop.remembered["pair"].baseline == taken


def test_what_is_remembered_reads_back_as_it_was(shop):
    shop.vet("SELECT day, sum(amount) FROM shop.orders WHERE state = 'open' GROUP BY day").look()
    adapter = TypeAdapter(Watched)
    watched = shop.remembered["pair"]
    assert adapter.validate_json(adapter.dump_json(watched)) == watched


@pytest.mark.parametrize("column", ["email", "country"])
def test_no_value_of_the_data_is_stored_but_of_numbers_their_quantiles(shop, column):
    shop.vet(f"SELECT {column}, count(*) AS n FROM shop.customers GROUP BY 1").look()
    stored = TypeAdapter(Watched).dump_json(shop.remembered["pair"]).decode()
    assert "@example.org" not in stored
    assert '"DE"' not in stored
