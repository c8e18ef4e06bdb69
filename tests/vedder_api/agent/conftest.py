"""A harbour, a desk over the small world, and one over a world in which data and curators' files are against us."""

from collections.abc import Iterator

import pytest

from tests.vedder_api.agent.desks import Desks
from tests.vedder_api.agent.harbour import Harbour, open_harbour
from tests.vedder_api.agent.hostile_world import build_hostile
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    with open_harbour(tmp_path_factory.mktemp("harbour")) as harbour:
        yield harbour


@pytest.fixture(scope="session")
def desk(world: Settings) -> Iterator[Desks]:
    with open_warehouse(world.warehouse) as warehouse:
        yield Desks(world, warehouse)


@pytest.fixture(scope="session")
def hostile_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    settings = build_hostile(tmp_path_factory.mktemp("hostile"))
    with open_warehouse(settings.warehouse) as warehouse:
        yield Desks(settings, warehouse)
