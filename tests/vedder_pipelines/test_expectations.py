"""Promises of what is done with Great Expectations: every expectation gets an honest answer of its own."""

import pyarrow as pa
import pytest

from vedder_core.cluster import Expectation
from vedder_pipelines.expectations import Frames, frame_of, validate

FRAMES = Frames(
    values=pa.table({"amount": [1, 2, 3, None], "code": ["a", "b", "c", "a"]}),
    columns=("amount", "code", "note"),
    rows=336_776,
)


def expect(name, **arguments):
    return Expectation(expect=name, arguments=arguments)


@pytest.mark.parametrize(
    ("expectation", "passed", "found"),
    [
        (expect("expect_column_values_to_be_between", column="amount", min_value=1, max_value=3), True, "4 values"),
        (expect("expect_column_values_to_not_be_null", column="amount"), False, "1 of 4 values unexpected"),
        (expect("expect_column_values_to_not_be_null", column="amount", mostly=0.7), True, "1 of 4 values unexpected"),
        (expect("expect_column_values_to_be_in_set", column="code", value_set=["a", "b"]), False, "e.g. c"),
        (expect("expect_compound_columns_to_be_unique", column_list=["amount", "code"]), True, "4 values"),
        (expect("expect_column_max_to_be_between", column="amount", max_value=2), False, "3"),
        (expect("expect_table_row_count_to_be_between", min_value=300_000), True, "336776"),
        (expect("expect_table_columns_to_match_set", column_set=["amount", "code", "note"]), True, "note"),
        (expect("expect_column_to_exist", column="note"), True, "as expected"),
        (expect("expect_column_to_exist", column="gone"), False, "otherwise"),
    ],
    ids=lambda value: value.expect if isinstance(value, Expectation) else None,
)
def test_an_expectation_is_answered_on_the_frame_that_it_is_about(expectation, passed, found):
    ((outcome, said),) = validate([expectation], FRAMES)
    assert outcome is passed
    assert found in said


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (expect("expect_colum_to_exist", column="code"), "expect_colum_to_exist not found"),
        (expect("expect_column_values_to_be_in_set", colum="code"), "extra fields not permitted"),
        (expect("expect_column_values_to_not_be_null", column="gone"), '"gone" in BatchData does not exist'),
        (expect("expect_column_values_to_match_regex", column="code", regex="["), "Invalid regular expression"),
    ],
    ids=lambda value: value.expect if isinstance(value, Expectation) else None,
)
def test_one_that_cannot_be_checked_has_not_passed_says_why_and_does_not_hide_the_others(wrong, why):
    right = expect("expect_column_values_to_not_be_null", column="code")
    outcomes = validate([wrong, right], FRAMES)
    assert [passed for passed, _ in outcomes] == [False, True]
    assert outcomes[0][1].startswith("that it cannot be checked: ")
    assert why in outcomes[0][1]


def test_only_expectations_about_values_need_values():
    assert frame_of(expect("expect_table_row_count_to_equal", value=3)) == "rows"
    assert frame_of(expect("expect_column_to_exist", column="code")) == "columns"
    assert frame_of(expect("expect_column_values_to_be_unique", column="code")) == "values"
