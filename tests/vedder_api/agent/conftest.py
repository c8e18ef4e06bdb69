"""A desk over the small world, one over a world in which data and curators' files are against us, and a harbour."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.vedder_api.agent.harbour import Harbour, open_harbour
from tests.vedder_api.agent.hostile_world import build_hostile
from vedder_api.agent.tools.tool import Desk
from vedder_core.context.index import ContextReader
from vedder_core.context.search import Search
from vedder_core.embedder.embedder import open_embedder
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import Limits, Warehouse, open_warehouse


@dataclass(frozen=True)
class Desks:
    """Lays a fresh desk for a question, with some clusters open."""

    settings: Settings
    warehouse: Warehouse

    def __call__(self, question: str = "How many flights left?", *opened: str, **others: object) -> Desk:
        embedder = open_embedder(self.settings)
        snapshot = ContextReader(self.settings.context, embedder).snapshot()
        limits = Limits(rows=self.settings.query_rows)
        return Desk(question, snapshot, Search(snapshot, embedder), self.warehouse, limits, set(opened), **others)


@pytest.fixture(scope="session")
def desk(world: Settings) -> Iterator[Callable[..., Desk]]:
    with open_warehouse(world.warehouse) as warehouse:
        yield Desks(world, warehouse)


@pytest.fixture(scope="session")
def hostile_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    settings = build_hostile(tmp_path_factory.mktemp("hostile"))
    with open_warehouse(settings.warehouse) as warehouse:
        yield Desks(settings, warehouse)


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harbour]:
    """For the tests of what is told about SQL that ran."""
    with open_harbour(tmp_path_factory.mktemp("harbour")) as opened:
        yield opened
