"""Rows by period of a column of times: folded from days to what a baseline can keep, a day, a month or a year."""

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

MOST_DAYS = 120
MOST_MONTHS = 240
LENGTH: Mapping[str, int] = {"day": 10, "month": 7, "year": 4}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
YEAR = re.compile(r"[12]\d{3}")

Days = Mapping[str, int]
"""Rows by ISO day, or by year."""


def day_of(value: object) -> str | None:
    """An engine's day or year as text; None for what is neither."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    return text if DAY.fullmatch(text) or YEAR.fullmatch(text) else None


def unit_of(days: Days) -> str:
    """The finest period of which there are not too many."""
    if days and all(len(day) == LENGTH["year"] for day in days):
        return "year"
    if len(days) <= MOST_DAYS:
        return "day"
    return "month" if len({day[: LENGTH["month"]] for day in days}) <= MOST_MONTHS else "year"


def folded(days: Days, unit: str) -> dict[str, int]:
    """The rows of each period, in their order."""
    counted: Counter[str] = Counter()
    for day, rows in days.items():
        counted[day[: LENGTH[unit]]] += rows
    return dict(sorted(counted.items()))
