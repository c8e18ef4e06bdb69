"""Promises of curation age."""

from datetime import date

from tests.vedder_pipelines.health.samples import NOW, cluster, pair, sound, without_pair
from vedder_pipelines.health.curation_age import CurationAge
from vedder_pipelines.health.signal import Facts


def test_no_pairs_is_not_measured():
    assert CurationAge().read(Facts(cluster(), NOW)).value is None


def test_it_counts_pairs_that_were_vetted_lately_and_names_the_oldest():
    pairs = [pair("new"), pair("old", date(2024, 5, 1)), pair("older", date(2023, 5, 1))]
    facts = Facts(cluster(pairs=pairs), NOW)
    assert CurationAge().read(facts).value == 1 / 3
    first, *_ = CurationAge().remedies(facts)
    assert first.text == "Vet shop/pairs/older.sql again and set `vetted_on`: Ada last did on 01 May 2023."
    assert CurationAge().read(first.done(facts)).value == 2 / 3


def test_deleting_an_old_pair_makes_the_cluster_no_younger():
    facts = sound((pair("new"), pair("old", date(2024, 5, 1))))
    assert CurationAge().read(without_pair(facts, "old")).value == CurationAge().read(facts).value == 0.5
