"""Two results are compared as people would: by what they say."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedder_api.evaluation.results import likeness


def test_order_of_rows_and_columns_does_not_matter_where_no_order_is_asked_for():
    assert likeness([("a", 1), ("b", 2)], [(2, "b"), (1, "a")]) == "same"


def test_the_order_of_rows_counts_where_it_is_asked_for():
    assert likeness([("a",), ("b",)], [("b",), ("a",)], ordered_by=[0]) == "differs"
    assert likeness([("a", 1), ("b", 2)], [(1, "a"), (2, "b")], ordered_by=[0]) == "same"


def test_rows_that_are_equal_in_what_orders_them_may_swap():
    gold = [("EWR", 9), ("JFK", 7), ("LGA", 7), ("SWF", 1)]
    swapped = [gold[0], gold[2], gold[1], gold[3]]
    assert likeness(gold, swapped, ordered_by=[1]) == "same"
    assert likeness(gold, swapped, ordered_by=[1, 0]) == "differs"
    assert likeness(gold, [(n, "more", origin) for origin, n in swapped], ordered_by=[1]) == "holds"
    assert likeness(gold, gold[::-1], ordered_by=[1]) == "differs"
    assert likeness(gold, [*swapped[:3], ("TEB", 1)], ordered_by=[1]) == "differs"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (0.1 + 0.2, 0.3),
        (Decimal("12.50"), 12.5),
        ("12.50", Decimal("12.5")),
        (3, 3.0),
        (date(2013, 7, 1), "2013-07-01"),
        (datetime(2013, 7, 1), date(2013, 7, 1)),  # noqa: DTZ001
        ("2013-07-01T00:00:00", date(2013, 7, 1)),
        (datetime(2013, 7, 1, 10), "2013-07-01T10:00:00"),  # noqa: DTZ001
        (datetime(2013, 7, 1, 12, tzinfo=UTC), "2013-07-01T14:00:00+02:00"),
        (math.nan, None),
        (1234.565, 1234.5649999999998),
        (12_345_678.1, 12_345_678.0),
        (True, 1),
        (None, None),
        (-0.0, 0),
    ],
)
def test_one_value_in_two_types_is_one_value(one, other):
    assert likeness([(one,)], [(other,)]) == "same"


@pytest.mark.parametrize(
    ("one", "other"), [(0, None), ("", None), (1.0, 1.001), ("JFK", "jfk"), (9812, 9813), (1234567, 1234568)]
)
def test_different_values_differ(one, other):
    assert likeness([(one,)], [(other,)]) == "differs"


def test_columns_beyond_the_wanted_ones_are_said_to_be_there():
    assert likeness([("a",), ("b",)], [("a", 1), ("b", 2)]) == "holds"
    assert likeness([("a", 1), ("b", 2)], [("a",), ("b",)]) == "differs"


def test_values_that_are_in_the_right_columns_but_in_other_rows_differ():
    assert likeness([("a", 1), ("b", 2)], [("a", 2), ("b", 1)]) == "differs"


def test_equal_rows_count_as_often_as_they_come():
    assert likeness([(1,), (1,), (2,)], [(1,), (2,), (2,)]) == "differs"


def test_many_columns_that_are_alike_take_no_time():
    assert likeness([(0,) * 40], [(0,) * 39 + (1,)]) == "differs"
    assert likeness([(0,) * 39 + (1,)], [(1,) + (0,) * 39]) == "same"


CELLS = st.one_of(st.none(), st.integers(-50, 50), st.text("ab1", max_size=3), st.floats(-5, 5))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=8), st.permutations([0, 1, 2]), st.randoms())
def test_shuffled_rows_and_columns_are_the_same(rows, places, random):
    found = [tuple(row[place] for place in places) for row in rows]
    random.shuffle(found)
    assert likeness(rows, found) == "same"
