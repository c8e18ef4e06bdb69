"""The claim: after a schema change exactly the touched pairs are broken, named, and gone from retrieval at once."""

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
