"""Promises of what an answer is said to rest on."""

from tests.vedder_api.agent.entries import dataset, doc, pair
from tests.vedder_api.agent.harbour import Harbour
from vedder_api.agent.evidence import MOST_PAIRS, sources, sources_of_sql
from vedder_api.agent.taught import content_of
from vedder_core.answer import Source
from vedder_core.context.entry import Entry, TaughtPair

SQL = "SELECT harbour, sum(tonnes) FROM port.calls GROUP BY harbour"
COUNT = pair("count", "SELECT count(*) FROM port.calls", "port.calls", columns=("port.calls.id",))
TONNES = pair(
    "tonnes", "SELECT harbour, sum(tonnes)", "port.calls", columns=("port.calls.harbour", "port.calls.tonnes")
)
SHIPS = pair("ships", "SELECT count(*) FROM port.ships", "port.ships")
ABOUT_TONNES = doc("tonnes", "port.calls", columns=("port.calls.tonnes",))
ABOUT_CALLS = doc("calls", "port.calls")
ABOUT_SHIPS = doc("ships", "port.ships")


def found(harbour: Harbour, sql: str, *shown: Entry) -> list[Source]:
    cards = [(dataset(card), card) for card in harbour.cards.values()]
    cards += [(dataset(card, cluster="other"), card) for card in harbour.cards.values()]
    return list(sources_of_sql([harbour.run(sql)], shown=shown, cards=cards, dialect="duckdb"))


def test_shown_pairs_on_the_same_columns_come_first_then_datasets_and_docs(harbour: Harbour) -> None:
    rests_on = found(harbour, SQL, COUNT, SHIPS, TONNES, ABOUT_TONNES)
    assert [(source.kind, source.entry) for source in rests_on] == [
        ("pair", "port/pair/tonnes"),
        ("pair", "port/pair/count"),
        ("dataset", "port/dataset/port.calls"),
        ("doc", "port/doc/tonnes/0"),
    ]
    assert rests_on[0].content_hash == TONNES.content_hash
    assert rests_on[0].status == "valid"
    assert rests_on[0].excerpt == "vetted by Ana on 2026-01-05: How."


def test_a_shown_doc_about_the_dataset_comes_behind_one_about_the_columns(harbour: Harbour) -> None:
    docs = [one.entry for one in found(harbour, SQL, ABOUT_CALLS, ABOUT_SHIPS, ABOUT_TONNES) if one.kind == "doc"]
    assert docs == ["port/doc/tonnes/0", "port/doc/calls/0"]


def test_columns_are_followed_through_subqueries(harbour: Harbour) -> None:
    sql = "WITH x AS (SELECT tonnes AS t FROM port.calls) SELECT sum(t) FROM x"
    assert [one.entry for one in found(harbour, sql, COUNT, TONNES)][:2] == ["port/pair/tonnes", "port/pair/count"]


def test_a_dataset_that_two_clusters_list_is_told_of_the_one_that_was_looked_at(harbour: Harbour) -> None:
    datasets = [one.entry for one in found(harbour, SQL, COUNT) if one.kind == "dataset"]
    assert datasets == ["port/dataset/port.calls"]
    assert len([one for one in found(harbour, SQL) if one.kind == "dataset"]) == 2


def test_broken_pairs_and_more_pairs_than_anyone_reads_are_left_out(harbour: Harbour) -> None:
    broken = pair("broken", "SELECT gone FROM port.calls", "port.calls", status="broken")
    many = [pair(f"p{n}", "SELECT 1 FROM port.calls", "port.calls") for n in range(MOST_PAIRS + 2)]
    pairs = [one.entry for one in found(harbour, SQL, broken, *many) if one.kind == "pair"]
    assert pairs == [f"port/pair/p{n}" for n in range(MOST_PAIRS)]


def test_a_vetted_pairs_own_answer_rests_on_it_first(harbour: Harbour) -> None:
    taught = content_of(TONNES)
    assert isinstance(taught, TaughtPair)
    beside = [dataset(harbour.cards["port.calls"]), dataset(harbour.cards["port.ships"]), ABOUT_TONNES]
    rests_on = sources(TONNES, taught, beside=beside, near={})
    assert [one.entry for one in rests_on] == ["port/pair/tonnes", "port/dataset/port.calls", "port/doc/tonnes/0"]
