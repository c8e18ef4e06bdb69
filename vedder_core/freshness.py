"""How new a dataset's data are, by its curator's freshness rule and its profile.

What follows from it is told elsewhere: in a cluster's health, and in the notices of an answer.
"""

from datetime import UTC, date, datetime, time, timedelta

from vedder_core.cluster import Freshness
from vedder_core.profile import Profile

DATE_LETTERS = len("2013-12-31")


def newest(rule: Freshness, profile: Profile | None) -> datetime | None:
    """The column's greatest value as a moment; a plain date counts to its end, a time without a zone as UTC."""
    column = profile.column(rule.column) if profile is not None else None
    if column is None or not isinstance(column.maximum, str):
        return None
    try:
        if len(column.maximum) == DATE_LETTERS:
            day = date.fromisoformat(column.maximum) + timedelta(days=1)
            return datetime.combine(day, time(), UTC)
        moment = datetime.fromisoformat(column.maximum)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def length(span: timedelta) -> str:
    """A length of time for people: hours up to three days, then days."""
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} hours" if abs(hours) < 72 else f"{hours / 24:,.0f} days"
