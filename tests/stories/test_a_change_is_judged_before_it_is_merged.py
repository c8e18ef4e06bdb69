"""The claim: before a change of the warehouse is merged, exactly the pairs it breaks are named, and whose they are."""

import json

from demo.rename_column import rename
from tests.programs import run_command
from vedder_api.surfaces.cli import app
from vedder_core.verdict import Broken

RENAME = "ALTER TABLE nyc.weather RENAME COLUMN wind_speed TO wind_speed_mph;\n"


def check(demo, *arguments):
    return run_command(app, demo.settings, "check", *arguments)


def test_a_rename_in_a_ddl_file_breaks_the_pairs_that_it_breaks_once_it_is_made(demo, tmp_path):
    change = tmp_path / "rename.sql"
    change.write_text(RENAME)
    said = check(demo, "--against", str(change), "--json")
    assert said.exit_code == 1, said.output
    report = json.loads(said.stdout)
    foretold = {f"{one['pair']['cluster']}/pair/{one['pair']['slug']}" for one in report["breaks"]}
    assert foretold == {"weather/pair/average_wind_by_station", "weather/pair/weather_on_date"}
    assert {(one["missing"], one["probably"]) for one in report["breaks"]} == {
        ("nyc.weather.wind_speed", "wind_speed_mph")
    }
    assert report["owners"] == ["weather_desk"]
    assert report["summary"] == "This change breaks 2 pairs in 1 cluster (owners: weather_desk)."

    rename(demo.warehouse, "nyc.weather", old="wind_speed", new="wind_speed_mph")
    demo.run_pipelines()
    assert {id_ for id_, verdict in verdicts(demo).items() if isinstance(verdict, Broken)} == foretold


def verdicts(demo):
    from vedder_core.context.index import ContextReader

    snapshot = ContextReader(demo.settings.context).snapshot()
    return {entry.id: entry.carried().verdict for entry in snapshot.listing(kinds=("pair",), clusters=("weather",))}


def test_people_and_pull_requests_read_the_same(demo, tmp_path):
    change = tmp_path / "rename.sql"
    change.write_text(RENAME)
    text = check(demo, "--against", str(change))
    assert text.exit_code == 1
    lines = text.stdout.splitlines()
    assert lines[0] == "weather_desk (#weather-desk), weather: 2 pairs"
    assert lines[-1] == "This change breaks 2 pairs in 1 cluster (owners: weather_desk)."
    comment = check(demo, "--against", str(change), "--markdown").stdout
    assert "**This change breaks 2 pairs in 1 cluster (owners: weather\\_desk).**" in comment
    assert "| weather\\_desk (#weather-desk) | weather | 2 | `nyc.weather.wind_speed` | `wind_speed_mph`" in comment
    assert "<details>" in comment


def test_a_change_that_breaks_nothing_passes_and_one_that_cannot_be_read_does_not(demo, tmp_path):
    change = tmp_path / "change.sql"
    change.write_text("ALTER TABLE nyc.weather ADD COLUMN snow DOUBLE;")
    harmless = check(demo, "--against", str(change))
    assert harmless.exit_code == 0, harmless.output
    assert "This change breaks no pair" in harmless.stdout
    change.write_text("\nALTER TABLE nyc.wether DROP COLUMN temp;")
    unknown = check(demo, "--against", str(change))
    assert unknown.exit_code == 2
    assert "change.sql:2" in unknown.stderr
    assert "Did you mean `nyc.weather`" in unknown.stderr
    gone = check(demo, "--against", str(tmp_path / "nowhere.sql"))
    assert gone.exit_code == 2


def test_without_the_change_every_pair_binds_in_the_warehouse(demo):
    assert check(demo).exit_code == 0
    rename(demo.warehouse, "nyc.weather", old="wind_speed", new="wind_speed_mph")
    now = check(demo)
    assert now.exit_code == 1
    assert "weather/pairs/weather_on_date.sql:17 `nyc.weather` has no column `wind_speed`." in now.stdout
