"""An answer in words says what the rows say, and nothing of it steers a terminal."""

from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedder_api.cells import as_json, rows_of
from vedder_api.telling import amounts, shown, told


def test_one_cell_is_the_answer() -> None:
    assert told(["flights"], [[8881]], truncated=False) == "8,881 (flights)."


def test_one_row_is_told_column_by_column() -> None:
    assert told(["carrier", "year"], [["UA", 2013]], truncated=False) == "carrier: UA, year: 2013."


def test_more_rows_are_counted_and_begun() -> None:
    rows = [["JFK", 1], ["EWR", 2], ["LGA", 3], ["HPN", 4]]
    assert told(["origin", "flights"], rows, truncated=False) == "4 rows: JFK, 1; EWR, 2; LGA, 3; …"
    assert told(["origin", "flights"], rows, truncated=True).endswith(
        "The warehouse has more rows than are given here."
    )


def test_no_rows_are_said_to_be_none() -> None:
    assert told(["n"], [], truncated=False) == "No rows: nothing in the data fits the question."


def test_defaults_are_said() -> None:
    assert "The question does not say top: 10 is assumed." in told(
        ["n"], [[1]], truncated=False, defaults=[("top", "10")]
    )


def test_values_are_shown_for_people() -> None:
    cells = (None, True, 1234, Decimal("12.50"), Decimal("1200"), 0.123456, float("nan"), float("inf"))
    assert [shown(cell) for cell in cells] == ["–", "yes", "1,234", "12.5", "1,200", "0.1235", "–", "–"]
    assert shown(2013, amount=False) == "2013"
    assert shown(datetime(2026, 1, 2, 3, 4)) == "2026-01-02 03:04:00"  # noqa: DTZ001 - as warehouses have it


def test_years_and_codes_are_no_amounts() -> None:
    columns = ("built", "flights", "airport_id", "airport")
    assert amounts(columns, [(1975, 1975, 12_345, "JFK"), (1980, 30, 12_346, "EWR")]) == {1}


def test_a_value_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in shown("\x1b[31mred\x1b]0;title\x07")


def test_wide_integers_nanoseconds_and_far_dates_are_kept_as_text() -> None:
    table = pa.table(
        {
            "wide": pa.array([Decimal(2**70), Decimal(1)], pa.decimal128(38, 0)),
            "fits": pa.array([Decimal(7), None], pa.decimal128(38, 0)),
            "nano": pa.array([1, None], pa.timestamp("ns")),
            "far": pa.array([2**60, None], pa.timestamp("s")),
            "bytes": pa.array([b"\x00\xff", None], pa.binary()),
        }
    )
    first, second = rows_of(table)
    assert first[:2] == ("1180591620717411303424", 7)
    assert str(first[2]) == "1970-01-01 00:00:00.000000001"
    assert first[4] == "00ff"
    assert second[1:] == (None, None, None, None)
    assert as_json(rows_of(table))


def test_a_result_without_rows_or_columns_has_no_rows() -> None:
    assert rows_of(pa.table({"n": pa.array([], pa.int64())})) == ()
    assert as_json({"margin": float("nan"), "price": Decimal("1.50")}) == b'{"margin":null,"price":"1.50"}'


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (0.00003, "0.00003"),
        (-0.00003, "-0.00003"),
        (0.99996, "0.99996"),
        (-0.999999, "-0.999999"),
        (0.0000123456, "0.0000123"),
        (Decimal("0.00004"), "0.00004"),
        (Decimal("0.000041239"), "0.0000412"),
        (0.9999, "0.9999"),
        (0.123456, "0.1235"),
        (2e-31, "2.00e-31"),
        (-0.0, "0"),
        (0.0, "0"),
        (-1.5, "-1.5"),
        (0.999996, "0.999996"),
    ],
)
def test_no_number_reads_as_zero_that_is_none_and_nothing_below_one_as_one(cell: float | Decimal, said: str) -> None:
    assert shown(cell) == said


@given(
    st.floats(-1, 1, exclude_min=True, exclude_max=True)
    | st.decimals(Decimal(-1), Decimal(1), places=38).filter(lambda d: abs(d) < 1)
)
def test_what_is_shown_of_a_fraction_stays_between_zero_and_one(cell: float | Decimal) -> None:
    read = Decimal(shown(cell))
    assert abs(read) < 1
    assert (read > 0, read < 0) == (cell > 0, cell < 0)


def test_a_first_row_too_large_for_an_answer_is_not_told_as_no_data() -> None:
    said = told(["text"], [], truncated=True)
    assert said.startswith("The first row alone is larger than what an answer may hold")
    assert "nothing in the data" not in said
