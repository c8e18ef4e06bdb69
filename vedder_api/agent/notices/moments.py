"""Dates as profiles and SQL write them, and the periods that they lie in."""

from datetime import date, datetime, timedelta

from vedder_core.sql.periods import Unit

SATURDAY = 5


def day_of(written: object) -> date | None:
    """The day of a date or time in ISO 8601; None for anything else."""
    if not isinstance(written, str):
        return None
    try:
        return datetime.fromisoformat(written.strip()).date()
    except ValueError:
        return None


def first_day(unit: Unit, day: date) -> date:
    """The first day of the period that a day lies in; a week begins on Monday."""
    match unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)


def last_day(unit: Unit, day: date) -> date:
    """The last day of the period that a day lies in."""
    lengths: dict[Unit, int] = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
    start = first_day(unit, day)
    beyond = start + timedelta(days=lengths[unit])
    return (first_day(unit, beyond) if beyond != start else beyond) - timedelta(days=1)


def number(unit: Unit, day: date) -> int:
    """The number of the period: 2013, 9, 3, the ISO week; of a day its place in the month."""
    match unit:
        case "day":
            return day.day
        case "week":
            return day.isocalendar().week
        case "month":
            return day.month
        case "quarter":
            return (day.month - 1) // 3 + 1
        case "year":
            return day.year


def label(unit: Unit, day: date) -> str:
    """The period's name: `2013-09`, `2013-Q3`, `2013-W38`."""
    match unit:
        case "day":
            return day.isoformat()
        case "week":
            return f"{day.isocalendar().year}-W{day.isocalendar().week:02}"
        case "month":
            return f"{day:%Y-%m}"
        case "quarter":
            return f"{day.year}-Q{number(unit, day)}"
        case "year":
            return str(day.year)


def lacks_days(until: date, end: date) -> bool:
    """Are there days after `until` up to `end`? A weekend alone does not count: many data have none."""
    missing = (end - until).days
    days = (until + timedelta(days=1 + n) for n in range(min(missing, 3)))
    return missing > 0 and (missing > 2 or any(day.weekday() < SATURDAY for day in days))
