"""Notice: the last period that a query groups or filters by is not over in the data.

Where it is not certain which date a period is cut by, that the query reads the last one, or that anything is missing
in it, nothing is said.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from vedder_api.agent.notices.about import About
from vedder_api.agent.notices.moments import day_of, first_day, label, lacks_days, last_day, number
from vedder_core.answer import Notice, RanQuery
from vedder_core.context.entry import DatasetCard
from vedder_core.sql.comparisons import Comparison, Operator, comparisons
from vedder_core.sql.periods import UNITS, Unit, periods, unit_named
from vedder_core.sql.resolved import BaseColumn

LOADING = ("load", "ingest", "insert", "updat", "etl", "sync", "creat")
"""In the name of a date that says when a row was written, and not when something happened."""


def partial_period(query: RanQuery, about: About) -> Iterator[Notice]:
    """The last period by each date column that the query cuts into periods; ranges of dates beyond the data's end."""
    shape = about.shape(query)
    if shape is None or not query.rows:
        return
    asked = comparisons(shape)
    finest: dict[BaseColumn, Unit] = {}
    for period in periods(shape):
        by = _date_beside(about, period.column.dataset) if period.stored else period.column
        if by is not None and UNITS.index(period.unit) < UNITS.index(finest.get(by, UNITS[-1])):
            finest[by] = period.unit
        elif by is not None:
            finest.setdefault(by, period.unit)
    for by, unit in finest.items():
        yield from _last_period(about, by, unit, asked)
    for by in {one.column for one in asked} - finest.keys():
        yield from _range_beyond(about, by, [one for one in asked if one.column == by and not one.part])


def _last_period(about: About, by: BaseColumn, unit: Unit, asked: Sequence[Comparison]) -> Iterator[Notice]:
    until = _newest(about, by)
    if until is None or not _is_read(by, unit, until, asked):
        return
    if unit == "day":
        if until == about.now.date():
            yield Notice(
                "partial_period", f"The last day in `{by.dataset}`, {until}, is today and not over.", by.dataset
            )
    elif lacks_days(until, last_day(unit, until)):
        said = f"The last {unit} in `{by.dataset}`, {label(unit, until)}, has data until {until} only (`{by.column}`)."
        yield Notice("partial_period", said, by.dataset)


def _range_beyond(about: About, by: BaseColumn, asked: Sequence[Comparison]) -> Iterator[Notice]:
    """A range with a beginning within the data and an end after them."""
    until = _newest(about, by)
    ends = [day for one in asked if (day := _end(one)) is not None and one.always]
    begins = [day for one in asked if one.operator in (">", ">=") and one.always and (day := _day(one)) is not None]
    if until is None or not ends or not begins or any(not one.values for one in asked):
        return
    end = min(ends)
    if max(begins) <= until and end.year <= about.now.year + 1 and lacks_days(until, end):
        said = f"The question goes to {end}, and `{by.dataset}` has data until {until} only (`{by.column}`)."
        yield Notice("partial_period", said, by.dataset)


def _end(one: Comparison) -> date | None:
    """The last day that a comparison lets through."""
    day = _day(one)
    if day is None or one.operator not in ("<", "<="):
        return None
    at_midnight = len(one.values[0]) <= len("2013-12-31") or one.values[0].endswith("00:00:00")
    return date.fromordinal(day.toordinal() - 1) if one.operator == "<" and at_midnight else day


def _day(one: Comparison) -> date | None:
    return day_of(one.values[0]) if one.values else None


def _newest(about: About, column: BaseColumn) -> date | None:
    known = about.told(column)
    return day_of(known.maximum) if known is not None and known.type.upper().startswith(("DATE", "TIMESTAMP")) else None


def _date_beside(about: About, dataset: str) -> BaseColumn | None:
    """The one date by which a dataset's own columns `year` and `month` can have been made, if there is one for certain.

    Their greatest values must agree with it: a date in another time zone, or of another event, ends elsewhere.
    """
    card = about.card(dataset)
    names = [column.name for column in card.table.columns] if card is not None and card.table is not None else []
    dated = [name for name in names if _newest(about, BaseColumn(dataset, name)) is not None]
    dated = [name for name in dated if card is not None and not _is_aside(card, name)]
    if card is None or len(dated) != 1:
        return None
    by = BaseColumn(dataset, dated[0])
    until, year = _newest(about, by), _stored_range(about, card, "year")
    if until is None or year is None or year[1] != until.year:
        return None
    month = _stored_range(about, card, "month")
    same = month is None or year[0] != year[1] or month[1] == until.month
    return by if same else None


def _is_aside(card: DatasetCard, column: str) -> bool:
    """Is it a date that experts avoid, or that says when a row was written?"""
    avoided = {name.casefold() for name, note in card.dataset.columns.items() if note.use == "avoid"}
    return column.casefold() in avoided or any(word in column.casefold() for word in LOADING)


def _stored_range(about: About, card: DatasetCard, unit: Unit) -> tuple[int, int] | None:
    """The smallest and the greatest number in the dataset's column of this name."""
    known = about.told(BaseColumn(card.dataset.name, unit))
    if known is None or not isinstance(known.minimum, int) or not isinstance(known.maximum, int):
        return None
    return known.minimum, known.maximum


def _is_read(by: BaseColumn, unit: Unit, until: date, asked: Sequence[Comparison]) -> bool:
    """Does the query read the last period for certain? What is compared with computed values leaves that open."""
    return all(_lets_through(one, by, unit, until) for one in asked if one.always and one.column.dataset == by.dataset)


def _lets_through(one: Comparison, by: BaseColumn, unit: Unit, until: date) -> bool:
    stored = unit_named(one.column.column)
    if one.column != by and stored is None:
        return True
    if not one.values:
        return one.operator in (">", ">=")
    part = next((each for each in UNITS if each == one.part), stored if one.column != by else None)
    if part is None:
        return _day_fits(one.operator, [day_of(value) for value in one.values], first_day(unit, until), until)
    days = [day_of(value) for value in one.values]
    if all(day is not None for day in days):  # a period by its first day
        return _day_fits(one.operator, days, first_day(part, until), first_day(part, until))
    return _number_fits(one.operator, one.values, number(part, until))


def _day_fits(operator: Operator, days: Sequence[date | None], start: date, until: date) -> bool:
    known = [day for day in days if day is not None]
    if len(known) < len(days):
        return False
    match operator:
        case "<":
            return start < known[0]
        case "<=":
            return start <= known[0]
        case ">":
            return until > known[0]
        case ">=":
            return until >= known[0]
        case _:
            return any(start <= day <= until for day in known)


def _number_fits(operator: Operator, values: Sequence[str], actual: int) -> bool:
    if not all(value.lstrip("-").isdigit() for value in values):
        return False
    numbers = [int(value) for value in values]
    match operator:
        case "<":
            return actual < numbers[0]
        case "<=":
            return actual <= numbers[0]
        case ">":
            return actual > numbers[0]
        case ">=":
            return actual >= numbers[0]
        case _:
            return actual in numbers
