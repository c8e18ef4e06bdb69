"""The one door for questions, on a real context and a real warehouse."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import rmtree
from threading import Timer
from time import monotonic

import duckdb
import pytest

from tests.vedder_api.world import build, publish, settings_in
from vedder_api.ask import LONGEST_QUESTION, Asker, QuestionTooLong
from vedder_api.parts import Parts
from vedder_core.answer import Answer, GaveUp, NotCovered
from vedder_core.context.snapshot import Snapshot
from vedder_core.conversation import MemoryJournal
from vedder_core.errors import ContextError, QueryFailed, WarehouseError
from vedder_core.settings import Settings
from vedder_core.warehouse.warehouse import Limits


@pytest.fixture(scope="module")
def asker(world: Settings) -> Iterator[Asker]:
    with Parts(world) as parts:
        yield parts.asker()


def answer(asker: Asker, question: str) -> Answer:
    outcome = asker.answer(question)
    assert isinstance(outcome, Answer), outcome
    return outcome


def declined(asker: Asker, question: str) -> NotCovered:
    outcome = asker.answer(question)
    assert isinstance(outcome, NotCovered), outcome
    return outcome


def test_a_vetted_question_is_answered_with_its_sql_its_rows_and_what_it_rests_on(asker: Asker) -> None:
    found = answer(asker, "How many flights left JFK in July?")
    assert (found.text, found.columns, found.rows) == ("68 (flights).", ("flights",), ((68,),))
    assert (found.trust, found.clusters[0].name, found.clusters[0].owner.team) == ("verified", "flights", "flight_ops")
    assert (found.vetted_by, found.vetted_on.isoformat()) == ("Ana Ruiz", "2026-01-05")
    assert found.sql.startswith("SELECT count(*) AS flights FROM nyc.flights")
    assert [(source.kind, source.entry) for source in found.sources] == [
        ("pair", "flights/pair/departures"),
        ("dataset", "flights/dataset/nyc.flights"),
        ("doc", "flights/doc/cancelled/0"),
    ]
    assert "vetted by Ana Ruiz on 2026-01-05" in found.sources[0].excerpt


def test_the_same_pair_answers_for_another_airport_and_month(asker: Asker) -> None:
    july, march = (answer(asker, f"How many flights left {where}?") for where in ("JFK in July", "EWR in March"))
    assert july.sources[0] == march.sources[0]
    assert march.receipt.parameters == {"origin": "EWR", "month": "3"}
    assert (july.rows, march.rows) == (((68,),), ((66,),))


def test_the_receipt_holds_what_is_needed_to_run_the_answer_again(asker: Asker) -> None:
    receipt = answer(asker, "How many flights left JFK in July?").receipt
    assert receipt.context_version == asker.reader.version
    assert receipt.embedder == "hashed-words-1"
    assert receipt.parameters == {"origin": "JFK", "month": "7"}
    assert ":origin" in receipt.sql_asked
    assert '"nyc"."flights"' in receipt.sql_run
    assert set(receipt.milliseconds) == {"search", "match", "guard", "query", "sources"}


def test_an_uncovered_question_names_the_words_and_the_owner_to_ask(asker: Asker) -> None:
    found = declined(asker, "How many passengers flew in July?")
    assert found.reason == "No vetted question accounts for the words `passengers` and `flew`."
    assert found.clusters[0].name == "flights"
    assert found.clusters[0].owner.contact == "#flight-ops"
    assert found.pairs[0].question == "How many flights left {origin} in {month}?"


def test_a_default_that_stood_in_is_said(asker: Asker) -> None:
    found = answer(asker, "What are the months with the longest delays?")
    assert len(found.rows) == 3
    assert "The question does not say top: 3 is assumed." in found.text


def test_rows_beyond_the_limit_are_cut_and_said_to_be(asker: Asker) -> None:
    found = answer(asker, "List every departure")
    assert (len(found.rows), found.truncated) == (100, True)
    assert "The warehouse has more rows" in found.text


def test_a_value_of_a_number_column_is_asked_for_as_a_number(asker: Asker) -> None:
    assert answer(asker, "How many planes were built in 1985?").rows == ((4,),)
    assert isinstance(asker.answer("How many planes were built in 1885?"), NotCovered)


def test_a_broken_pair_does_not_answer(asker: Asker) -> None:
    found = declined(asker, "Which gate had the most flights?")
    assert "gates" not in {pair.slug for pair in found.pairs}


@pytest.mark.parametrize("question", ["", "   ", "🙂🙂", "?", "SELECT * FROM nyc.flights", "x" * 5000, "' OR 1=1 --"])
def test_whatever_is_typed_gets_a_reason_and_somebody_to_ask(asker: Asker, question: str) -> None:
    found = declined(asker, question)
    assert found.reason
    assert found.clusters


def test_a_question_that_is_too_long_is_refused_and_not_cut(asker: Asker) -> None:
    assert declined(asker, f" {'x' * LONGEST_QUESTION} ").question == "x" * LONGEST_QUESTION
    with pytest.raises(QuestionTooLong, match="20,001 characters, and 20,000 at most"):
        asker.answer("x" * (LONGEST_QUESTION + 1))


def test_words_that_no_vetted_question_has_are_said_to_be_strange(asker: Asker) -> None:
    assert declined(asker, "zxqv wvut").reason == "No vetted question of any cluster has any of its words."


@pytest.mark.parametrize(
    ("slug", "question"),
    [
        ("flights/departures", "How many flights left JFK in July?"),
        ("flights/every", "List every departure"),
        ("fleet/prices", "What does the average plane cost?"),
    ],
)
def test_the_only_vetted_question_there_is_answers(tmp_path: Path, slug: str, question: str) -> None:
    settings = build(tmp_path)
    cluster, _, name = slug.partition("/")
    for folder in settings.clusters.iterdir():
        if folder.name != cluster:
            rmtree(folder)
    for pair in (settings.clusters / cluster / "pairs").iterdir():
        if pair.stem != name:
            pair.unlink()
    rmtree(settings.context)
    publish(settings)
    with Parts(settings) as parts:
        assert answer(parts.asker(), question).trust == "verified"
        asked = question.removesuffix("?") + " zebra?"
        assert declined(parts.asker(), asked).reason == "No vetted question accounts for the word `zebra`."


def test_without_a_context_the_error_says_what_to_do(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    with Parts(settings_in(folder)) as parts, pytest.raises(ContextError) as raised:
        parts.reader().snapshot()
    assert raised.value.hint


def test_a_publish_between_two_questions_shows_in_the_second(tmp_path_factory: pytest.TempPathFactory) -> None:
    settings = build(tmp_path_factory.mktemp("changing"))
    with Parts(settings) as parts:
        before = declined(parts.asker(), "How many aircraft were built in 1985?")
        pair = settings.clusters / "fleet/pairs/planes_of_year.sql"
        pair.write_text(pair.read_text().replace("How many planes", "How many aircraft"))
        publish(settings)
        after = answer(parts.asker(), "How many aircraft were built in 1985?")
    assert after.receipt.context_version > before.context_version


SLOW = "How slow is it?"


def with_a_slow_pair(folder: Path) -> Settings:
    """The small world with a vetted pair whose query takes minutes."""
    settings = build(folder)
    (settings.clusters / "flights" / "pairs" / "slow.sql").write_text(
        f"/*\nquestion: {SLOW}\nteaches: Patience.\nvetted_by: Ana Ruiz\nvetted_on: 2026-01-05\n*/\n"
        "SELECT sum(a.dep_delay * b.dep_delay + c.dep_delay) AS slow\n"
        "FROM nyc.flights AS a, nyc.flights AS b, nyc.flights AS c\n"
    )
    publish(settings)
    return settings


class Changed:
    """A reader of one version in which the SQL of a pair is another than the one that was judged."""

    def __init__(self, snapshot: Snapshot, was: str, is_now: str) -> None:
        self._snapshot = snapshot.changed(
            lambda entry: replace(entry, payload=entry.payload.replace(was, is_now)) if entry.kind == "pair" else entry
        )

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def at(self, version: int) -> Snapshot:
        return self._snapshot


def hidden_elsewhere(folder: Path) -> Settings:
    """The small world, but another cluster hides a column that a vetted pair of `flights` reads."""
    settings = build(folder)
    fleet = settings.clusters / "fleet" / "cluster.yaml"
    hides = "  - name: nyc.flights\n    description: Flights.\n    columns: {dep_time: {hidden: true}}\n"
    fleet.write_text(fleet.read_text() + hides)
    publish(settings)
    return settings


def test_a_vetted_pair_that_reads_what_another_cluster_hides_gives_up_and_names_its_owner(tmp_path: Path) -> None:
    with Parts(hidden_elsewhere(tmp_path)) as parts:
        found = parts.asker().answer("How many flights left JFK in July?")
    assert isinstance(found, GaveUp), found
    assert (found.limit, found.clusters[0].owner.team) == ("query", "flight_ops")
    assert "flights/departures answers this, but the warehouse could not run its query" in found.reason
    assert "#flight-ops" in found.reason
    assert "dep_time" not in found.reason


def test_a_vetted_pair_whose_query_takes_too_long_gives_up_at_its_limit(tmp_path: Path) -> None:
    with Parts(with_a_slow_pair(tmp_path)) as parts:
        found = replace(parts.asker(), limits=Limits(seconds=0.3)).answer(SLOW)
    assert isinstance(found, GaveUp), found
    assert (found.limit, found.clusters[0].name) == ("time", "flights")
    assert "flights/slow answers this, but its query was stopped after 0.3 seconds. Ask flight_ops" in found.reason


def test_a_query_ends_soon_after_nobody_wants_the_answer_any_more(tmp_path: Path) -> None:
    journal = MemoryJournal()
    with Parts(with_a_slow_pair(tmp_path)) as parts:
        asker = replace(parts.asker(), limits=Limits(seconds=60))
        nobody_waits = Timer(0.3, journal.stop.set)
        nobody_waits.start()
        began = monotonic()
        tuple(asker.ask(SLOW, journal))
    assert monotonic() - began < 20, "a fraction of what the query may take"


def test_a_vetted_pair_whose_sql_is_refused_gives_up(tmp_path: Path) -> None:
    settings = build(tmp_path)
    with Parts(settings) as parts:
        asker = parts.asker()
        reader = Changed(asker.reader.snapshot(), "SELECT max(price) AS price", "SELECT getenv('HOME') AS price")
        found = replace(asker, reader=reader).answer("What does the average plane cost?")
    assert isinstance(found, GaveUp), found
    assert found.limit == "query"
    assert "fleet/prices answers this, but its SQL is refused. Ask fleet_desk (fleet@example.org)." in found.reason


def test_a_vetted_pair_whose_query_the_warehouse_breaks_off_gives_up(tmp_path: Path) -> None:
    settings = build(tmp_path)
    with duckdb.connect(str(tmp_path / "data.duckdb")) as connection:
        connection.execute("DROP TABLE nyc.planes")
    with Parts(settings) as parts:
        found = parts.asker().answer("What does the average plane cost?")
    assert isinstance(found, GaveUp), found
    assert found.limit == "query"
    assert "fleet/prices answers this, but the warehouse could not run its query" in found.reason
    assert "fleet_desk (fleet@example.org)" in found.reason


def test_a_warehouse_that_is_not_there_is_an_error_and_no_outcome(tmp_path: Path) -> None:
    settings = build(tmp_path)
    with Parts(settings) as parts:
        asker = parts.asker()
        (tmp_path / "data.duckdb").unlink()
        with pytest.raises(WarehouseError) as raised:
            asker.answer("What does the average plane cost?")
    assert not isinstance(raised.value, QueryFailed)
