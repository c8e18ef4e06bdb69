"""Made-up worlds whose facts have a time, for `bench.drift`: hours, days, months, years, texts; even, growing,
seasonal, with weekends off, with few rows. Their pairs, with and without the time, are in `drift_calendars.sql`.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from bench.drift_worlds import Source, World, world_of

PLACES = 7


@dataclass(frozen=True)
class Calendar:
    """`times` is a SELECT of one column, a time for each fact; `kind` is what the column holds."""

    name: str
    when: str
    kind: str
    times: str
    middle: str


def _spread(start: str, days: int, rows: int, share: str = "i / n") -> str:
    """So many times from a day on; `share` is where in that span the i-th of n is."""
    span = f"TIMESTAMP '{start}' + to_seconds({share} * {days} * 86400)"
    return (
        f"SELECT {span} AS moment FROM (SELECT i, hash(i) % 1000 / 1000 AS r, {rows} AS n FROM range({rows}) t(i)) AS s"
    )


CALENDARS = (
    Calendar("kiosk", "sold_on", "DATE", _spread("2024-01-01", 730, 5000), "DATE '2025-01-01'"),
    Calendar("clinic", "seen_at", "TIMESTAMP", _spread("2025-02-01", 240, 4000), "DATE '2025-06-01'"),
    Calendar("sensors", "read_at", "TIMESTAMP", _spread("2025-03-10", 110, 5200), "DATE '2025-05-01'"),
    Calendar("startup", "booked_on", "DATE", _spread("2023-01-01", 900, 5000, "sqrt(i / n)"), "DATE '2024-06-01'"),
    Calendar(
        *("bank", "posted", "DATE"),
        f"{_spread('2024-04-01', 420, 6000)} WHERE dayofweek(moment) BETWEEN 1 AND 5",
        "DATE '2024-11-01'",
    ),
    Calendar(
        *("slopes", "rented_on", "DATE"),
        f"{_spread('2022-01-01', 1300, 6000)} WHERE month(moment) IN (12, 1, 2, 3) OR r < 0.03",
        "DATE '2024-01-01'",
    ),
    Calendar("ledger", "month_start", "MONTH", _spread("2018-01-01", 2500, 3000), "DATE '2021-01-01'"),
    Calendar("billing", "bill_month", "MONTH", _spread("2021-01-01", 1400, 800), "DATE '2023-01-01'"),
    Calendar("census", "year", "YEAR", _spread("1990-01-01", 11000, 1500), "2005"),
    Calendar("harvest", "season_year", "YEAR", _spread("2003-01-01", 8000, 600), "2012"),
    Calendar("imports", "loaded", "TEXT DAY", _spread("2024-01-01", 500, 3500), "'2024-09-01'"),
    Calendar("tickets", "opened", "TEXT TIME", _spread("2023-06-01", 800, 4500), "'2024-06-01'"),
    Calendar("club", "joined_on", "DATE", _spread("2019-01-01", 2200, 700, "r"), "DATE '2022-01-01'"),
    Calendar("archive", "filed_on", "DATE", _spread("2020-01-01", 1500, 900, "r * r"), "DATE '2021-01-01'"),
    Calendar("rides", "started_at", "TIMESTAMP", _spread("2024-05-01", 300, 6000, "r"), "DATE '2024-10-01'"),
    Calendar("parcels", "sent_at", "TIMESTAMP", _spread("2024-01-01", 640, 6000, "r"), "DATE '2024-12-01'"),
)
STORED = {
    "DATE": "moment::DATE",
    "TIMESTAMP": "moment",
    "MONTH": "date_trunc('month', moment)::DATE",
    "YEAR": "year(moment)::INTEGER",
    "TEXT DAY": "strftime(moment, '%Y-%m-%d')",
    "TEXT TIME": "strftime(moment, '%Y-%m-%d %H:%M:%S')",
}


def calendar_worlds(folder: Path, dialect: str) -> Iterator[World]:
    """All of them, in their order."""
    head, _, tail = Path(__file__).with_suffix(".sql").read_text().partition("-- pairs\n")
    made = dict(re.findall(r"-- (facts|places): (.+)", head))
    pairs = re.findall(r"-- (.+)\n(.+);", tail)
    for calendar in CALENDARS:
        world = world_of(_source(calendar, made, pairs), folder, dialect)
        if world is not None:
            yield world


def _source(calendar: Calendar, made: dict[str, str], pairs: list[tuple[str, str]]) -> Source:
    when, schema = calendar.when, f"cal_{calendar.name}"
    numbered = f"SELECT row_number() OVER () AS i, moment FROM ({calendar.times}) AS t"
    drawn = f"SELECT *, (hash(i, 7) % 1000000)::BIGINT AS h FROM ({numbered}) AS t"
    facts = f"SELECT {made['facts']}, {STORED[calendar.kind]} AS {when} FROM ({drawn}) AS t"
    places = f"SELECT {made['places']} FROM range(1, {PLACES + 1}) t(i)"
    names = {
        "facts": f"{schema}.facts",
        "places": f"{schema}.places",
        "when": when,
        "middle": calendar.middle,
        "period": _period(calendar),
    }
    with closing(duckdb.connect()) as engine:
        tables = {"facts": engine.sql(facts).to_arrow_table(), "places": engine.sql(places).to_arrow_table()}
    asked = [(question, sql.format(**names)) for question, sql in pairs]
    return Source(schema, tables, asked, {"facts": ("id",), "places": ("id",)})


def _period(calendar: Calendar) -> str:
    if calendar.kind.startswith("TEXT"):
        return f"substr({calendar.when}, 1, 7)"
    return calendar.when if calendar.kind == "YEAR" else f"date_trunc('month', {calendar.when})"
