"""Promises of kept teaching: what a cluster could answer once, it is held to."""

from dataclasses import replace
from datetime import date, timedelta

from tests.vedder_pipelines.health.samples import (
    NOW,
    broken,
    cluster,
    doc,
    pair,
    sound,
    turn,
    usage,
    valid,
    without_doc,
    without_pair,
)
from vedder_pipelines.health.kept_teaching import KeptTeaching
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.health.taught import REMEMBERED, Taught


def read(facts):
    return KeptTeaching().read(facts).value


def told(facts):
    return [remedy.text for remedy in KeptTeaching().remedies(facts)]


def test_where_nothing_was_ever_taught_it_is_not_measured():
    assert read(Facts(cluster(), NOW)) is None


def test_a_pair_that_is_gone_is_missed_and_asked_for_by_its_question():
    facts = without_pair(sound(("a", "b", "c", "d")), "b")
    assert read(facts) == 0.75
    assert told(facts) == ["Write a pair again for “What about b?” (it was shop/pairs/b.sql)."]


def test_a_pair_that_gave_answers_weighs_more_than_one_that_nobody_asked():
    facts = sound(("a", "b"))
    asked = [turn(n, "What about a?", trust="verified", sql=pair("a").sql, caller=f"p{n}") for n in range(8)]
    facts = replace(facts, usage=usage(*asked))
    assert read(without_pair(facts, "a")) == 0.1
    assert read(without_pair(facts, "b")) == 0.9


def test_a_broken_pair_does_not_answer_and_is_left_to_pair_validity_to_be_mended():
    facts = sound(("a", "b"))
    facts = replace(facts, judged={"a": valid(), "b": broken()})
    assert (read(facts), told(facts)) == (0.5, [])


def test_a_doc_that_is_gone_is_missed_and_one_under_another_name_is_not():
    facts = sound(("a",), docs=("orders",))
    gone = without_doc(facts, "orders")
    assert read(gone) == 1 / 1.25
    assert told(gone) == ["Write the doc “About orders” again (it was shop/docs/orders.md)."]
    renamed = doc("orders").model_copy(update={"slug": "about_orders"})
    assert read(replace(gone, cluster=gone.cluster.model_copy(update={"docs": (renamed,)}))) == 1


def test_what_was_retired_is_forgotten_after_a_while():
    before = sound(("a", "b")).taught
    after = before.and_now(cluster(), [pair("a")], NOW + REMEMBERED + timedelta(days=1), dialect="duckdb")
    assert set(after.pairs) == {"a"}


def changed(sql, vetted_on=date(2026, 11, 1), at=NOW + timedelta(days=2)):
    """Facts of the shop two days later, once somebody changed the SQL of its pair."""
    old = pair("a", sql="SELECT count(*) FROM orders WHERE state = 'sent'")
    taught = Taught().and_now(cluster(), [old], NOW, dialect="duckdb")
    new = pair("a", vetted_on, sql=sql)
    facts = replace(sound((new,)), now=at)
    return replace(
        facts,
        taught=taught.and_now(cluster(), [new], at, dialect="duckdb"),
        not_vetted=frozenset(taught.not_vetted([new], dialect="duckdb")),
    )


def test_sql_that_was_changed_and_not_vetted_again_is_not_what_was_taught():
    facts = changed("SELECT count(*) FROM orders WHERE state <> 'sent'")
    assert read(facts) == 0
    assert not told(facts)  # what to do says the signal of pair validity: the pair is drifted until somebody vets it
    assert "a" in facts.taught.not_vetted(facts.cluster.pairs, dialect="duckdb")  # the next day it still is not


def test_sql_that_is_only_written_otherwise_or_was_vetted_again_is():
    assert read(changed("select COUNT(*)\n from orders -- all of them\n where state = 'sent'")) == 1
    assert read(changed("SELECT count(*) FROM orders WHERE state <> 'sent'", vetted_on=date(2026, 11, 22))) == 1
