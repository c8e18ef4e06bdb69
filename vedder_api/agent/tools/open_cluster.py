"""The tool that opens a cluster: its datasets may be queried from then on."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing_page import Page
from vedder_api.agent.tools.finding import cluster_named, left_over, put_on
from vedder_api.agent.tools.tool import Arguments, Desk, ToolResult
from vedder_core.context.entry import Entry, EntryKind

MOST_TOKENS = 4_000
PAIRS, DOCS = 5, 3
PAIR_TOKENS = 2_000
NAMED = 40
HEADINGS = {"head": "", "datasets": "## Datasets", "docs": "## Docs", "pairs": "## Vetted pairs near it"}


class OpenClusterArguments(Arguments):
    """What `open_cluster` takes."""

    name: str = Field(min_length=1, max_length=100, description="The cluster's name, as it was shown to you.")
    about: str = Field(
        "", max_length=500, description="What to look for in it, in words; the question itself where left out."
    )


class OpenCluster:
    """Open a cluster: its datasets with their columns, and the vetted pairs and docs in it that are near the question.

    A dataset can be queried only after a cluster that lists it was opened. A question across two clusters needs both.
    Not for a cluster that is open already: use `look_up` for more of it, and `look_at_dataset` for one dataset.
    """

    name = "open_cluster"
    arguments: type[BaseModel] = OpenClusterArguments

    def use(self, given: OpenClusterArguments, desk: Desk) -> ToolResult:
        card = cluster_named(given.name, desk)
        about = given.about or desk.question
        page = Page(MOST_TOKENS, HEADINGS)
        page.add("head", f"`{card.name}` is open now.")
        pairs, datasets, docs = (_nearest(about, kind, card.name, desk) for kind in ("pair", "dataset", "doc"))
        shown = put_on(page, "pairs", pairs[:PAIRS], desk, most=PAIR_TOKENS)
        shown += put_on(page, "docs", docs[:DOCS], desk, most=MOST_TOKENS // 4)
        shown += put_on(page, "datasets", datasets, desk)
        rest = left_over((card.name,), shown, desk, names=NAMED)
        return ToolResult(f"{page.text()}\n\n{rest}".strip(), opened=(card.name,), shown=tuple(shown))


def _nearest(about: str, kind: EntryKind, cluster: str, desk: Desk) -> list[Entry]:
    """What of a kind is not before the model yet, the nearest first; datasets all, whether near or not."""
    near = [hit.entry for hit in desk.search.find(about, kinds=(kind,), clusters=(cluster,), limit=100)]
    if kind == "dataset":
        near += desk.snapshot.entries(kinds=(kind,), clusters=(cluster,))
    once = {entry.id: entry for entry in near}
    return [entry for entry in once.values() if entry.id not in desk.shown]
