"""Notice: experts expect something of the data that does not hold, or have given a dataset up."""

from collections.abc import Iterator

from vedder_api.agent.notices.about import About
from vedder_core.answer import Notice, RanQuery

MOST = 3


def failed_checks(query: RanQuery, about: About) -> Iterator[Notice]:
    """The expectations of each dataset that did not hold of its data, and what stands in for a deprecated one."""
    for card in about.used(query):
        name = card.dataset.name
        if card.dataset.deprecated_by is not None:
            yield Notice("deprecated", f"`{name}` is deprecated: use `{card.dataset.deprecated_by}` instead.", name)
        if card.failed_checks:
            more = len(card.failed_checks) - MOST
            found = "; ".join(card.failed_checks[:MOST]) + (f"; and {more} more" if more > 0 else "")
            yield Notice("failed_checks", f"`{name}` is not as its experts expect: {found}.", name)
