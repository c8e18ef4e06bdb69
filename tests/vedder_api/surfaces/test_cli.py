"""The command line: the same outcomes as anywhere else, and errors that a person can act on."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.vedder_api.surfaces.environment import environment
from tests.vedder_api.world import build
from vedder_api.surfaces.cli import app
from vedder_core.context.index import ContextWriter
from vedder_core.embedder.embedder import open_embedder
from vedder_core.settings import Settings
from vedder_core.settings import settings as settings_of_process

Run = Callable[..., Result]


@pytest.fixture
def run(world: Settings) -> Iterator[Run]:
    def vedder(*arguments: str, **others: str) -> Result:
        settings_of_process.cache_clear()
        return CliRunner().invoke(app, arguments, env={**environment(world), **others})

    yield vedder
    settings_of_process.cache_clear()


def test_an_answer_is_read_from_top_to_bottom(run: Run) -> None:
    shown = run("ask", "How many flights left JFK in July?")
    assert shown.exit_code == 0
    lines = [line.strip() for line in shown.stdout.splitlines()]
    assert lines[0] == "68 (flights)."
    assert lines[1] == "verified: vetted by Ana Ruiz on 2026-01-05; flights, flight_ops (#flight-ops)"
    assert "SELECT count(*) AS flights FROM nyc.flights" in lines
    assert any(line.startswith("- doc flights/doc/cancelled/0, “Cancelled flights”") for line in lines)
    assert lines[-2].startswith("Receipt: context ")
    assert lines[-1].startswith("Turn ")
    assert "\x1b" not in shown.stdout


def test_rows_are_shown_as_a_table(run: Run) -> None:
    shown = run("ask", "What are the 2 months with the longest delays?").stdout
    assert shown.startswith("2 rows: ")
    assert "month" in shown.splitlines()[1]
    assert "delay" in shown.splitlines()[1]


def test_a_declined_question_says_who_may_know(run: Run) -> None:
    shown = run("ask", "How many passengers flew in July?")
    assert shown.exit_code == 0
    assert "Not covered. No vetted question accounts for the words `passengers` and `flew`." in shown.stdout
    assert "- Flights (flights): flight_ops, #flight-ops" in shown.stdout


def test_json_is_what_the_api_gives(run: Run) -> None:
    told = json.loads(run("ask", "How many flights left JFK in July?", "--json").stdout)
    assert (told["state"], told["outcome"]["kind"], told["outcome"]["rows"]) == ("done", "answer", [[68]])


def test_a_pair_that_the_warehouse_would_not_run_is_named_with_its_line(run: Run, world: Settings) -> None:
    shown = run("check", str(world.clusters))
    problem = "flights/pairs/gates.sql:7 `nyc.flights` has no column `gate`."
    assert (shown.exit_code, shown.stdout.splitlines()) == (
        1,
        [problem, "2 clusters, 2 datasets, 6 pairs, 2 docs: 1 problem"],
    )


def test_a_clean_folder_is_summed_up_in_one_line(run: Run, world: Settings) -> None:
    (world.clusters / "flights/pairs/gates.sql").unlink()
    shown = run("check", str(world.clusters))
    assert (shown.exit_code, shown.stdout) == (0, "2 clusters, 2 datasets, 5 pairs, 2 docs: no problems\n")


def test_without_the_warehouse_the_check_says_what_it_left_out(run: Run) -> None:
    shown = run("check", "--no-warehouse")
    assert shown.exit_code == 0
    assert (
        shown.stdout.splitlines()[0]
        == "Datasets, columns and pairs were not compared with the warehouse: the warehouse was left out."
    )
    assert json.loads(run("check", "--no-warehouse", "--json").stdout)["outcome"] == "clean"


NOWHERE = "duckdb:////nowhere/x.duckdb"


def test_a_check_that_could_not_ask_the_warehouse_is_no_pass(run: Run) -> None:
    nowhere = run("check", VEDDER_WAREHOUSE=NOWHERE)
    assert nowhere.exit_code == 2
    assert nowhere.stdout.endswith(" pairs, 2 docs: no problems in the files\n")
    assert nowhere.stderr.startswith("Datasets, columns and pairs were not compared with the warehouse: ")
    assert "--no-warehouse" in nowhere.stderr
    told = json.loads(run("check", "--json", VEDDER_WAREHOUSE=NOWHERE).stdout)
    assert (told["outcome"], bool(told["unchecked"]), told["problems"]) == ("unchecked", True, [])
    assert run("check", "--no-warehouse", VEDDER_WAREHOUSE=NOWHERE).exit_code == 0


def test_problems_of_files_are_told_also_where_the_warehouse_cannot_be_asked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops" / "cluster.yaml").write_text("title: Ops\n")
    shown = run("check", str(tmp_path), "--json", VEDDER_WAREHOUSE=NOWHERE)
    assert (shown.exit_code, json.loads(shown.stdout)["outcome"]) == (1, "problems")
    assert "not compared with the warehouse" in shown.stderr


def test_whoever_insists_on_the_warehouse_is_told_that_it_cannot_be_asked(run: Run) -> None:
    shown = run("check", "--warehouse", VEDDER_WAREHOUSE=NOWHERE)
    assert (shown.exit_code, shown.stdout) == (2, "")
    assert "nowhere" in shown.stderr


def test_problems_are_listed_with_file_and_line_and_the_exit_code_is_1(run: Run, tmp_path: Path) -> None:
    card = tmp_path / "ops" / "cluster.yaml"
    card.parent.mkdir()
    card.write_text(
        "title: Ops\nsummary: What flew.\nowner: {team: ops, contact: here}\n"
        "datasets:\n  - name: nyc.flights\n    description: Flights.\n    columns:\n      dep_tmie: {note: Late}\n"
    )
    shown = run("check", str(tmp_path))
    assert shown.exit_code == 1
    assert "ops/cluster.yaml:8 [datasets[nyc.flights].columns.dep_tmie]" in shown.stdout
    assert shown.stdout.splitlines()[1] == "    Did you mean `dep_time`?", "the hint stands below its problem"
    assert shown.stdout.splitlines()[-1] == "1 cluster, 1 dataset, 0 pairs, 0 docs: 1 problem"
    told = json.loads(run("check", str(tmp_path), "--json").stdout)
    assert [problem["line"] for problem in told["problems"]] == [8]


def test_a_pair_that_reads_what_another_cluster_hides_is_a_problem(run: Run, tmp_path: Path) -> None:
    card = "title: {0}\nsummary: x\nowner: {{team: ops, contact: here}}\ndatasets:\n  - name: nyc.planes\n"
    for name, columns in (("ops", ""), ("audit", "    columns: {price: {hidden: true}}\n")):
        (tmp_path / name / "pairs").mkdir(parents=True)
        (tmp_path / name / "cluster.yaml").write_text(f"{card.format(name)}    description: x\n{columns}")
    pair = "/*\nquestion: What do they cost?\nteaches: x\nvetted_by: A\nvetted_on: 2026-01-05\n*/\n"
    (tmp_path / "ops/pairs/cost.sql").write_text(f"{pair}SELECT sum(price) AS cost FROM nyc.planes\n")
    shown = run("check", str(tmp_path))
    assert (shown.exit_code, shown.stdout.splitlines()[0][:26]) == (1, "ops/pairs/cost.sql:7 `nyc.")


def test_a_folder_that_is_not_there_is_called_as_it_was_given(run: Run) -> None:
    shown = run("check", "nowhere", "--no-warehouse")
    assert (shown.exit_code, shown.stdout.splitlines()[0]) == (1, "nowhere There is no such folder.")


def test_clusters_are_listed_and_shown(run: Run) -> None:
    listed = run("clusters").stdout
    assert "flight_ops (#flight-ops)" in listed
    shown = run("clusters", "flights").stdout
    assert "How many flights left {origin} in {month}?" in shown
    assert "gates: " in shown
    assert json.loads(run("clusters", "fleet", "--json").stdout)["owner"]["team"] == "fleet_desk"


def test_health_says_what_to_do(run: Run) -> None:
    assert "Mend `gates`." in run("health").stdout
    shown = run("health", "flights").stdout
    assert "0.75 degraded" in shown
    assert "- +0.25 Mend `gates`." in shown


def test_a_command_called_wrongly_ends_with_2(run: Run) -> None:
    assert run("ask").exit_code == 2
    assert run("chekc").exit_code == 2


@pytest.mark.parametrize(
    "arguments", [["clusters", "flihgts"], ["serve", "--host", "0.0.0.0"], ["models", "fetch", "minilmm"]]
)
def test_an_error_is_a_message_and_a_hint_on_stderr(arguments: list[str], world: Settings) -> None:
    done = vedder(world, *arguments)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert done.stderr.splitlines()[1].startswith("  ")


def test_the_installed_command_answers_through_a_pipe_without_colours(world: Settings) -> None:
    done = vedder(world, "ask", "How many flights left EWR in March?", FORCE_COLOR="", NO_COLOR="1")
    assert done.returncode == 0
    assert done.stdout.startswith("66 (flights).\n")
    assert "\x1b" not in done.stdout


def vedder(world: Settings, *arguments: str, **others: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from vedder_api.surfaces.cli import main; main()", *arguments]
    env = {**os.environ, **environment(world), **others}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_the_health_of_a_cluster_that_left_the_context_is_not_listed(tmp_path: Path) -> None:
    world = build(tmp_path)
    assert "flights" in vedder(world, "health").stdout
    ContextWriter(world.context, open_embedder(world)).withdraw("flights")
    shown = vedder(world, "health").stdout
    assert "fleet" in shown
    assert "flights" not in shown
