"""The tool that says which clusters a question may be about."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing import cluster_line
from vedder_api.agent.tools.tool import Arguments, Desk, ToolResult

MOST = 6


class FindClustersArguments(Arguments):
    """What `find_clusters` takes."""

    question: str = Field(
        min_length=1, max_length=500, description="What you look for, in words: a question or its subject."
    )


class FindClusters:
    """Name the clusters that are nearest to a question, with what each is about, its owner and its datasets.

    Use it when the clusters that you were shown do not fit, or when a part of the question is about something else.
    Not for what is inside of a cluster: open it with `open_cluster`.
    """

    name = "find_clusters"
    arguments: type[BaseModel] = FindClustersArguments

    def use(self, given: FindClustersArguments, desk: Desk) -> ToolResult:
        near = [routed.card for routed in desk.search.route(given.question)[:MOST]]
        lines = [f"{cluster_line(card, desk.veil)}{' (open)' if card.name in desk.opened else ''}" for card in near]
        ids = {entry.cluster: entry.id for entry in desk.snapshot.entries(kinds=("cluster",))}
        shown = tuple(ids[card.name] for card in near if card.name in ids)
        more = len(desk.snapshot.cluster_cards()) - len(near)
        rest = f"\n\nThere are {more:,} more, all of them further away." if more else ""
        return ToolResult("Nearest first:\n\n" + "\n".join(lines) + rest, shown=shown)
