"""Rows by period of a column of times: folded from days to what a baseline can keep, a day, a month or a year. And
which periods have lost their rows since, other than by a window that moves on.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

MOST_DAYS = 120
MOST_MONTHS = 240
LENGTH: Mapping[str, int] = {"day": 10, "month": 7, "year": 4}
DAY = re.compile(r"\d{4}-\d\d-\d\d")
YEAR = re.compile(r"[12]\d{3}")
ORDERED = re.compile(r"\d+(-\d+)*(/\d+(-\d+)*)*")

FEWEST_ROWS = 5
"""What is gone must have held so many, in one period or in several that follow one another."""

LEFT_OF_PERIOD = 0.05
CHANCE = 1e-4
AHEAD = 3
"""Old periods may go before new ones come: one of so many."""

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


def gone_periods(was: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """The periods that lost their rows, in their order. Not the oldest ones, where newer ones have come, or where they
    are at most a third of all: a window of time moves on, perhaps before the next load. Nor what deleted rows explain.
    """
    if not was or not now:
        return []
    first, last, before = min(map(_place, now)), max(map(_place, now)), max(map(_place, was))
    gone = list(_gone_together(was, now))
    oldest = [period for period in gone if _place(period) < first]
    if last > before or len(oldest) <= len(was) // AHEAD:
        gone = gone[len(oldest) :]
    else:
        oldest = []
    return _unexplained(gone, was, now, besides=oldest)


def _gone_together(was: Mapping[str, int], now: Mapping[str, int]) -> Iterator[str]:
    """The periods with hardly any rows left, where these and the neighbours that are gone, too, had enough of them."""
    for gone, stretch in groupby(sorted(was, key=_place), lambda one: _is_empty(was[one], now.get(one, 0))):
        periods = tuple(stretch)
        if gone and sum(was[period] for period in periods) >= FEWEST_ROWS:
            yield from periods


def in_order(periods: Iterable[str]) -> bool:
    """Are these days, months, numbers, or several of them (`2026/3`), so that one comes after the other?"""
    return all(ORDERED.fullmatch(period) for period in periods)


def _place(period: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", period)))


def gone_values(was: Mapping[str, int], now: Mapping[str, int]) -> list[str]:
    """The parts in no order that lost their rows. None where new parts have taken at least half of these."""
    gone = [p for p in sorted(was) if was[p] >= FEWEST_ROWS and _is_empty(was[p], now.get(p, 0))]
    came = sum(rows for part, rows in now.items() if part not in was)
    if not now or 2 * came >= sum(was[part] for part in gone):
        return []
    return _unexplained(gone, was, now)


def _is_empty(rows: int, left: int) -> bool:
    return left <= LEFT_OF_PERIOD * rows


def _unexplained(
    gone: list[str], was: Mapping[str, int], now: Mapping[str, int], *, besides: Sequence[str] = ()
) -> list[str]:
    """Those of which chance does not delete that many rows, as many as are deleted of the others."""
    others = {period: rows for period, rows in was.items() if period not in gone and period not in besides}
    rows, left = sum(others.values()), sum(now.get(period, 0) for period in others)
    lost = min(max(1 - left / rows, 0.01), 1.0) if rows else 1.0
    return [period for period in gone if lost ** (was[period] * (1 - LEFT_OF_PERIOD)) < CHANCE]
