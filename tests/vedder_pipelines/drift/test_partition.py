"""Promises of the detector of partitions and periods that moved or are missing."""

from pathlib import Path

import duckdb
import pytest

from tests.vedder_pipelines.drift.shops import DDL, Shop
from vedder_core.cluster import Freshness
from vedder_core.profile import Partitions
from vedder_pipelines.drift.baseline import DatasetFacts, Facts, Parts
from vedder_pipelines.drift.detectors.detector import Seen
from vedder_pipelines.drift.detectors.partition import MovedPartition
from vedder_pipelines.drift.uses import Uses

TURNOVER = "SELECT sum(amount) AS turnover FROM shop.orders"
BY_MONTH = "SELECT date_trunc('month', day) AS month, sum(amount) AS turnover FROM shop.orders GROUP BY 1"


def test_a_hole_in_time_is_found_and_its_period_named(shop):
    shop.vet(BY_MONTH).look()
    said = shop.change("DELETE FROM shop.orders WHERE month(day) = 3").said()
    assert "`shop.orders` had 155 rows in 2026-03 by `day` when the pair was vetted, and has 0 now" in said


def test_lost_newest_periods_are_found(shop):
    shop.vet(BY_MONTH).look()
    assert shop.change("DELETE FROM shop.orders WHERE month(day) >= 5").found() == [("moved_partition", "day")]


@pytest.mark.parametrize(("gone", "found"), [("month(day) >= 5", [("moved_partition", "day")]), ("month(day) = 6", [])])
def test_periods_of_few_rows_are_found_where_several_are_gone_together(shop, gone, found):
    shop.change("DELETE FROM shop.orders WHERE month(day) >= 5 AND (day(day) > 1 OR id >= 543)")  # 3 rows in each
    shop.vet(BY_MONTH).look()
    assert shop.change(f"DELETE FROM shop.orders WHERE {gone}").found() == found


def test_a_number_whose_name_ends_with_year_holds_years(shop):
    shop.change("ALTER TABLE shop.orders ADD COLUMN season_year INTEGER")
    shop.change("UPDATE shop.orders SET season_year = 2000 + id % 20")
    shop.vet("SELECT season_year, sum(amount) AS turnover FROM shop.orders GROUP BY 1").look()
    found = shop.change("DELETE FROM shop.orders WHERE season_year = 2010").found()
    assert found == [("moved_partition", "season_year")]


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


@pytest.fixture
def fresh(shop: Shop) -> Shop:
    """The shop, whose cluster names the column that tells how fresh its orders are."""
    shop.freshness = Freshness(column="day", within="P30D")
    return shop


@pytest.fixture
def lake(tmp_path) -> Shop:
    """The shop's orders as Parquet files in a folder for each month."""
    made = Shop(str(tmp_path / "lake.duckdb"), files=str(tmp_path)).change(DDL)
    copied = f"TO '{tmp_path}/orders' (FORMAT parquet, PARTITION_BY (month))"
    made.change(f"COPY (SELECT *, month(day) AS month FROM shop.orders) {copied}; DROP TABLE shop.orders")
    return made.change(
        f"CREATE VIEW shop.orders AS FROM read_parquet('{tmp_path}/orders/*/*.parquet', hive_partitioning = true)"
    )


def _lose(lake: Shop, *months: int) -> None:
    for month in months:
        for file in Path(lake.files, "orders", f"month={month}").iterdir():
            file.unlink()


def _gain(lake: Shop, month: int) -> None:
    folder = Path(lake.files, "orders", f"month={month}")
    folder.mkdir()
    duckdb.sql(f"""COPY (SELECT 900 + i AS id, 1 AS customer, 9.5 AS amount, DATE '2026-07-01' AS day, 'open' AS state
        FROM range(150) t(i)) TO '{folder}/data_0.parquet'""")


def test_a_lost_part_is_found_for_a_pair_that_never_names_what_cuts_the_dataset(lake):
    lake.vet(TURNOVER).look()
    _lose(lake, 3)
    said = lake.said()
    assert "`shop.orders` had 155 rows in 3 by `month` when the pair was vetted, and has 0 now" in said


def test_a_lost_part_is_no_drift_for_a_pair_that_gives_what_it_gave(lake):
    lake.vet("SELECT max(amount) AS most FROM shop.orders WHERE day < DATE '2026-02-01'").look()
    _lose(lake, 3)
    assert lake.found() == []


@pytest.mark.parametrize("lost", [(1,), (1, 2)])
def test_the_oldest_parts_may_go_before_new_ones_come(lake, lost):
    lake.vet(TURNOVER).look()
    _lose(lake, *lost)
    assert lake.found() == []


def test_most_of_the_oldest_parts_do_not_go_unseen(lake):
    lake.vet(TURNOVER).look()
    _lose(lake, 1, 2, 3, 4)
    assert "had 600 rows in 4 parts from 1 to 4 by `month`" in lake.said()


def test_a_window_of_parts_that_moves_on_is_no_drift(lake):
    lake.vet(TURNOVER).look()
    _lose(lake, 1, 2, 3)
    _gain(lake, 7)
    assert lake.found() == []


def test_a_newest_part_that_is_not_there_yet_is_no_drift_and_one_that_is_gone_is(lake):
    lake.vet(TURNOVER).look()
    _gain(lake, 8)  # July is late
    assert lake.found() == []
    _lose(lake, 5, 6)
    assert "in 2 parts from 5 to 6 by `month`" in lake.said()


def test_a_hole_in_the_column_of_freshness_is_found_for_every_pair_over_the_dataset(fresh):
    fresh.vet(TURNOVER).look()
    assert fresh.change("DELETE FROM shop.orders WHERE month(day) = 3").found() == [("moved_partition", "day")]


def test_a_column_of_freshness_that_lost_all_its_values_ends_no_look(fresh):
    fresh.vet(TURNOVER).vet(BY_MONTH, "by_month").look()
    assert ("null_burst", "day") in fresh.change("UPDATE shop.orders SET day = NULL").found()


def test_parts_of_a_withheld_column_are_neither_kept_nor_told(fresh):
    fresh.hidden = ("day",)
    fresh.vet(TURNOVER).look()
    assert fresh.remembered["pair"].baseline.facts.datasets["shop.orders"].parts is None
    assert fresh.change("DELETE FROM shop.orders WHERE month(day) = 3").found() == []


def test_parts_of_few_rows_are_not_kept(fresh):
    fresh.least = 152
    fresh.vet(TURNOVER).look()
    parts = fresh.remembered["pair"].baseline.facts.datasets["shop.orders"].parts
    assert sorted(parts.rows) == ["2026-01", "2026-03", "2026-05"]


def _by_region(*rows: int, names: str = "ABCD") -> Facts:
    parts = Parts(("region",), "", dict(zip(names, rows, strict=True)))
    return Facts(datasets={"lake.trips": DatasetFacts(sum(rows), None, parts=parts)})


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (_by_region(0, 200, 300, 400), 1),
        (_by_region(100, 0, 300, 400), 1),
        (_by_region(96, 190, 290, 391), 0),
        (_by_region(90, 200, 300, 400, names="EBCD"), 0),  # A is called E now
        (_by_region(1, 2, 3, 400), 1),
        (_by_region(0, 0, 0, 0), 0),  # a dataset that is empty says nothing of its parts
    ],
)
def test_parts_without_an_order_may_come_back_under_other_names(now, found):
    seen = Seen(Uses(("lake.trips",)), _by_region(100, 200, 300, 400), now)
    assert len(list(MovedPartition().find(seen))) == found
