"""A small world for the tests of the API: a DuckDB file, two clusters as files, and the context published from them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from vedder_core.cluster_files import load_clusters
from vedder_core.context.health_history import HealthHistory
from vedder_core.context.index import ContextWriter
from vedder_core.embedder.embedder import Embedder, open_embedder
from vedder_core.health import Action, Health, Reading
from vedder_core.profile import Profile
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import open_warehouse
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import judge_cluster

TABLES = """
CREATE SCHEMA nyc;
CREATE TABLE nyc.flights AS
  SELECT ['JFK', 'EWR', 'LGA'][1 + (i // 12) % 3] AS origin,
         (1 + i % 12)::INTEGER AS month,
         CASE WHEN i % 10 = 0 THEN NULL ELSE (500 + i % 1800)::INTEGER END AS dep_time,
         (i % 60)::INTEGER AS dep_delay,
         'N' || i AS tailnum
  FROM range(3000) AS r(i);
CREATE TABLE nyc.planes AS
  SELECT 'N' || i AS tailnum, (1980 + i % 30)::INTEGER AS year, 'Maker ' || (i % 4) AS maker,
         (i / 8)::DECIMAL(9, 2) AS price
  FROM range(100) AS r(i);
"""
FILES = {
    "flights/cluster.yaml": """
title: Flights
summary: Departures and delays of flights out of New York.
owner: {team: flight_ops, contact: "#flight-ops"}
datasets:
  - name: nyc.flights
    description: One row for each scheduled flight.
    columns:
      dep_time: {note: "Clock time HHMM; NULL means cancelled."}
      tailnum: {hidden: true}
""",
    "flights/pairs/departures.sql": """/*
question: How many flights left {origin} in {month}?
phrasings: ["Departures from {origin} in {month}"]
parameters:
  origin: {values: nyc.flights.origin}
  month: {type: month}
teaches: Cancelled flights did not leave.
vetted_by: Ana Ruiz
vetted_on: 2026-01-05
*/
SELECT count(*) AS flights FROM nyc.flights
WHERE origin = :origin AND month = :month AND dep_time IS NOT NULL
""",
    "flights/pairs/delays.sql": """/*
question: What are the {top} months with the longest delays?
phrasings: ["What are the months with the longest delays?"]
parameters:
  top: {type: integer, default: 3}
teaches: Delays are in minutes.
vetted_by: Ana Ruiz
vetted_on: 2026-01-05
*/
SELECT month, round(avg(dep_delay), 2) AS delay FROM nyc.flights GROUP BY month ORDER BY delay DESC, month LIMIT :top
""",
    "flights/pairs/every.sql": """/*
question: List every departure
teaches: More rows than anyone reads.
vetted_by: Ana Ruiz
vetted_on: 2026-01-05
*/
SELECT a.origin FROM nyc.flights AS a
""",
    "flights/pairs/gates.sql": """/*
question: Which gate had the most flights?
teaches: Gates.
vetted_by: Ana Ruiz
vetted_on: 2026-01-05
*/
SELECT gate, count(*) AS flights FROM nyc.flights GROUP BY gate ORDER BY flights DESC LIMIT 1
""",
    "flights/docs/cancelled.md": """---
title: Cancelled flights
kind: gotcha
---
A cancelled flight has no departure: its `dep_time` is NULL.
""",
    "flights/docs/delays.md": """---
title: Delays
---
`dep_delay` is in minutes; a negative one is early.
""",
    "fleet/cluster.yaml": """
title: Fleet
summary: Aircraft, their makers and their age.
owner: {team: fleet_desk, contact: fleet@example.org}
datasets:
  - name: nyc.planes
    description: One row for each aircraft.
""",
    "fleet/pairs/planes_of_year.sql": """/*
question: How many planes were built in {year}?
parameters:
  year: {values: nyc.planes.year}
teaches: The year of manufacture.
vetted_by: Bo Lind
vetted_on: 2026-02-01
*/
SELECT count(*) AS planes FROM nyc.planes WHERE year = :year
""",
    "fleet/pairs/prices.sql": """/*
question: What does the average plane cost?
teaches: Prices are decimals.
vetted_by: Bo Lind
vetted_on: 2026-02-01
*/
SELECT max(price) AS price, 'NaN'::DOUBLE AS margin, sum(year) AS years, DATE '2026-01-01' AS day,
       TIMESTAMP '2026-01-01 10:00:00.123456' AS at, [1, 2] AS list
FROM nyc.planes
""",
}


def build(folder: Path) -> Settings:
    """Write, load, judge and publish everything below `folder`; the settings that find it."""
    settings = settings_in(folder)
    with duckdb.connect(str(folder / "data.duckdb")) as connection:
        connection.execute(TABLES)
    for name, text in FILES.items():
        file = settings.clusters / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.lstrip(), encoding="utf-8")
    publish(settings)
    return settings


def settings_in(folder: Path, **others: str | int) -> Settings:
    values = {
        "clusters": folder / "clusters",
        "warehouse": f"duckdb:///{folder}/data.duckdb",
        "context": str(folder / "context"),
        "models": folder / "models",
        "embedder": "hashed-words",
        "query_rows": 100,
        "state": state_in(folder),
    }
    return Settings.model_validate({**values, **others})


def state_in(folder: Path) -> str:
    return f"sqlite:///{folder}/state/vedder.db"


def publish(settings: Settings, embedder: Embedder | None = None) -> None:
    loaded = load_clusters(settings.clusters)
    assert loaded.problems == ()
    writer = ContextWriter(settings.context, embedder or open_embedder(settings))
    healths = HealthHistory(settings.context)
    with open_warehouse(settings.warehouse) as warehouse:
        catalog = warehouse.catalog()
        for cluster in loaded.clusters:
            profiles: Mapping[str, Profile] = {
                dataset.name: warehouse.profile(table, dataset, "v1")
                for dataset in cluster.datasets
                if (table := catalog.find(dataset.name)) is not None
            }
            judged = judge_cluster(cluster, catalog, warehouse, {}).judged
            writer.publish(cluster.name, entries_of(cluster, catalog, profiles, judged))
            healths.append(_health(cluster.name))


def _health(cluster: str) -> Health:
    reading = Reading("pair_validity", 0.75, 1.0, ("3 of 4 pairs are valid.",), (Action("Mend `gates`.", 0.25),))
    return Health(cluster, 0.75, "degraded", (reading,), datetime(2026, 1, 6, tzinfo=UTC))
