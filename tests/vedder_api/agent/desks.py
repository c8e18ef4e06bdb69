"""Desks for tests: a fresh one for each question, over one context and one warehouse."""

from dataclasses import dataclass

from vedder_api.agent.tools.tool import Desk
from vedder_core.context.index import ContextReader
from vedder_core.context.search import Search
from vedder_core.embedder.embedder import open_embedder
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import Limits, Warehouse


@dataclass(frozen=True)
class Desks:
    """Lays a fresh desk for a question, with some clusters open."""

    settings: Settings
    warehouse: Warehouse

    def __call__(self, question: str = "How many flights left?", *opened: str) -> Desk:
        embedder = open_embedder(self.settings)
        snapshot = ContextReader(self.settings.context, embedder).snapshot()
        limits = Limits(rows=self.settings.query_rows)
        return Desk(question, snapshot, Search(snapshot, embedder), self.warehouse, limits, set(opened))
