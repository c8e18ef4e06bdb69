"""Promises of the detector of columns whose numbers are in another unit now."""

import pytest

from vedder_pipelines.drift.baseline import Quantity
from vedder_pipelines.drift.detectors.unit_shift import shifted

TURNOVER = "SELECT sum(amount) AS turnover FROM shop.orders"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("amount * 100", "100 times as large"),
        ("amount / 1000", "1000 times as small"),
        ("amount * 1.609344", "1.60934 times as large (kilometres for miles"),
        ("amount * 1.8 + 32", "Fahrenheit"),
        ("-amount", "the other sign"),
    ],
)
def test_another_unit_is_found_and_named(shop, written, named):
    shop.change("ALTER TABLE shop.orders ALTER amount TYPE DOUBLE").vet(TURNOVER).look()
    assert named in shop.change(f"UPDATE shop.orders SET amount = {written}").said()


def test_it_is_found_in_a_condition_and_not_in_a_pair_that_reads_other_columns(shop):
    shop.vet("SELECT count(*) AS n FROM shop.orders WHERE amount > 100", "large")
    shop.vet("SELECT count(*) AS n FROM shop.orders WHERE state = 'open'", "open").look()
    shop.change("ALTER TABLE shop.orders ALTER amount TYPE DOUBLE").change(
        "UPDATE shop.orders SET amount = amount * 100"
    )
    report = shop.look()
    assert set(report.drifted) == {"large"}
    assert report.drifted["large"].drifts[0].column == "amount"


def test_dearer_goods_more_orders_and_some_rows_in_another_unit_are_no_drift(shop):
    shop.vet(TURNOVER).vet("SELECT max(id) AS newest FROM shop.orders", "newest").look()
    shop.change("ALTER TABLE shop.orders ALTER amount TYPE DOUBLE").change(
        "UPDATE shop.orders SET amount = amount * 1.3"
    )
    many = "INSERT INTO shop.orders SELECT id + 900 * (1 + n), customer, amount, day, state"
    shop.change(f"{many} FROM shop.orders, range(99) t(n)")
    shop.change("UPDATE shop.orders SET amount = amount * 100 WHERE id % 20 = 0")
    assert shop.found() == []


def test_of_a_sensitive_column_no_quantile_is_kept(shop):
    shop.sensitive = ("amount",)
    report = shop.vet(TURNOVER).look()
    baseline = report.watched["pair"].baseline
    assert baseline.facts.columns["shop.orders.amount"].quantity is None
    assert baseline.result is not None
    assert baseline.result.digest is None


def test_few_values_and_flags_tell_nothing():
    def of(*values):
        return Quantity(len(values), 0, tuple(float(value) for value in values[:7]))

    assert shifted(of(1, 2, 3, 4, 5, 6, 7), of(100, 200, 300, 400, 500, 600, 700)) is None
    assert shifted(of(*[0] * 5, 1, 1, 1, 1), of(*[0] * 5, 100, 100, 1, 1)) is None
