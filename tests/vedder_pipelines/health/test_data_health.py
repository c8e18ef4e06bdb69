"""Promises of data health: what it counts, and what it asks for."""

from dataclasses import replace

import pytest

from tests.vedder_pipelines.health.samples import NOW, broken, checked, cluster, dataset, pair, profile
from vedder_pipelines.health.data_health import DataHealth, freshness_of
from vedder_pipelines.health.signal import Facts


def told(facts):
    return [remedy.text for remedy in DataHealth().remedies(facts)]


def test_data_health_is_the_mean_over_datasets_of_what_is_kept():
    facts = Facts(
        cluster(dataset("shop.orders", expectations=3, within="P1D"), dataset("shop.items", expectations=1)),
        NOW,
        profiles={"shop.orders": profile(newest="2026-11-21 02:00:00")},
        checked={"shop.orders": checked(True, True, False), "shop.items": checked(True)},
    )
    assert DataHealth().read(facts).value == (0.75 + 1) / 2


def test_a_missing_dataset_counts_as_zero_even_without_rules_and_says_what_to_do():
    facts = Facts(cluster(dataset("shop.orders", expectations=1), dataset("shop.gone")), NOW)
    facts = replace(facts, checked={"shop.orders": checked(True)}, missing=frozenset({"shop.gone"}))
    assert DataHealth().read(facts).value == 0.5
    assert told(facts) == ["Load `shop.gone`, mend it if it is a view, or take it out of shop/cluster.yaml."]


def test_loading_a_missing_dataset_also_mends_the_pairs_that_missed_it():
    facts = Facts(cluster(dataset("shop.gone"), pairs=[pair("a")]), NOW, missing=frozenset({"shop.gone"}))
    facts = replace(facts, judged={"a": broken(missing_table="shop.gone")})
    (loading,) = DataHealth().remedies(facts)
    assert [one.slug for one in loading.done(facts).valid_pairs()] == ["a"]


def test_no_rules_and_nothing_missing_is_not_measured_and_asks_for_a_rule():
    facts = Facts(cluster(dataset()), NOW)
    assert DataHealth().read(facts).value is None
    assert told(facts) == ["Write a freshness rule or an expectation in shop/cluster.yaml."]


def test_an_expectation_that_was_never_checked_has_not_passed():
    assert DataHealth().read(Facts(cluster(dataset(expectations=2)), NOW)).value == 0


def test_each_action_raises_the_reading_once_it_is_done():
    facts = Facts(cluster(dataset(expectations=2, within="P1D"), dataset("shop.gone")), NOW)
    facts = replace(
        facts,
        missing=frozenset({"shop.gone"}),
        profiles={"shop.orders": profile(newest="2020-01-01")},
        checked={"shop.orders": checked(True, False)},
    )
    remedies = list(DataHealth().remedies(facts))
    assert len(remedies) == 3
    assert all(DataHealth().read(one.done(facts)).value > DataHealth().read(facts).value for one in remedies[:2])


@pytest.mark.parametrize(
    ("newest", "kept"),
    [
        ("2026-11-21 11:00:00", True),
        ("2026-11-20 11:59:59", False),
        ("2026-11-21 11:00:00+00", True),
        ("2026-11-20 10:00:00-05:00", True),
        ("2026-11-20", True),  # the whole day counts: it ended twelve hours ago
        ("2026-11-19", False),
        ("20261120", False),
        ("no date", False),
        (20261120, False),
        (None, False),
    ],
)
def test_freshness_looks_at_the_newest_value_of_the_column(newest, kept):
    facts = Facts(cluster(dataset(within="P1D")), NOW, profiles={"shop.orders": profile(newest=newest)})
    assert freshness_of(facts, facts.cluster.datasets[0]).kept is kept
