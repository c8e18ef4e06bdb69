"""Promises of the detector of datasets that are not to be used any more."""

from datetime import date

COUNT = "SELECT count(*) AS n FROM shop.orders"


def test_a_dataset_that_its_cluster_deprecates_is_found_with_its_successor(shop):
    shop.vet(COUNT).vet("SELECT count(*) AS n FROM shop.customers", "other").look()
    shop.deprecated_by = "shop.orders_v2"
    report = shop.look()
    assert set(report.drifted) == {"pair"}
    assert "use `shop.orders_v2`" in report.drifted["pair"].drifts[0].said


def test_a_comment_that_says_deprecated_is_enough(shop):
    shop.vet(COUNT).look()
    shop.change("COMMENT ON TABLE shop.orders IS 'DEPRECATED: use shop.sales instead'")
    assert "DEPRECATED: use shop.sales instead" in shop.said()


def test_what_is_deprecated_before_the_first_look_is_found_until_the_pair_is_vetted_again(shop):
    shop.deprecated_by = "shop.orders_v2"
    assert shop.vet(COUNT).found() == [("deprecated_dataset", None)]
    assert shop.vetted_again(date(2026, 8, 1)).found() == []
