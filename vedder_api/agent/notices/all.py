"""All notices, in the order in which a reader gets them. Each is one file; none asks the chat model."""

from collections.abc import Callable, Iterator

from vedder_api.agent.notices.about import About
from vedder_api.agent.notices.avoided_columns import avoided_columns
from vedder_api.agent.notices.empty_result import empty_result
from vedder_api.agent.notices.failed_checks import failed_checks
from vedder_api.agent.notices.fan_out import fan_out
from vedder_api.agent.notices.freshness import freshness
from vedder_api.agent.notices.partial_period import partial_period
from vedder_api.agent.notices.truncated import truncated
from vedder_core.answer import Notice, RanQuery

NOTICES: tuple[Callable[[RanQuery, About], Iterator[Notice]], ...] = (
    empty_result,
    fan_out,
    failed_checks,
    freshness,
    partial_period,
    avoided_columns,
    truncated,
)


def notices(query: RanQuery, about: About) -> tuple[Notice, ...]:
    """What a reader should know about a result before trusting it; nothing that is not certain enough to be said."""
    return tuple(dict.fromkeys(notice for look in NOTICES for notice in look(query, about)))
