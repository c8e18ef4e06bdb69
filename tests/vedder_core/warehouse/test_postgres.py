"""PostgreSQL keeps the contract of all engines. Its walls, types and names have tests of their own beside this."""

from collections.abc import Iterator

import pytest

from tests.vedder_core.warehouse.contract import *  # noqa: F403 - the tests of the contract are collected here
from tests.vedder_core.warehouse.contract import BUILD, World
from tests.vedder_core.warehouse.postgres_worlds import database
from vedder_core.warehouse.warehouse import open_warehouse

VISITS = (
    "CREATE TABLE shop.visits (month INTEGER NOT NULL, visit INTEGER) PARTITION BY LIST (month)",
    *(f"CREATE TABLE shop.visits_{n} PARTITION OF shop.visits FOR VALUES IN ({n})" for n in range(1, 13)),
    "INSERT INTO shop.visits SELECT n % 12 + 1, n FROM generate_series(1, 3000) AS numbers(n)",
)


@pytest.fixture
def world(postgres_server: str) -> Iterator[World]:
    with database(postgres_server) as own:
        own.change(*BUILD, *VISITS)
        with open_warehouse(own.url()) as warehouse:
            yield World(warehouse, own.change)
