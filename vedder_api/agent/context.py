"""What a model is told first about a question: near clusters, and of the clearly near ones what helps most.

Everything is chosen within a budget of tokens, whole entries only, and the same question on the same version of the
context always gets the same text. Deliberately not here: how entries look (`showing`), and getting more (`tools`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vedder_api.agent.showing import cluster_line, shown
from vedder_api.agent.showing_page import Page
from vedder_api.agent.showing_values import LEGEND
from vedder_api.agent.tools.finding import left_over
from vedder_api.agent.tools.tool import Desk
from vedder_core.context.entry import Entry, EntryKind
from vedder_core.context.search import MINIMUM, Hit, Routed

CLUSTERS = 5
MOST_OPEN = 3
CLEARLY_NEAR = 0.25
"""Of the likeliest cluster's share: one that has as much is opened from the start as well."""

PAIRS, DOCS = 6, 4
ALWAYS = 2
"""Pairs that are shown however far they are: they say at least how things are asked there."""

SHARES = {"clusters": 0.25, "pairs": 0.5, "docs": 0.25}
"""The most of the budget that a part may take; datasets may take what is left."""

HEADINGS = {
    "note": "",
    "clusters": "## Clusters near the question",
    "datasets": "## Datasets of open clusters",
    "docs": "## Docs",
    "pairs": "## Vetted pairs near the question: follow their ways",
    "rest": "",
}
NAMED = 5
RESERVED = 150
"""Tokens for saying what was left out."""


@dataclass(frozen=True, slots=True)
class Opening:
    """The text, the clusters that are open with it, the ids of the entries that it tells whole, and about how many
    tokens each of its parts takes."""

    text: str
    opened: tuple[str, ...]
    shown: tuple[str, ...]
    parts: dict[str, int]


def opening(desk: Desk, tokens: int) -> Opening:
    """The first text about the desk's question, in at most about so many tokens; the desk is not changed."""
    routed = desk.search.route(desk.question)[:CLUSTERS]
    opened = clearly_near(routed)
    page = Page(tokens, HEADINGS)
    page.add("note", LEGEND)
    filling = _Filling(desk, page, tokens, opened)
    filling.clusters(routed)
    if opened:
        page.tokens -= RESERVED
        pairs = filling.pairs()
        used = {name.casefold() for pair in pairs for name in pair.datasets}
        datasets = filling.datasets()
        filling.put("datasets", (entry for entry in datasets if entry.title.casefold() in used))
        filling.docs()
        filling.put("datasets", (entry for entry in datasets if entry.title.casefold() not in used))
        page.tokens += RESERVED
        rest = left_over(opened, filling.shown, desk, names=NAMED)
        if rest:
            page.add("rest", rest)
    return Opening(page.text(), opened, tuple(filling.shown), dict(page.took))


def clearly_near(routed: Sequence[Routed]) -> tuple[str, ...]:
    """The clusters that a question is probably about, the likeliest first."""
    if not routed or routed[0].score <= 0:
        return ()
    least = CLEARLY_NEAR * routed[0].score
    return tuple(one.card.name for one in routed[:MOST_OPEN] if one.score >= least)


class _Filling:
    """Puts entries on the page; each dataset once, however many clusters list it."""

    def __init__(self, desk: Desk, page: Page, tokens: int, opened: tuple[str, ...]) -> None:
        self._desk, self._page, self._tokens, self._opened = desk, page, tokens, opened
        self.shown: list[str] = []

    def clusters(self, routed: Sequence[Routed]) -> None:
        ids = {entry.cluster: entry.id for entry in self._desk.snapshot.entries(kinds=("cluster",))}
        for one in routed:
            is_open = " **open**" if one.card.name in self._opened else ""
            line = f"{cluster_line(one.card, self._desk.veil)}{is_open}"
            if self._page.add("clusters", line, most=self._most("clusters")) and one.card.name in ids:
                self.shown.append(ids[one.card.name])

    def pairs(self) -> list[Entry]:
        """Those that were put on the page."""
        hits = self._found("pair", PAIRS)
        wanted = [hit.entry for place, hit in enumerate(hits) if place < ALWAYS or hit.score >= MINIMUM]
        return self.put("pairs", wanted)

    def docs(self) -> None:
        self.put("docs", (hit.entry for hit in self._found("doc", DOCS)))

    def datasets(self) -> list[Entry]:
        """All datasets of open clusters by nearness, each once: as the likeliest cluster lists it."""
        near = [hit.entry for hit in self._found("dataset", 100)]
        near += self._desk.snapshot.entries(kinds=("dataset",), clusters=self._opened)
        by_cluster = sorted(near, key=lambda entry: self._opened.index(entry.cluster))
        told_by = {entry.title.casefold(): entry for entry in reversed(by_cluster)}
        return list({entry.title.casefold(): told_by[entry.title.casefold()] for entry in near}.values())

    def put(self, part: str, entries: Iterable[Entry]) -> list[Entry]:
        """Put entries on the page as far as they fit."""
        texts = ((entry, shown(entry, self._desk.veil)) for entry in entries)
        most = self._most(part)
        done = [entry for entry, text in texts if text is not None and self._page.add(part, text, most=most)]
        self.shown += [entry.id for entry in done]
        return done

    def _found(self, kind: EntryKind, limit: int) -> tuple[Hit, ...]:
        return self._desk.search.find(self._desk.question, kinds=(kind,), clusters=self._opened, limit=limit)

    def _most(self, part: str) -> int:
        return int(self._tokens * SHARES.get(part, 1.0))
