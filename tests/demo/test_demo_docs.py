"""Every number that a doc of the demo states, counted again in the warehouse."""

import pytest

from tests.demo.samples import LOADED
from vedder_core.schema import Catalog
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse

FLIGHTS, PLANES, WEATHER, AIRPORTS = ("nyc.flights", "nyc.planes", "nyc.weather", "nyc.airports")
AIRLINER = "engine IN ('Turbo-fan', 'Turbo-jet') AND seats >= 20 AND manufacturer NOT LIKE 'GULFSTREAM%'"
JOINED = "nyc.flights f LEFT JOIN nyc.weather w ON w.origin = f.origin AND w.time_hour = f.time_hour"
ABROAD = "nyc.flights f JOIN nyc.airports a ON a.faa = f.dest"
MATCHED = "nyc.flights f JOIN nyc.planes p ON p.tailnum = f.tailnum"
UNMATCHED = "nyc.flights f LEFT JOIN nyc.planes p ON p.tailnum = f.tailnum"

STATED = [
    ("what_a_row_is", "336,776", 336_776, FLIGHTS, "true"),
    ("clock_times", "99,777", 99_777, FLIGHTS, "dep_time - sched_dep_time <> dep_delay"),
    ("clock_times", "29 departures", 29, FLIGHTS, "dep_time = 2400"),
    ("clock_times", "150 arrivals", 150, FLIGHTS, "arr_time = 2400"),
    ("clock_times", "633", 633, FLIGHTS, "sched_dep_time >= 2200 AND dep_time BETWEEN 1 AND 359"),
    ("clock_times", "10,633", 10_633, FLIGHTS, "arr_time < dep_time"),
    ("time_zones", "136,797", 136_797, ABROAD, "a.tzone IS NULL OR a.tzone <> 'America/New_York'"),
    ("time_zones", "38,444", 38_444, FLIGHTS, "CAST(time_hour AS DATE) <> make_date(year, month, day)"),
    ("time_zones", "1,218", 1_218, FLIGHTS, "date_part('month', time_hour) <> month"),
    ("time_zones", "88 in 2014", 88, FLIGHTS, "date_part('year', time_hour) = 2014"),
    ("cancelled_flights", "8,255", 8_255, FLIGHTS, "dep_time IS NULL"),
    ("cancelled_flights", "328,521", 328_521, FLIGHTS, "dep_time IS NOT NULL"),
    ("cancelled_flights", "2,512", 2_512, FLIGHTS, "tailnum IS NULL AND dep_time IS NULL"),
    ("diverted_flights", "1,175", 1_175, FLIGHTS, "dep_time IS NOT NULL AND air_time IS NULL AND arr_delay IS NULL"),
    ("diverted_flights", "717", 717, FLIGHTS, "arr_time IS NOT NULL AND air_time IS NULL"),
    ("diverted_flights", "458", 458, FLIGHTS, "dep_time IS NOT NULL AND arr_time IS NULL"),
    ("diverted_flights", "327,346", 327_346, FLIGHTS, "air_time IS NOT NULL"),
    ("on_time", "247,246", 247_246, FLIGHTS, "arr_delay < 15"),
    ("delays", "183,575", 183_575, FLIGHTS, "dep_delay < 0"),
    ("delays", "1,301 minutes", 1, FLIGHTS, "dep_delay = 1301"),
    ("unknown_airports", "SJU (5,819", 5_819, FLIGHTS, "dest = 'SJU'"),
    ("unknown_airports", "7,602", 7_602, "nyc.flights f LEFT JOIN nyc.airports a ON a.faa = f.dest", "a.faa IS NULL"),
    ("tail_numbers", "5,743", 5_743, FLIGHTS, "dep_time IS NULL AND tailnum IS NOT NULL"),
    ("tail_numbers", "50,094", 50_094, UNMATCHED, "f.tailnum IS NOT NULL AND p.tailnum IS NULL"),
    ("tail_numbers", "D942DN (4 flights", 4, FLIGHTS, "tailnum = 'D942DN'"),
    (
        "american_and_envoy",
        "22,120",
        22_120,
        UNMATCHED,
        "carrier = 'AA' AND dep_time IS NOT NULL AND p.tailnum IS NULL",
    ),
    (
        "american_and_envoy",
        "24,218",
        24_218,
        UNMATCHED,
        "carrier = 'MQ' AND dep_time IS NOT NULL AND p.tailnum IS NULL",
    ),
    ("american_and_envoy", "1,000 flights", 1_000, MATCHED, "carrier = 'MQ'"),
    ("airliner", "3,279", 3_279, PLANES, AIRLINER),
    ("airliner", "2,942", 2_942, MATCHED, f"NOT ({AIRLINER})"),
    ("airliner", "286 flights", 286, MATCHED, "carrier = 'B6' AND model = 'R66'"),
    ("manufacturers", "AIRBUS INDUSTRIE (400)", 400, PLANES, "manufacturer = 'AIRBUS INDUSTRIE'"),
    ("seats", "80 Embraer 190", 80, PLANES, "model = 'ERJ 190-100 IGW' AND seats = 20"),
    ("seats", "23,716", 23_716, MATCHED, "model = 'ERJ 190-100 IGW'"),
    ("year_of_manufacture", "70", 70, PLANES, "year IS NULL"),
    ("year_of_manufacture", "1965", 1, PLANES, "tailnum = 'N14629' AND year = 1965 AND model = '737-524'"),
    ("fleet_of_an_airline", "546", 546, FLIGHTS, "tailnum = 'N725MQ' AND dep_time IS NOT NULL"),
    ("joining_flights_and_weather", "1,556", 1_556, JOINED, "w.origin IS NULL"),
    ("joining_flights_and_weather", "776", 776, JOINED, "w.origin IS NULL AND f.month = 12 AND f.day = 31"),
    ("joining_flights_and_weather", "156", 156, JOINED, "w.origin IS NULL AND f.month = 12 AND f.day = 30"),
    ("missing_hours", "26,115", 26_115, WEATHER, "true"),
    ("missing_hours", "31 December is", 0, WEATHER, "month = 12 AND day = 31"),
    ("clock_change", "exists twice", 6, WEATHER, "month = 11 AND day = 3 AND hour = 1"),
    ("clock_change", "there is no 2:00", 0, WEATHER, "month = 3 AND day = 10 AND hour = 2"),
    ("wrong_readings", "1,048.4 mph", 1, WEATHER, "wind_speed > 1048 AND origin = 'EWR'"),
    ("wrong_readings", "42.6", 0, WEATHER, "wind_speed BETWEEN 42.6 AND 1048"),
    ("wrong_readings", "13.1", 1, WEATHER, "temp < 14 AND origin = 'JFK' AND month = 5 AND day = 8 AND hour = 22"),
    ("wind_and_gusts", "1,256", 1_256, WEATHER, "wind_speed = 0 AND wind_dir = 0"),
    ("wind_and_gusts", "460", 460, WEATHER, "wind_dir IS NULL"),
    ("wind_and_gusts", "456", 456, WEATHER, "wind_dir IS NULL AND wind_speed > 0"),
    ("wind_and_gusts", "20,778", 20_778, WEATHER, "wind_gust IS NULL"),
    ("visibility_and_pressure", "21,847", 21_847, WEATHER, "visib = 10"),
    ("visibility_and_pressure", "2,729", 2_729, WEATHER, "pressure IS NULL"),
    ("precipitation", "1,749", 1_749, WEATHER, "precip > 0"),
]


@pytest.mark.parametrize(
    ("slug", "words", "count", "tables", "condition"), STATED, ids=[f"{s[0]}: {s[1]}" for s in STATED]
)
def test_a_number_in_a_doc_is_the_number_in_the_data(
    slug: str, words: str, count: int, tables: str, condition: str, warehouse: Warehouse, catalog: Catalog
) -> None:
    doc = next(doc for cluster in LOADED.clusters for doc in cluster.docs if doc.slug == slug)
    assert words in " ".join(doc.body.split())
    sql = f"SELECT count(*) FROM {tables} WHERE {condition}"
    query = guard(sql, Granted(catalog.tables), dialect=warehouse.dialect)
    assert warehouse.run(query, Limits()).table.column(0).to_pylist() == [count]
