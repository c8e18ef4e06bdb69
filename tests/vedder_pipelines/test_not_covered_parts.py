"""Which databases `bench.not_covered` makes clusters, asks, and leaves out."""

import pytest

from bench.not_covered import interval
from bench.not_covered_parts import ALL_DATA, HELD_OUT, parts_by_fifths, parts_of_spider, parts_with_bird

SPIDER = [f"database_{number}" for number in range(84)]
BIRD = ["cards", "codes", "heroes", "races", "schools", "soccer"]


def test_a_database_that_is_left_out_is_no_cluster_and_what_is_asked_is() -> None:
    spider = parts_of_spider(SPIDER, BIRD)
    for part in (*spider, *parts_with_bird(spider, BIRD)):
        assert set(part.asked) <= set(part.covered)
        assert not set(part.covered) & {*part.strangers, *part.others}


def test_what_is_held_out_is_of_no_database_that_was_designed_with() -> None:
    spider = parts_of_spider(SPIDER, BIRD)
    seen = {name for part in spider if not part.pool for name in (*part.covered, *part.strangers)}
    for pool, whole in ((HELD_OUT, set(SPIDER) - seen), (ALL_DATA, {*SPIDER, *BIRD} - seen)):
        halves = [part for part in (*spider, *parts_with_bird(spider, BIRD)) if part.pool == pool]
        assert len(halves) == 2
        assert [{*half.asked, *half.strangers} for half in halves] == [whole, whole]
        assert set(halves[0].asked) == set(halves[1].strangers)


def test_by_fifths_every_database_is_left_out_once() -> None:
    parts = list(parts_by_fifths([*SPIDER, *BIRD]))
    assert sorted(name for part in parts for name in part.strangers) == sorted([*SPIDER, *BIRD])
    assert all({*part.covered, *part.strangers} == {*SPIDER, *BIRD} for part in parts)
    assert not any(set(part.covered) & set(part.strangers) for part in parts)


def test_without_bird_only_spider_is_measured() -> None:
    assert list(parts_with_bird(parts_of_spider(SPIDER, ()), ())) == []


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"), [(24, 1624, 0.010, 0.022), (0, 100, 0, 0.037), (5, 5, 0.566, 1)]
)
def test_a_share_is_told_with_its_interval(hits: int, of: int, low: float, high: float) -> None:
    assert interval(hits, of) == pytest.approx((low, high), abs=0.0006)
