"""Promises of running an answer again, on a real context that is published anew and a real warehouse that changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import orjson
import pytest

from tests.vedder_api.outcomes import ran
from tests.vedder_api.world import build, publish
from vedder_api.cells import as_json
from vedder_api.parts import Parts
from vedder_api.replay import NotAnAnswer, Replay, replay
from vedder_api.replay_entries import EntryThenAndNow
from vedder_core.answer import OUTCOME, Answer, Outcome
from vedder_core.context.index import ContextWriter
from vedder_core.conversation import Turn
from vedder_core.embedder.embedder import open_embedder
from vedder_core.settings import Settings

DEPARTURES = "How many flights left JFK in July?"
WHEN = datetime(2026, 1, 6, tzinfo=UTC)


def ask(settings: Settings, question: str) -> Answer:
    """An answer as the state database keeps it: as JSON."""
    with Parts(settings) as parts:
        kept = OUTCOME.validate_python(orjson.loads(as_json(parts.asker().answer(question))))
    assert isinstance(kept, Answer), kept
    return kept


def again(settings: Settings, outcome: Outcome) -> Replay:
    turn = Turn("t1", "c1", 1, "ana", outcome.question, "done", WHEN, outcome=outcome)
    with Parts(settings) as parts:
        asker = parts.asker()
        return replay(turn, reader=parts.reader(), warehouse=parts.warehouse(), limits=asker.limits)


def entry(found: Replay, id_: str) -> EntryThenAndNow:
    (one,) = [one for one in found.entries if one.entry == id_]
    return one


def edit(settings: Settings, name: str, old: str, new: str) -> None:
    file = settings.clusters / name
    file.write_text(file.read_text().replace(old, new))
    publish(settings)


def alter(folder: Path, sql: str) -> None:
    with duckdb.connect(str(folder / "data.duckdb")) as connection:
        connection.execute(sql)


@pytest.mark.parametrize(
    "question",
    [
        DEPARTURES,
        "How many planes were built in 1985?",
        "What does the average plane cost?",
        "What are the months with the longest delays?",
    ],
)
def test_an_answer_run_again_gives_the_same_rows_from_the_same_values(world: Settings, question: str) -> None:
    found = again(world, ask(world, question))
    assert [(one.kind, one.said) for one in found.queries] == [
        ("same", "The same SQL was run again, and the result is the same.")
    ]
    assert {one.state for one in found.entries} == {"unchanged"}
    assert (found.kept, found.version_then, found.said.endswith("Its context is as it was.")) == (
        True,
        found.version_now,
        True,
    )
    assert orjson.loads(as_json(found))["kind"] == "replay"


def test_a_pair_that_was_edited_since_shows_what_was_edited_while_the_old_sql_still_runs(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, DEPARTURES)
    edit(settings, "flights/pairs/departures.sql", "AND dep_time IS NOT NULL", "AND dep_delay >= 0")
    found = again(settings, answer)
    assert found.queries[0].kind == "same"
    assert found.queries[0].sql == answer.sql
    pair = entry(found, "flights/pair/departures")
    assert (pair.state, pair.source) == ("changed", True)
    assert "-WHERE origin = :origin AND month = :month AND dep_time IS NOT NULL" in pair.diff.splitlines()
    assert "+WHERE origin = :origin AND month = :month AND dep_delay >= 0" in pair.diff.splitlines()
    assert entry(found, "flights/doc/cancelled/0").state == "unchanged"
    assert found.version_now > found.version_then
    assert "of 3 entries that it saw changed since" in found.said


def test_a_column_that_was_renamed_in_the_warehouse_is_told_in_our_words(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, "What are the months with the longest delays?")
    alter(tmp_path, "ALTER TABLE nyc.flights RENAME COLUMN dep_delay TO delay_minutes")
    publish(settings)
    found = again(settings, answer)
    assert (found.queries[0].kind, found.queries[0].rows) == ("failed", ())
    assert found.queries[0].said == "The SQL does not run any more. There is no column `dep_delay` any more."
    assert entry(found, "flights/pair/delays").state == "broken"
    assert "dep_delay" in entry(found, "flights/pair/delays").why
    assert "-dep_delay INTEGER" in entry(found, "flights/dataset/nyc.flights").diff.splitlines()


def test_rows_that_changed_are_shown_as_they_were_and_are(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, DEPARTURES)
    alter(tmp_path, "DELETE FROM nyc.flights WHERE month = 7 AND tailnum < 'N2'")
    (query,) = again(settings, answer).queries
    assert (query.kind, query.said) == ("rows_differ", "1 row differs.")
    (difference,) = query.differences
    assert (difference.then, difference.now) == ((68,), query.rows[0])


def test_a_column_that_was_hidden_since_is_neither_read_nor_named(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, DEPARTURES)
    edit(settings, "flights/cluster.yaml", 'dep_time: {note: "Clock time HHMM; NULL means cancelled."}', "")
    edit(settings, "flights/cluster.yaml", "tailnum: {hidden: true}", "dep_time: {hidden: true}")
    found = again(settings, answer)
    assert found.queries[0].kind in ("failed", "refused")
    assert found.queries[0].rows == ()
    assert "dep_time" not in entry(found, "flights/dataset/nyc.flights").diff


def test_a_dataset_that_no_cluster_lists_any_more_is_not_read(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, "What does the average plane cost?")
    embedder = open_embedder(settings)
    ContextWriter(settings.context, embedder).withdraw("fleet")
    found = again(settings, answer)
    assert found.queries[0].kind == "refused"
    assert {one.state for one in found.entries} == {"gone"}


def test_a_version_that_is_not_kept_any_more_is_said_and_the_newest_is_used(tmp_path: Path) -> None:
    settings = build(tmp_path)
    answer = ask(settings, DEPARTURES)
    edit(settings, "flights/pairs/departures.sql", "dep_time IS NOT NULL", "dep_delay >= 0")
    ContextWriter(settings.context, open_embedder(settings)).maintain(timedelta(0))
    found = again(settings, answer)
    assert not found.kept
    assert f"Version {found.version_then} of the context is not kept any more" in found.said
    assert found.queries[0].kind == "same"
    pair = entry(found, "flights/pair/departures")
    assert (pair.state, pair.diff, pair.why) == ("changed", "", "What it was is not kept any more.")


def test_every_query_that_an_answer_cites_is_run_again(world: Settings) -> None:
    answer = ask(world, DEPARTURES)
    other = replace(ran("count(*) AS n", (3000,)), asked="SELECT count(*) AS n FROM nyc.flights")
    wrong = replace(other, id="q3", rows=((1,),))
    named = replace(other, id="q4", columns=("m",))
    kinds = [one.kind for one in again(world, replace(answer, further=(other, wrong, named))).queries]
    assert kinds == ["same", "same", "rows_differ", "columns_differ"]


def test_only_an_answer_can_be_run_again(world: Settings) -> None:
    with Parts(world) as parts:
        declined = parts.asker().answer("How many passengers flew?")
    with pytest.raises(NotAnAnswer):
        again(world, declined)
