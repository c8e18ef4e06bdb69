"""A shop in a DuckDB file of each test's own."""

from pathlib import Path

import pytest

from tests.vedder_pipelines.drift.shops import DDL, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(str(tmp_path / "warehouse.duckdb")).change(DDL)
