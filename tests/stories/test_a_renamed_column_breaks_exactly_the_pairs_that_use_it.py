"""The claim: after a schema change exactly the touched pairs are broken, named, and gone from retrieval at once."""

import shutil

import duckdb

from demo.rename_column import rename
from vedder_core.answer import Answer, NotCovered
from vedder_core.context.entry import TaughtPair
from vedder_core.context.index import ContextReader
from vedder_core.verdict import Broken

VETTED = "What is the average wind speed at each airport?"


def pairs_of(demo, cluster):
    snapshot = ContextReader(demo.settings.context).snapshot()
    return {entry.id: entry.carried() for entry in snapshot.listing(kinds=("pair",), clusters=(cluster,))}


def using(pairs, column):
    return {id_ for id_, taught in pairs.items() if isinstance(taught, TaughtPair) and column in taught.columns}


def test_a_renamed_column(demo):
    before = pairs_of(demo, "weather")
    touched = using(before, "nyc.weather.wind_speed")
    assert 0 < len(touched) < len(before)
    healthy = demo.health("weather")

    rename(demo.warehouse, "nyc.weather", old="wind_speed", new="wind_speed_mph")
    said = demo.run_pipelines()

    after = pairs_of(demo, "weather")
    broken = {id_: taught.verdict for id_, taught in after.items() if isinstance(taught.verdict, Broken)}
    assert broken.keys() == touched
    assert {verdict.missing_column for verdict in broken.values()} == {"nyc.weather.wind_speed"}
    assert {verdict.probably for verdict in broken.values()} == {"wind_speed_mph"}
    assert all(verdict.line and verdict.column for verdict in broken.values())
    assert all(verdict.confidence and verdict.confidence > 0.9 for verdict in broken.values())

    taught = {entry.id for entry in ContextReader(demo.settings.context).snapshot().entries(kinds=("pair",))}
    assert not taught & touched

    now = demo.health("weather")
    assert now.score < healthy.score
    assert any("wind_speed_mph" in action.text for action in now.actions())

    assert said[0].startswith("weather: 1 table profiled")
    assert said[1] == "Nothing changed: fleet, flight_operations"


def test_broken_pairs_answer_nothing_and_the_others_go_on(demo):
    assert isinstance(demo.ask(VETTED), Answer)
    rename(demo.warehouse, "nyc.weather", old="wind_speed", new="wind_speed_mph")
    demo.run_pipelines()
    assert isinstance(demo.ask(VETTED), NotCovered)
    assert isinstance(demo.ask("How many flights left JFK in July?"), Answer)


def test_a_second_run_does_nothing_and_says_so(demo):
    version = ContextReader(demo.settings.context).snapshot().version
    said = demo.run_pipelines()
    assert said == ["Nothing changed: fleet, flight_operations, weather"]
    assert ContextReader(demo.settings.context).snapshot().version == version


def alter(file, sql):
    """Change a copy of the warehouse and swap it in, as a loader does."""
    copy = file.with_suffix(".copy")
    shutil.copy(file, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute(sql)
    copy.replace(file)


def broken_in(demo, cluster):
    found = pairs_of(demo, cluster)
    return {id_: taught.verdict for id_, taught in found.items() if isinstance(taught.verdict, Broken)}


def test_a_renamed_table(demo):
    reading = {id_ for id_, taught in pairs_of(demo, "weather").items() if "nyc.weather" in taught.datasets}
    alter(demo.warehouse, "ALTER TABLE nyc.weather RENAME TO weather_hourly")
    demo.run_pipelines()
    broken = broken_in(demo, "weather")
    assert broken.keys() == reading
    assert {(v.missing_table, v.probably) for v in broken.values()} == {("nyc.weather", "nyc.weather_hourly")}


VIEWS = """
CREATE MACRO nyc.is_windy(speed) AS speed > 30;
CREATE VIEW nyc.windy AS SELECT origin, nyc.is_windy(wind_speed) AS windy FROM nyc.weather;
CREATE VIEW nyc.windy_hours AS SELECT origin, count(*) AS hours FROM nyc.windy WHERE windy GROUP BY origin;
"""
LISTED = "datasets:\n  - name: nyc.windy_hours\n    description: Windy hours of each airport.\n"


def test_a_macro_and_a_column_behind_a_view_over_a_view(demo):
    alter(demo.warehouse, VIEWS)
    card = demo.folder / "clusters" / "weather" / "cluster.yaml"
    card.write_text(card.read_text().replace("datasets:\n", LISTED, 1))
    untouched = next(t for t in pairs_of(demo, "weather").values() if not t.pair.parameters)
    file = demo.folder / "clusters" / "weather" / "pairs" / f"{untouched.pair.slug}.sql"
    header = file.read_text().partition("*/")[0]
    file.write_text(f"{header}*/\nSELECT origin, hours FROM nyc.windy_hours\n")
    demo.run_pipelines()
    pair = f"weather/pair/{untouched.pair.slug}"
    assert not broken_in(demo, "weather")

    alter(demo.warehouse, "DROP MACRO nyc.is_windy")
    demo.run_pipelines()
    assert broken_in(demo, "weather").keys() == {pair}

    alter(demo.warehouse, "CREATE OR REPLACE MACRO nyc.is_windy(speed) AS speed > 40")
    demo.run_pipelines()
    assert not broken_in(demo, "weather")

    using_speed = using(pairs_of(demo, "weather"), "nyc.weather.wind_speed")
    rename(demo.warehouse, "nyc.weather", old="wind_speed", new="wind_speed_mph")
    demo.run_pipelines()
    broken = broken_in(demo, "weather")
    assert broken.keys() == using_speed | {pair}
    assert "The view `nyc.windy_hours` reads `nyc.weather.wind_speed`" in broken[pair].reason
    assert broken[pair].probably == "wind_speed_mph"
