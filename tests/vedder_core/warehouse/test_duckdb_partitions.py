"""Promises of what a DuckDB profile tells of partitions: no hidden column, and no value that is withheld."""

from pathlib import Path

import duckdb
import pytest

from vedder_core.cluster import ColumnNote, Dataset
from vedder_core.profile import Partitions, Profile
from vedder_core.warehouse.warehouse import open_warehouse


def profile(folder: Path, column: str, value: str, notes: dict[str, ColumnNote]) -> Profile:
    """The profile of a view over Parquet files that are cut by year and by a column with values of its own."""
    with duckdb.connect(folder / "a.duckdb") as connection:
        connection.execute(
            f"COPY (SELECT 2024 + n % 2 AS year, {value} AS {column}, n FROM range(20) t(n)) "
            f"TO '{folder / 'parts'}' (FORMAT parquet, PARTITION_BY (year, {column}))"
        )
        connection.execute(
            f"CREATE VIEW v AS SELECT * FROM read_parquet('{folder / 'parts'}/**/*.parquet', hive_partitioning = true)"
        )
    with open_warehouse(f"duckdb:///{folder / 'a.duckdb'}?files={folder / 'parts'}") as warehouse:
        table = warehouse.catalog().find("main.v")
        assert table is not None
        return warehouse.profile(table, Dataset(name="main.v", description="x", columns=notes), "v1")


def test_partitions_by_a_hidden_column_are_not_told(tmp_path: Path) -> None:
    found = profile(tmp_path, "clinic", "'CANARY' || n % 4", {"CLINIC": ColumnNote(hidden=True)})
    assert found.partitions is None
    assert "CANARY" not in str(found)


@pytest.mark.parametrize(
    ("column", "value", "notes"),
    [
        ("clinic", "'CANARY' || n % 4", {"Clinic": ColumnNote(sensitive=True)}),
        ("surname", "'CANARY' || n % 4", {}),
        ("reach", "'CANARY' || n % 4 || '@example.org'", {}),
    ],
    ids=["sensitive", "personal by name", "personal by its values"],
)
def test_partitions_by_a_withheld_column_are_counted_without_values(
    tmp_path: Path, column: str, value: str, notes: dict[str, ColumnNote]
) -> None:
    found = profile(tmp_path, column, value, notes)
    assert found.partitions == Partitions(("year", column), "hive", 4)
    assert "CANARY" not in str(found)


def test_other_partitions_are_told_with_their_values(tmp_path: Path) -> None:
    found = profile(tmp_path, "clinic", "'C' || n % 4", {"n": ColumnNote(hidden=True)})
    assert found.partitions == Partitions(("year", "clinic"), "hive", 4, "year=2024/clinic=C0", "year=2025/clinic=C3")
