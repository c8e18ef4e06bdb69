"""Promises of comparing a result with the one that was kept."""

from datetime import date
from decimal import Decimal

from vedder_api.replay_rows import MOST_DIFFERENCES, Difference, Rows, compare
from vedder_core.answer import Cell


def rows(*cells: Cell, truncated: bool = False) -> Rows:
    return Rows(("n",), tuple((cell,) for cell in cells), truncated)


def test_order_counts_only_where_the_sql_asks_for_one() -> None:
    assert compare(rows(1, 2, 2), rows(2, 1, 2), ordered=False).kind == "same"
    assert compare(rows(1, 2, 2), rows(2, 1, 2), ordered=True).kind == "rows_differ"


def test_a_row_more_often_than_before_is_a_difference() -> None:
    found = compare(rows(1, 2), rows(1, 2, 2), ordered=False)
    assert found.differences == (Difference(None, (2,)),)
    assert found.said == "1 row differs; there were 2 rows and are 3."


def test_cells_are_compared_as_json_has_them() -> None:
    kept = rows("2013-01-01", "1.50", None)
    assert compare(kept, rows(date(2013, 1, 1), Decimal("1.50"), float("nan")), ordered=True).kind == "same"


def test_the_last_digits_of_broken_numbers_do_not_count() -> None:
    assert compare(rows(0.1 + 0.2), rows(0.3), ordered=True).kind == "same"
    assert compare(rows(0.3), rows(0.3001), ordered=True).kind == "rows_differ"


def test_rows_cut_in_no_order_are_not_compared_and_ordered_ones_as_far_as_they_go() -> None:
    assert compare(rows(1, 2, truncated=True), rows(3, 4, truncated=True), ordered=False).kind == "cut"
    found = compare(rows(1, 2, truncated=True), rows(1, 2, 3), ordered=True)
    assert (found.kind, found.said) == ("same", "The same SQL was run again, and the first 2 rows are the same.")


def test_only_the_first_few_differences_are_given_and_all_are_counted() -> None:
    found = compare(rows(*range(20)), rows(*range(100, 120)), ordered=True)
    assert (len(found.differences), found.said) == (MOST_DIFFERENCES, "20 rows differ.")
