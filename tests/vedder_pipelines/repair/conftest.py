"""A shop in a DuckDB file of each test's own."""

import pytest

from tests.vedder_pipelines.repair.shops import Broken


@pytest.fixture
def shop(tmp_path):
    return Broken(tmp_path)
