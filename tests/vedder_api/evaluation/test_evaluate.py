"""Questions with known answers, asked of a real context through the agent with a model that plays a script."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.vedder_api.test_ask_with_a_model import call, finish, run, scripted
from tests.vedder_api.world import build, publish
from vedder_api.ask import Asker
from vedder_api.evaluation.evaluate import evaluate
from vedder_api.evaluation.golden import Golden, QuestionsError, QuestionSet, from_file, from_pairs
from vedder_api.evaluation.plot import specification
from vedder_api.evaluation.trial import gold_of
from vedder_api.evaluation.variants import Reduced
from vedder_api.parts import Parts
from vedder_api.surfaces.render_evaluation import asked_parts, comparison_parts, evaluation_parts
from vedder_core.charts import write_svg
from vedder_core.context.entry import DatasetCard
from vedder_core.evaluation import VARIANTS, summary
from vedder_core.settings import Settings
from vedder_core.state.database import State
from vedder_core.state.evaluations import Evaluations, UnknownEvaluation

LEFT_JFK = "SELECT count(*) AS n FROM nyc.flights WHERE origin = 'LGA' AND month = 7 AND dep_time IS NOT NULL"


@pytest.fixture(scope="module")
def plain(world: Settings) -> Iterator[Asker]:
    with Parts(world) as parts:
        yield parts.asker()


def pairs(asker: Asker) -> dict[str, Golden]:
    return {golden.id: golden for golden in from_pairs(asker.reader.snapshot(), dialect="duckdb").goldens}


def test_every_valid_pair_becomes_a_question_with_its_blanks_filled(plain):
    found = pairs(plain)
    assert found.keys() >= {"flights/pair/departures", "flights/pair/delays", "fleet/pair/planes_of_year"}
    assert "flights/pair/gates" not in found
    assert "{" not in found["flights/pair/departures"].question
    assert "July" in found["flights/pair/departures"].question


def test_a_pair_does_not_teach_while_it_is_asked(plain):
    golden = pairs(plain)["flights/pair/departures"]
    reduced = Reduced(plain.reader.snapshot(), "context", golden.left_out).snapshot()
    assert reduced.get(["flights/pair/departures"]) == ()
    assert reduced.get(["flights/pair/delays"]) != ()
    (found,) = evaluate(QuestionSet("one", (golden,)), plain, variants=("context",), rounds=1, progress=lambda _: None)
    assert [(trial.kind, trial.result) for trial in found.trials] == [("not_covered", "differs")]


VETTED = "teaches: It.\nvetted_by: Ana Ruiz\nvetted_on: 2026-01-05\n*/\n"
TWINS = {
    "flights/pairs/left.sql": """/*
question: Flights that took off from {place} in {month}
parameters: {place: {values: nyc.flights.origin}, month: {type: month}}
"""
    + VETTED
    + "SELECT COUNT(*) AS n -- as often\nFROM nyc.flights\n"
    + "WHERE origin = :place AND month = :month AND dep_time IS NOT NULL\n",
    "fleet/cluster.yaml": """title: Fleet
summary: Aircraft, their makers and their age.
owner: {team: fleet_desk, contact: fleet@example.org}
datasets:
  - {name: nyc.planes, description: One row for each aircraft.}
  - {name: nyc.flights, description: Flights.}
""",
    "fleet/pairs/said.sql": """/*
question: What are the {number} months with the longest delays?
parameters: {number: {type: integer, default: 3}}
"""
    + VETTED
    + "SELECT month FROM nyc.flights GROUP BY month ORDER BY max(dep_delay) DESC LIMIT :number\n",
    "fleet/pairs/since.sql": """/*
question: How many planes were built since {day}?
parameters: {day: {type: date}}
"""
    + VETTED
    + "SELECT count(*) AS n FROM nyc.planes WHERE year >= year(:day::DATE)\n",
}


@pytest.fixture(scope="module")
def twinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asker]:
    settings = build(tmp_path_factory.mktemp("twins"))
    for name, text in TWINS.items():
        (settings.clusters / name).write_text(text)
    publish(settings)
    with Parts(settings) as parts:
        yield parts.asker()


def test_a_twin_of_any_cluster_does_not_teach_either(twinned):
    left_out = {id_: golden.left_out for id_, golden in pairs(twinned).items()}
    assert left_out["flights/pair/departures"] == {"flights/pair/departures", "flights/pair/left"}
    assert left_out["flights/pair/delays"] == left_out["fleet/pair/said"] == {"flights/pair/delays", "fleet/pair/said"}
    assert left_out["fleet/pair/prices"] == {"fleet/pair/prices"}


def test_a_pair_that_cannot_be_asked_is_said_aloud(twinned):
    found = from_pairs(twinned.reader.snapshot(), ("fleet",), dialect="duckdb")
    assert found.unfilled == ("fleet/pair/since",)
    said: list[str] = []
    tuple(evaluate(found, twinned, variants=("context",), rounds=1, progress=said.append))
    assert said[0].endswith("fleet/pair/since")
    assert "Of 1 pair no question was made" in str(asked_parts(found, from_pairs=True))


def test_schemas_alone_hold_no_word_of_an_expert(plain):
    reduced = Reduced(plain.reader.snapshot(), "schemas-only").snapshot()
    assert {entry.kind for entry in reduced.entries()} == {"cluster", "dataset"}
    cards = [entry.carried() for entry in reduced.entries(kinds=("dataset",))]
    assert all(isinstance(card, DatasetCard) and card.profile is None for card in cards)
    assert "One row for each scheduled flight" not in str(cards)
    assert [card.summary for card in reduced.cluster_cards()] == [card.title for card in reduced.cluster_cards()]
    assert any(card.dataset.hidden_columns() == {"tailnum"} for card in cards if isinstance(card, DatasetCard))


def test_each_stage_is_told_apart(plain):
    golden = pairs(plain)["flights/pair/departures"]
    wrong = LEFT_JFK.replace("'LGA'", "'JFK'").replace("month = 7", "month = 6")
    right = LEFT_JFK.replace("'LGA'", f"'{golden.parameters['origin']}'")
    scripts = {
        "same": (run(right), finish("So many.", "q1")),
        "differs": (run(wrong), finish("So many.", "q1")),
        "refused": (run("SELECT * FROM hr.salaries"), call("not_covered", reason="Nothing.")),
        "executed": (run(wrong), call("ask_user", question="Which?")),
    }
    trials = {}
    for name, script in scripts.items():
        asker = replace(plain, chat=scripted(*script))
        (found,) = evaluate(QuestionSet("s", (golden,)), asker, variants=("context",), rounds=1, progress=str)
        (trials[name],) = found.trials
    same, differs, refused, executed = (trials[name] for name in scripts)
    assert (same.kind, same.result, same.cluster_chosen) == ("answer", "same", True)
    assert same.columns_recalled == 1.0
    assert same.datasets_recalled == 1.0
    assert same.prompt_tokens > 0
    assert (differs.result, differs.guarded, differs.executed) == ("differs", True, True)
    assert (refused.guarded, refused.executed, refused.kind) == (False, False, "not_covered")
    assert (executed.guarded, executed.executed, executed.kind) == (True, True, "clarify")


def test_a_gold_that_does_not_run_is_a_failed_trial_and_not_a_wrong_answer(plain):
    golden = Golden("g", "How many gates?", None, ("SELECT gate FROM nyc.flights",))
    (found,) = evaluate(QuestionSet("s", (golden,)), plain, variants=("context",), rounds=2, progress=str)
    assert [trial.kind for trial in found.trials] == ["failed"]
    assert "gold SQL" in found.trials[0].problem
    assert "1 question came to no outcome" in str(evaluation_parts((found,)))


def test_a_gold_that_no_answer_can_hold_is_a_failed_trial(plain):
    golden = pairs(plain)["flights/pair/every"]
    (found,) = evaluate(QuestionSet("s", (golden,)), plain, variants=("context",), rounds=1, progress=str)
    assert found.trials[0].kind == "failed"
    assert "more than the 100 rows" in found.trials[0].problem


def test_a_right_result_that_says_little_is_marked(plain):
    none = Golden("g", "Which flights left late?", None, ("SELECT origin FROM nyc.flights WHERE month = 13",))
    zero = replace(none, id="h", sqls=("SELECT count(*) FROM nyc.flights WHERE month = 13",))
    some = replace(none, id="i", sqls=("SELECT count(*) FROM nyc.flights",))
    (found,) = evaluate(QuestionSet("s", (none, zero, some)), plain, variants=("context",), rounds=1, progress=str)
    assert [trial.hollow for trial in found.trials] == [True, True, False]
    assert "Of 2 questions the right result is empty" in str(evaluation_parts((found,)))


def test_what_was_not_answered_recalls_no_columns(plain):
    golden = pairs(plain)["flights/pair/delays"]
    (found,) = evaluate(QuestionSet("s", (golden,)), plain, variants=("no-pairs",), rounds=1, progress=str)
    assert found.trials[0].kind == "not_covered"
    assert found.trials[0].columns_recalled == 0.0


def test_a_wrong_answer_is_worse_than_none(plain):
    chosen = QuestionSet("s", (pairs(plain)["fleet/pair/planes_of_year"],))
    wrong = replace(plain, chat=scripted(run("SELECT 7 AS n FROM nyc.planes LIMIT 1"), finish("7.", "q1")))
    (before,) = evaluate(chosen, plain, variants=("context",), rounds=1, progress=str)
    (after,) = evaluate(chosen, wrong, variants=("context",), rounds=1, progress=str)
    assert "not answered → wrong" in str(comparison_parts(before, after))
    other = replace(after, trials=tuple(replace(trial, golden="else") for trial in after.trials))
    assert "2 were not asked alike" in str(comparison_parts(before, other))


def test_a_cluster_that_is_not_there_is_said(plain):
    with pytest.raises(QuestionsError, match="no cluster 'flihgts'") as raised:
        from_pairs(plain.reader.snapshot(), ("flihgts",), dialect="duckdb")
    assert "flights" in raised.value.hint


def test_several_golds_may_be_right(plain):
    sqls = ("SELECT 1 AS n FROM nyc.flights LIMIT 1", "SELECT count(*) FROM nyc.flights")
    golden = Golden("g", "How many rows are there?", "flights", sqls)
    asker = replace(plain, chat=scripted(run("SELECT count(*) AS c FROM nyc.flights"), finish("3,000.", "q1")))
    (found,) = evaluate(QuestionSet("s", (golden,)), asker, variants=("context",), rounds=2, progress=str)
    assert [trial.result for trial in found.trials] == ["same", "same"]
    assert summary(found.trials, rounds=2).reproducible == 1.0


def test_an_answer_may_order_ties_otherwise_than_the_gold(plain):
    gold = "SELECT origin, count(*) AS n FROM nyc.flights GROUP BY origin ORDER BY {}"
    golden = Golden("g", "Flights by airport, most first", "flights", (gold.format("n DESC"),))
    ties = gold.format("n DESC, origin DESC")
    other = gold.format("n, origin")
    results = {}
    for sql in (ties, other):
        asker = replace(plain, chat=scripted(run(sql), finish("So many.", "q1")))
        (found,) = evaluate(QuestionSet("s", (golden,)), asker, variants=("context",), rounds=1, progress=str)
        results[sql] = found.trials[0].result
    counts = gold_of(golden, plain.reader.snapshot(), plain.warehouse, plain.limits).results[0][0]
    assert len({n for _, n in counts}) == 2, "two of three airports have as many flights"
    assert results == {ties: "same", other: "differs"}


def test_the_baselines_are_asked_the_same_questions(plain):
    everything = QuestionSet("all", tuple(pairs(plain).values()))
    found = tuple(evaluate(everything, plain, variants=VARIANTS, rounds=1, progress=str))
    assert [one.variant for one in found] == list(VARIANTS)
    assert len({tuple(trial.golden for trial in one.trials) for one in found}) == 1


def test_evaluations_are_kept_compared_and_drawn(plain, tmp_path):
    golden = pairs(plain)["fleet/pair/planes_of_year"]
    right = f"SELECT count(*) AS n FROM nyc.planes WHERE year = {golden.parameters['year']}"
    chosen = QuestionSet("fleet", (golden,))
    better = replace(plain, chat=scripted(run(right), finish("So many.", "q1")))
    (before,) = evaluate(chosen, plain, variants=("context",), rounds=1, progress=str)
    (after,) = evaluate(chosen, better, variants=("context",), rounds=1, progress=str)
    with State.open(f"sqlite:///{tmp_path / 'state.db'}") as state:
        kept = Evaluations(state)
        kept.keep((before, after))
        assert kept.get(before.id[:12]) == before
        assert {one.id for one in kept.newest(questions="fleet")} == {before.id, after.id}
        assert kept.newest(questions="other") == ()
        with pytest.raises(UnknownEvaluation):
            kept.get("zzzz")
    drawn = str(comparison_parts(before, after))
    assert "Better" in drawn
    assert "Worse" not in drawn
    assert "not answered → same" in drawn
    assert "not compared" not in drawn
    assert "Not the same result" in str(evaluation_parts((before,)))
    values = specification((before, after))["data"]
    assert isinstance(values, dict)
    assert {point["stage"] for point in values["values"]} >= {"cluster", "executed", "same"}
    write_svg(specification((before, after)), tmp_path / "plots" / "stages.svg")
    assert (tmp_path / "plots" / "stages.svg").read_text().startswith("<svg")


def test_a_question_file_with_bad_lines_names_all_of_them(tmp_path: Path):
    file = tmp_path / "questions.jsonl"
    good = json.dumps({"question": "How many?", "sql": ["SELECT 1", "SELECT 2"], "cluster": "flights", "db_id": "x"})
    file.write_text(f"{good}\n\n{{\n{json.dumps({'question': 'x'})}\n")
    with pytest.raises(QuestionsError) as raised:
        from_file(file)
    assert "line 3" in raised.value.message
    assert "line 4: sql" in raised.value.message
    file.write_text(good)
    (golden,) = from_file(file)
    assert (golden.cluster, golden.sqls) == ("flights", ("SELECT 1", "SELECT 2"))
