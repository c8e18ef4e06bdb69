"""What the outermost SELECT of a query makes of its rows: an order, or one row of counts."""

from sqlglot import exp

from vedder_core.sql.joins import aggregates
from vedder_core.sql.resolved import Resolved


def is_ordered(query: Resolved) -> bool:
    """Does the outermost query say in which order its rows come?"""
    return query.tree.args.get("order") is not None


def counting_places(query: Resolved) -> frozenset[int] | None:
    """The places of the columns in which 0 says that nothing was there; None unless it gives one row of aggregates."""
    select = query.tree
    if not isinstance(select, exp.Select) or select.args.get("group") is not None or not aggregates(select):
        return None
    zeros = (exp.Count, exp.CountIf, exp.Coalesce)
    return frozenset(place for place, one in enumerate(select.selects) if one.find(*zeros) is not None)
