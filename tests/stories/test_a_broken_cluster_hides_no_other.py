"""The claim: a curator's mistake is told in the curator's words, and nothing else suffers from it."""

from typer.testing import CliRunner

from vedder_api.surfaces.cli import app as vedder
from vedder_core.answer import Answer


def test_a_pair_with_a_mistake_is_left_out_and_told_while_all_else_is_built(demo):
    folder = demo.settings.clusters
    mistake = folder / "weather" / "pairs" / "mistake.sql"
    mistake.write_text(
        "/*\nquestion: How warm was it?\nphrasing: [Warm?]\nteaches: x\nvetted_by: Ada\nvetted_on: 2026-11-01\n*/\n"
        "SELECT avg(temp) FROM nyc.wether\n"
    )
    try:
        checked = CliRunner().invoke(vedder, ["check", str(folder), "--no-warehouse"])
        assert checked.exit_code == 1
        assert "weather/pairs/mistake.sql:3 [phrasing]" in checked.output
        assert "Did you mean `phrasings`?" in checked.output
        assert "`nyc.weather`" in checked.output

        demo.run_pipelines(exit_code=1)
        assert isinstance(demo.ask("How many flights left JFK in July?"), Answer)
        assert isinstance(demo.ask("What is the average wind speed at each airport?"), Answer)
    finally:
        mistake.unlink()
        demo.run_pipelines()
