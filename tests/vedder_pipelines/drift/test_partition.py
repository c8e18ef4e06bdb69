"""Promises of the detector of partitions and periods that moved or are missing."""

from vedder_core.profile import Partitions
from vedder_pipelines.drift.baseline import DatasetFacts, Facts
from vedder_pipelines.drift.detectors.detector import Seen
from vedder_pipelines.drift.detectors.partition import MovedPartition
from vedder_pipelines.drift.uses import Uses

BY_MONTH = "SELECT date_trunc('month', day) AS month, sum(amount) AS turnover FROM shop.orders GROUP BY 1"


def test_a_hole_in_time_is_found_and_its_period_named(shop):
    shop.vet(BY_MONTH).look()
    said = shop.change("DELETE FROM shop.orders WHERE month(day) = 3").said()
    assert "`shop.orders` had 155 rows in 2026-03 by `day` when the pair was vetted, and has 0 now" in said


def test_lost_newest_periods_are_found(shop):
    shop.vet(BY_MONTH).look()
    assert shop.change("DELETE FROM shop.orders WHERE month(day) >= 5").found() == [("moved_partition", "day")]


def test_a_time_that_is_the_same_in_every_row_is_found(shop):
    shop.vet("SELECT sum(amount) AS july FROM shop.orders WHERE day >= DATE '2026-02-01'").look()
    found = shop.change("UPDATE shop.orders SET day = DATE '2026-06-30'").found()
    assert ("moved_partition", "day") in found


def test_other_partition_columns_are_found():
    def facts(*columns):
        return Facts(datasets={"lake.trips": DatasetFacts(10, Partitions(columns, "hive", 3))})

    (drift,) = MovedPartition().find(Seen(Uses(("lake.trips",)), facts("year", "month"), facts("day")))
    assert "was cut by year, month when the pair was vetted, and is cut by day now" in drift.said


def test_a_window_that_moves_on_new_days_and_a_cleanup_are_no_drift(shop):
    shop.vet(BY_MONTH).vet("SELECT day, count(*) AS n FROM shop.orders GROUP BY day", "days").look()
    shop.change("DELETE FROM shop.orders WHERE month(day) = 1")
    shop.change("INSERT INTO shop.orders SELECT 900 + i, 1, 5 + i % 200 + 0.5, DATE '2026-07-01' + (i % 31)::INTEGER,"
                " 'open' FROM range(155) t(i)")  # fmt: skip
    shop.change("DELETE FROM shop.orders WHERE id % 40 = 7")
    assert shop.found() == []
