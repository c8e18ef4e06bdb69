"""Desks for tests: a fresh one for each question, over one context and one warehouse."""

import json
from dataclasses import dataclass

import pytest

from vedder_api.agent.tools.calling import use
from vedder_api.agent.tools.tool import Desk, ToolError, ToolResult
from vedder_core.chat.chat_model import ToolCall
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


def used(desk: Desk, tool: str, /, **arguments: object) -> ToolResult:
    """Use a tool as a model would, and lay what it brings on the desk."""
    result = use(ToolCall("c", tool, json.dumps(arguments)), desk)
    desk.lay(result)
    return result


def error_of(desk: Desk, tool: str, /, **arguments: object) -> str:
    """What the model reads of a call that cannot be done."""
    with pytest.raises(ToolError) as raised:
        used(desk, tool, **arguments)
    return f"{raised.value.message} {raised.value.hint}"
