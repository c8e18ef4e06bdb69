"""Notice: the warehouse had more rows than the limits let through."""

from collections.abc import Iterator

from vedder_api.agent.notices.about import About
from vedder_core.answer import Notice, RanQuery
from vedder_core.sql.results import is_ordered


def truncated(query: RanQuery, about: About) -> Iterator[Notice]:
    """How many rows are given, and what must not be made of them."""
    if not query.truncated:
        return
    shape = about.shape(query)
    loose = shape is not None and not is_ordered(shape)
    which = "in no certain order, so that another run may give others" if loose else "by the order that the SQL gives"
    said = f"Only the first {len(query.rows):,} rows are given, {which}; a total over them is no total of the data."
    yield Notice("truncated", said)
