"""The claim: a question that experts vetted is answered with its SQL and sources, and a guess is never made."""

import pytest

from vedder_core.answer import Answer, NotCovered


def test_flights_out_of_jfk_in_july(demo):
    answer = demo.ask("How many flights left JFK in July?")
    assert isinstance(answer, Answer)
    assert answer.rows == ((9812,),)
    assert answer.trust == "verified"
    assert answer.receipt.parameters == {"origin": "JFK", "month": "7"}
    assert "dep_time IS NOT NULL" in answer.sql
    kinds = [(source.kind, source.entry) for source in answer.sources]
    assert ("pair", "flight_operations/pair/departures_from_airport_in_month") in kinds
    assert ("doc", "flight_operations/doc/cancelled_flights/0") in kinds


def test_another_airport_and_month_are_answered_by_the_same_pair(demo):
    july, march = demo.ask("How many flights left JFK in July?"), demo.ask("How many flights left EWR in March?")
    assert isinstance(july, Answer)
    assert isinstance(march, Answer)
    assert march.rows == ((10053,),)
    assert march.sources[0] == july.sources[0]


def test_what_no_data_hold_is_declined_with_the_reason_and_an_owner(demo):
    outcome = demo.ask("How many passengers flew in July?")
    assert isinstance(outcome, NotCovered)
    assert "`passengers`" in outcome.reason
    assert outcome.clusters[0].owner.team == "flight_ops"
    assert outcome.clusters[0].owner.contact == "#flight-ops"


@pytest.mark.parametrize(
    "question",
    [
        "How many flights did not leave JFK in July?",
        "How many flights left JFK in July 2014?",
        "How many flights left JFK or EWR in July?",
        "How many delayed flights left JFK in July?",
        "How many flights left JFK before July?",
        "How many flights left Boston in July?",
        "How many of the 5 flights left JFK in July?",
    ],
)
def test_one_word_number_or_negation_too_many_is_declined(demo, question):
    assert isinstance(demo.ask(question), NotCovered)
