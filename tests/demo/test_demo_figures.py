"""The figures of vetted pairs, counted a second time by pandas from the package's own files."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pytest

from demo.load_nycflights import package_files
from tests.demo.samples import LOADED, Values
from vedder_core.schema import Catalog
from vedder_core.sql.guard import guard
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.validation import granted_to


@dataclass(frozen=True)
class Raw:
    """The five files as pandas reads them, without any of our types."""

    flights: pd.DataFrame
    airlines: pd.DataFrame
    airports: pd.DataFrame
    planes: pd.DataFrame
    weather: pd.DataFrame

    @property
    def left(self) -> pd.DataFrame:
        return self.flights.dropna(subset="dep_time")

    def with_names(self) -> pd.DataFrame:
        return self.left.merge(self.airlines, on="carrier")

    def in_weather(self) -> pd.DataFrame:
        return self.flights.merge(self.weather, on=["origin", "time_hour"], suffixes=("", "_w"), how="left")


@pytest.fixture(scope="module")
def raw(demo_folder: object) -> Raw:
    files, _ = package_files()
    return Raw(**{name: pd.read_csv(file) for name, file in files.items()})


Rows = list[tuple[object, ...]]


def ranked(frame: pd.DataFrame, by: str, then: str | None = None) -> Rows:
    """The rows with the highest `by` first, ties in the order of `then`."""
    keys, ascending = ([by, then], [False, True]) if then else ([by], [False])
    return list(frame.sort_values(keys, ascending=ascending).itertuples(index=False, name=None))


def departures(raw: Raw, origin: str, month: int) -> Rows:
    left = raw.left
    return [(len(left[(left.origin == origin) & (left.month == month)]),)]


def left_on(raw: Raw, month: int, day: int) -> Rows:
    return [(len(raw.left[(raw.left.month == month) & (raw.left.day == day)]),)]


def cancelled_by_month(raw: Raw) -> Rows:
    missing = raw.flights.dep_time.isna().groupby(raw.flights.month)
    return [(month, len(group), int(group.sum()), round(100 * group.mean(), 2)) for month, group in missing]


def by_airline(raw: Raw) -> Rows:
    counts = raw.with_names().groupby(["name", "carrier"]).size().reset_index(name="flights")
    return ranked(counts, "flights", "name")


def on_time(raw: Raw, airline: str) -> Rows:
    flown = raw.with_names()
    delays = flown.loc[flown["name"] == airline, "arr_delay"].dropna()
    return [(len(delays), round(100 * (delays < 15).mean(), 1))]


def delay_to(raw: Raw, dest: str) -> Rows:
    delays = raw.flights.loc[raw.flights.dest == dest, "arr_delay"].dropna()
    return [(round(delays.mean(), 1), delays.median(), len(delays))]


def diverted(raw: Raw, top: int) -> Rows:
    counts = raw.left.air_time.isna().groupby(raw.left.dest).agg(["sum", "size"]).reset_index()
    return ranked(counts, "sum", "dest")[:top]


def weekdays(raw: Raw) -> Rows:
    dates = pd.to_datetime(raw.left[["year", "month", "day"]])
    flights = dates.groupby(dates).size()
    names = pd.Series(flights.index).dt.day_name().to_numpy()
    order = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return [(name, int(flights[names == name].sum()), round(flights[names == name].mean(), 1)) for name in order]


def fleet(raw: Raw, airline: str) -> Rows:
    flown = raw.with_names()
    return [(flown.loc[flown["name"] == airline, "tailnum"].nunique(),)]


def unknown_aircraft(raw: Raw) -> Rows:
    flown = raw.with_names()
    unknown = (~flown.tailnum.isin(raw.planes.tailnum)).groupby(flown["name"])
    counts = unknown.agg(["size", "sum"]).reset_index()
    counts["percent"] = (100 * counts["sum"] / counts["size"]).round(1)
    return ranked(counts, "percent", "name")


def shared(raw: Raw) -> Rows:
    by_tail = raw.left.groupby("tailnum").carrier
    counts = by_tail.agg([_listed, "size", "nunique"]).reset_index()
    counts.columns = pd.Index(["tail", "carriers", "flights", "airlines"])
    return ranked(counts[counts.airlines > 1].drop(columns="airlines"), "flights", "tail")


def _listed(codes: "pd.Series[str]") -> str:
    return ", ".join(sorted(set(codes)))


def precipitation(raw: Raw, station: str, month: int) -> Rows:
    fell = raw.weather.loc[(raw.weather.origin == station) & (raw.weather.month == month), "precip"]
    return [(round(fell.sum(), 2), int((fell > 0).sum()))]


def rain_and_delay(raw: Raw) -> Rows:
    joined = raw.in_weather().dropna(subset=["dep_delay", "precip"])
    groups = joined.dep_delay.groupby((joined.precip > 0).map({True: "precipitation", False: "dry"}))
    return [(name, len(group), round(group.mean(), 1), group.median()) for name, group in groups]


def without_weather(raw: Raw) -> Rows:
    return [(len(raw.in_weather()), int(raw.in_weather().visib.isna().sum()))]


def low_visibility(raw: Raw, station: str, miles: float) -> Rows:
    return [(int((raw.weather.visib[raw.weather.origin == station] < miles).sum()),)]


def warmth(raw: Raw) -> Rows:
    temp = raw.weather[(raw.weather.origin == "LGA") & (raw.weather.month == 5)].temp
    return [(round(temp.min(), 1), round(temp.mean(), 1), round(temp.max(), 1), int(temp.count()))]


def windiest(raw: Raw) -> Rows:
    speeds = raw.weather[raw.weather.wind_speed < 200].groupby("origin").wind_speed
    figures = pd.DataFrame({"mean": speeds.mean().round(2), "max": speeds.max().round(1)}).reset_index()
    return ranked(figures, "mean")


Count = Callable[[Raw], Rows]
FIGURES: list[tuple[str, Values, Count]] = [
    ("departures_from_airport_in_month", {"origin": "JFK", "month": 7}, lambda raw: departures(raw, "JFK", 7)),
    ("departures_from_airport_in_month", {"origin": "EWR", "month": 3}, lambda raw: departures(raw, "EWR", 3)),
    ("departures_on_date", {"day": date(2013, 11, 3)}, lambda raw: left_on(raw, 11, 3)),
    ("cancelled_by_month", {}, cancelled_by_month),
    ("flights_by_airline", {}, by_airline),
    ("on_time_share_of_airline", {"airline": "Virgin America"}, lambda raw: on_time(raw, "Virgin America")),
    ("arrival_delay_to_destination", {"dest": "SJU"}, lambda raw: delay_to(raw, "SJU")),
    ("diverted_flights_by_destination", {"top": 10}, lambda raw: diverted(raw, 10)),
    ("flights_by_weekday", {}, weekdays),
    ("fleet_size_of_airline", {"airline": "Envoy Air"}, lambda raw: fleet(raw, "Envoy Air")),
    ("flights_without_known_aircraft", {}, unknown_aircraft),
    ("aircraft_shared_by_airlines", {}, shared),
    ("precipitation_at_station_in_month", {"station": "EWR", "month": 6}, lambda raw: precipitation(raw, "EWR", 6)),
    ("delay_with_and_without_rain", {}, rain_and_delay),
    ("flights_without_weather", {}, without_weather),
    ("hours_of_low_visibility", {"station": "JFK", "miles": 0.5}, lambda raw: low_visibility(raw, "JFK", 0.5)),
    ("temperature_at_station_in_month", {"station": "LGA", "month": 5}, warmth),
    ("average_wind_by_station", {}, windiest),
]


@pytest.mark.parametrize(("slug", "values", "count"), FIGURES, ids=[slug for slug, _, _ in FIGURES])
def test_a_pair_gives_what_pandas_counts_in_the_raw_files(
    slug: str, values: Values, count: Count, raw: Raw, warehouse: Warehouse, catalog: Catalog
) -> None:
    cluster, pair = next((c, p) for c in LOADED.clusters for p in c.pairs if p.slug == slug)
    query = guard(pair.sql, granted_to(cluster, catalog), dialect=warehouse.dialect, parameters=values)
    table = warehouse.run(query, Limits()).table
    found = [value for row in table.to_pylist() for value in row.values()]
    assert found == pytest.approx([value for row in count(raw) for value in row])
