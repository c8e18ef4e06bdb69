"""What is profiled, what is not scanned again, and that figures are what the data say."""

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedder_core.cluster import Cluster, ColumnNote, Dataset, Owner
from vedder_core.profile import Figure, Profile
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.profiling import ProfilingReport, profile_cluster

TABLES = (
    "CREATE SCHEMA shop",
    "CREATE TABLE shop.orders AS SELECT n AS id, n % 4 AS kind FROM range(1200) t(n)",
    "CREATE TABLE shop.customers AS SELECT n AS id, 'c' || n % 9 AS region FROM range(1) t(n)",
)
ORDERS = Dataset(name="shop.orders", description="One row an order.")
CUSTOMERS = Dataset(name="Shop.Customers", description="One row a customer.")


def cluster(*datasets: Dataset) -> Cluster:
    owner = Owner(team="sales", contact="#sales")
    return Cluster(name="sales", title="Sales", summary="Sales.", owner=owner, datasets=datasets)


def run(
    warehouse: Warehouse, *datasets: Dataset, remembered: dict[str, Profile] | None = None
) -> tuple[ProfilingReport, list[str]]:
    said: list[str] = []
    report = profile_cluster(cluster(*datasets), warehouse.catalog(), warehouse, remembered or {}, said.append)
    return report, said


def load(file: Path, *statements: str) -> None:
    with duckdb.connect(file) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    load(tmp_path / "warehouse.duckdb", *TABLES)
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def warehouse(file: Path) -> Iterator[DuckDBWarehouse]:
    with DuckDBWarehouse(file) as opened:
        yield opened


def test_each_dataset_is_profiled_and_said(warehouse: Warehouse) -> None:
    report, said = run(warehouse, ORDERS, CUSTOMERS)
    assert report.profiled == ("shop.orders", "Shop.Customers")
    assert (report.reused, report.missing) == ((), ())
    assert report.profiles["shop.orders"].rows == Figure(1200, "exact")
    assert said[0].startswith("shop.orders: 1,200 rows, 2 columns, 0.")
    assert said[1].startswith("Shop.Customers: 1 row, 2 columns, 0.")


def test_a_dataset_that_the_warehouse_does_not_hold_is_missing_and_hides_no_other(warehouse: Warehouse) -> None:
    gone = Dataset(name="shop.refunds", description="Gone.")
    report, said = run(warehouse, gone, ORDERS)
    assert (report.missing, report.profiled) == (("shop.refunds",), ("shop.orders",))
    assert said[0] == "shop.refunds: not in the warehouse"


def test_what_did_not_change_is_not_scanned_again(warehouse: Warehouse) -> None:
    before, _ = run(warehouse, ORDERS, CUSTOMERS)
    after, said = run(warehouse, ORDERS, CUSTOMERS, remembered=dict(before.profiles))
    assert (after.profiled, after.reused) == ((), ("shop.orders", "Shop.Customers"))
    assert after.profiles["shop.orders"] is before.profiles["shop.orders"]
    assert said == [f"{name}: unchanged since its last profile" for name in ("shop.orders", "Shop.Customers")]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE shop.orders SET kind = 3 WHERE id = 4",
        "DELETE FROM shop.orders WHERE id = 4",
        "ALTER TABLE shop.orders RENAME COLUMN kind TO sort",
        "ALTER TABLE shop.orders ALTER COLUMN kind SET NOT NULL",
    ],
)
def test_only_the_dataset_whose_data_or_schema_changed_is_scanned_again(file: Path, statement: str) -> None:
    with DuckDBWarehouse(file) as warehouse:
        before, _ = run(warehouse, ORDERS, CUSTOMERS)
    load(file, statement)
    with DuckDBWarehouse(file) as warehouse:
        after, _ = run(warehouse, ORDERS, CUSTOMERS, remembered=dict(before.profiles))
    assert (after.profiled, after.reused) == (("shop.orders",), ("Shop.Customers",))


@pytest.mark.parametrize(
    "curated",
    [
        {"columns": {"kind": ColumnNote(hidden=True)}},
        {"columns": {"kind": ColumnNote(sensitive=True)}},
        {"min_rows_per_value": 10},
    ],
)
def test_a_curator_who_withholds_values_makes_the_profile_anew(
    warehouse: Warehouse, curated: dict[str, object]
) -> None:
    before, _ = run(warehouse, ORDERS)
    report, _ = run(warehouse, ORDERS.model_copy(update=curated), remembered=dict(before.profiles))
    assert report.profiled == ("shop.orders",)


def test_a_new_note_on_a_column_scans_nothing(warehouse: Warehouse) -> None:
    before, _ = run(warehouse, ORDERS)
    noted = ORDERS.model_copy(update={"columns": {"kind": ColumnNote(note="0 is a gift", use="prefer")}})
    report, _ = run(warehouse, noted, remembered=dict(before.profiles))
    assert report.reused == ("shop.orders",)


CELLS = {
    "number": st.none() | st.integers(-(2**62), 2**62),
    "small": st.none() | st.integers(0, 5),
    "fraction": st.none() | st.floats(allow_nan=False, width=64),
    "text": st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@0123456789")),
    "flag": st.none() | st.booleans(),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=40)


@given(rows=ROWS, copies=st.integers(1, 3), odd=st.sampled_from(["select", 'a "b"', "größe", "x;--", "rowid"]))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_figures_are_what_pandas_counts(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, object]], copies: int, odd: str
) -> None:
    """Any small table under any name: rows, nulls, distinct, bounds, common values and keys are exactly the data's."""
    cells = [[row[name] for name in CELLS] for row in rows * copies]
    profile = _profile(tmp_path_factory.mktemp("any") / "any.duckdb", odd, cells)
    frame = pd.DataFrame(cells, columns=[odd, *list(CELLS)[1:]], dtype=object)
    assert profile.rows == Figure(len(frame), "exact")
    for column in profile.columns:
        held = [value for value in frame[column.name] if value is not None]
        counts = Counter(held)
        assert column.nulls == Figure(len(frame) - len(held), "exact")
        assert column.distinct == Figure(len(counts), "exact")
        assert [value.rows for value in column.common_values] == _expected(counts, column.complete)
        if held and column.name != "text":
            assert (column.minimum, column.maximum) == (_told(min(held)), _told(max(held)))
        if column.complete and column.name == "text":
            assert {value.value: value.rows for value in column.common_values} == dict(counts)
    unique = {
        name for name in (odd, "small", "text") if len(frame) and frame[name].notna().all() and frame[name].is_unique
    }
    assert set(profile.key_candidates) == unique


def _profile(file: Path, odd: str, cells: list[list[object]]) -> Profile:
    name = odd.replace('"', '""')
    with duckdb.connect(file) as connection:
        connection.execute(
            f'CREATE TABLE t ("{name}" BIGINT, small TINYINT, fraction DOUBLE, text VARCHAR, flag BOOLEAN)'
        )
        if cells:
            connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", cells)
    with DuckDBWarehouse(file) as warehouse:
        return run(warehouse, Dataset(name="main.t", description="Any."))[0].profiles["main.t"]


def _expected(counts: Counter[object], complete: bool) -> list[int]:
    ranked = sorted(counts.values(), reverse=True)
    return ranked if complete else [n for n in ranked if len(ranked) <= 20 or n > 1][:20]


def _told(value: object) -> object:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
