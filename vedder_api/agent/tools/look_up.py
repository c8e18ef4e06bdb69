"""The tool that searches pairs, docs and datasets beyond what was shown."""

from pydantic import BaseModel, Field

from vedder_api.agent.showing_page import Page
from vedder_api.agent.showing_values import named, prose
from vedder_api.agent.tools.finding import cluster_named, put_on
from vedder_api.agent.tools.tool import Arguments, Desk, ToolResult
from vedder_api.agent.tools.words import Words
from vedder_core.context.search import MINIMUM, Hit

MOST_TOKENS = 2_500
LOOKED_AT = 24
MOST = 8
MOST_ELSEWHERE = 5
HEADINGS = {"found": ""}


class LookUpArguments(Arguments):
    """What `look_up` takes."""

    words: str = Field(min_length=1, max_length=500, description="What to look for: a term, a column, a question.")
    clusters: Words = Field(
        (), max_length=10, description="Names of clusters to look in; where left out, in all."
    )  # fmt: skip


class LookUp:
    """Search vetted pairs, docs and datasets by words, beyond what you were shown already.

    Use it for a term that you do not know, a definition, a way of computing something, or a column that you miss. Of
    clusters that are not open only titles are told. Not for values in the data: use `find_value`.
    """

    name = "look_up"
    arguments: type[BaseModel] = LookUpArguments

    def use(self, given: LookUpArguments, desk: Desk) -> ToolResult:
        clusters = tuple(cluster_named(name, desk).name for name in given.clusters)
        hits = desk.search.find(given.words, kinds=("pair", "doc", "dataset"), clusters=clusters, limit=LOOKED_AT)
        new = [hit for hit in hits if hit.entry.id not in desk.shown and hit.score >= MINIMUM]
        page = Page(MOST_TOKENS, HEADINGS)
        here = [hit.entry for hit in new if hit.entry.cluster in desk.opened]
        shown = put_on(page, "found", here[:MOST], desk)
        elsewhere = [_title(hit, desk) for hit in new if hit.entry.cluster not in desk.opened][:MOST_ELSEWHERE]
        texts = [page.text()] if shown else ["Nothing else in the open clusters is near these words."]
        if elsewhere:
            texts.append("In clusters that are not open (`open_cluster`):\n" + "\n".join(elsewhere))
        return ToolResult("\n\n".join(texts), shown=tuple(shown))


def _title(hit: Hit, desk: Desk) -> str:
    title = "" if desk.veil.betrays(hit.entry.title) else f": {prose(hit.entry.title)}"
    return f"- {hit.entry.kind} of {named(hit.entry.cluster)}{title}"
