"""What leaves Arrow is what the warehouse said, cell by cell, and JSON tells it without loss."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedder_api.cells import as_json, rows_of

KINDS: tuple[tuple[pa.DataType, st.SearchStrategy[object]], ...] = (
    (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    (pa.uint64(), st.integers(0, 2**64 - 1)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.bool_(), st.booleans()),
    (pa.string(), st.text(st.characters(exclude_categories=["Cs"]))),
    (pa.date32(), st.dates()),
    (pa.timestamp("us"), st.datetimes()),
    (pa.timestamp("us", "UTC"), st.datetimes(timezones=st.just(UTC))),
    (pa.decimal128(20, 3), st.decimals(-(10**16), 10**16, places=3, allow_nan=False)),
    (pa.decimal128(38, 0), st.integers(-(2**63), 2**63 - 1)),
)


@pytest.mark.parametrize(("kind", "values"), KINDS, ids=[str(kind) for kind, _ in KINDS])
@settings(deadline=None)
@given(data=st.data())
def test_no_cell_changes_in_value_or_precision(
    kind: pa.DataType, values: st.SearchStrategy[object], data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(st.none() | values, max_size=5))
    schema = pa.schema([pa.field("c", kind)])
    parts = [pa.Table.from_pylist([{"c": value} for value in part], schema) for part in (drawn[:2], drawn[2:])]
    cells = [row[0] for row in rows_of(pa.concat_tables(parts))]
    assert cells == drawn
    assert [type(cell) for cell in cells] == [type(value) for value in drawn]
    assert as_json(cells)


def test_a_moment_keeps_its_zone() -> None:
    berlin = pa.array([datetime(2026, 7, 1, 12, tzinfo=UTC), None], pa.timestamp("us", "Europe/Berlin"))
    (summer,), (none,) = rows_of(pa.table({"at": berlin}))
    assert isinstance(summer, datetime)
    assert summer.utcoffset() == timedelta(hours=2)
    assert none is None
    assert as_json([summer]) == b'["2026-07-01T14:00:00+02:00"]'
    assert as_json([datetime(2026, 7, 1, tzinfo=timezone(timedelta(0)))]) == b'["2026-07-01T00:00:00Z"]'


def test_one_year_that_python_does_not_have_turns_the_whole_column_into_text() -> None:
    days = pa.array([0, 10_000_000, None], pa.int32()).cast(pa.date32())
    assert rows_of(pa.table({"day": days})) == (("1970-01-01",), ("29349-01-26",), (None,))


def test_a_year_that_python_does_not_have_is_text_inside_of_lists_and_structs_too() -> None:
    far = pa.array([10_000_000, 0, None], pa.int32()).cast(pa.date32())
    lists = pa.ListArray.from_arrays([0, 2, 3], far)
    structs = pa.StructArray.from_arrays([far, pa.array([1, 2, 3])], names=["d", "n"])
    assert rows_of(pa.table({"a": lists})) == (('["29349-01-26","1970-01-01"]',), ("[null]",))
    assert rows_of(pa.table({"a": structs}))[0] == ('{"d":"29349-01-26","n":1}',)


def test_a_moment_without_end_is_never_told_as_another_year() -> None:
    endless = pa.array([2**63 - 1], pa.int64()).cast(pa.timestamp("us", "UTC"))
    assert rows_of(pa.table({"until": endless})) == (("<value out of range: 9223372036854775807>",),)


def test_json_of_rows_is_that_of_their_plain_values() -> None:
    table = pa.table(
        {
            "n": pa.array([1, None]),
            "share": pa.array([0.1, float("nan")]),
            "price": pa.array([Decimal("12.50"), None]),
            "day": pa.array([date(2026, 1, 2), None]),
            "at": pa.array([datetime.fromisoformat("2026-01-02T03:04:05.000678"), None], pa.timestamp("us")),
        }
    )
    plain = [[1, 0.1, "12.50", "2026-01-02", "2026-01-02T03:04:05.000678"], [None] * 5]
    assert as_json(rows_of(table)) == orjson.dumps(plain)


def test_a_length_of_time_is_told_as_people_write_it() -> None:
    lengths = [pa.MonthDayNano([1, 5, 14_706_000_000_000]), pa.MonthDayNano([0, 0, 0]), None]
    table = pa.table({"length": pa.array(lengths, pa.month_day_nano_interval())})
    assert rows_of(table) == (("1 month 5 days 04:05:06",), ("00:00:00",), (None,))
