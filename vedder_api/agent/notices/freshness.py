"""Notice: the data are older than their curator wants them, or the context is older than one night."""

from collections.abc import Iterator
from datetime import UTC, timedelta

from vedder_api.agent.notices.about import About
from vedder_core.answer import Notice, RanQuery
from vedder_core.freshness import length, newest

MISSED_NIGHTS = timedelta(hours=48)
"""The pipeline looks at the warehouse each night; after this long it has missed one for certain."""


def freshness(query: RanQuery, about: About) -> Iterator[Notice]:
    """A dataset whose newest row is older than its freshness rule allows; a context that nothing has renewed."""
    for card in about.used(query):
        rule = card.dataset.freshness
        latest = newest(rule, card.profile) if rule is not None else None
        if rule is None or latest is None or about.now - latest <= rule.within:
            continue
        name = card.dataset.name
        said = f"`{name}` is late: its newest `{rule.column}` is of {latest.astimezone(UTC):%Y-%m-%d %H:%M} UTC, "
        said += f"{length(about.now - latest)} ago, and {length(rule.within)} is allowed."
        profiled = card.profile.profiled_at if card.profile is not None else None
        if profiled is not None and about.now - profiled.astimezone(UTC) > max(rule.within, MISSED_NIGHTS):
            said += f" It was last profiled {length(about.now - profiled)} ago."
        yield Notice("freshness", said, name)
    if about.looked_at is not None and about.now - about.looked_at > MISSED_NIGHTS:
        ago = length(about.now - about.looked_at)
        yield Notice("freshness", f"What Vedder knows of these data is {ago} old: its pipeline has not run since.")
