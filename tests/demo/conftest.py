"""The demo warehouse, built once a session from the installed package; without the package these tests are skipped."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

from demo.load_nycflights import PACKAGE, load
from vedder_core.schema import Catalog
from vedder_core.warehouse.warehouse import Warehouse, open_warehouse


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f"{PACKAGE}, which holds the demo's data, is not installed")
    folder = tmp_path_factory.mktemp("demo") / "warehouse"
    load(folder)
    return folder


@pytest.fixture(scope="session")
def warehouse(demo_folder: Path) -> Iterator[Warehouse]:
    with open_warehouse(f"duckdb:///{demo_folder / 'demo.duckdb'}?files={demo_folder / 'flights'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def catalog(warehouse: Warehouse) -> Catalog:
    return warehouse.catalog()
