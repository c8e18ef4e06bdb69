"""One world for all tests that only read it."""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.vedder_api.world import build
from vedder_api.app import create_app
from vedder_core.settings import Settings


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return build(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def client(world: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(world), base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client
