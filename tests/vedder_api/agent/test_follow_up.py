"""A follow-up is understood word by word, or not at all."""

from datetime import date

import pytest

from tests.vedder_api.taught import AIRPORTS, of, taught
from vedder_api.agent.follow_up import followed
from vedder_core.cluster import Parameter
from vedder_core.matching.fast_path import Filled, match

LEFT = taught(
    "How many flights left {origin} in {month}?",
    "How many flights left {origin}?",
    values={"origin": AIRPORTS},
    origin=of(),
    month=Parameter(type="month", default="May"),
)
BEFORE = {"origin": "JFK", "month": 7}


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("and for EWR?", {"origin": "EWR", "month": 7}),
        ("What about LGA", {"origin": "LGA", "month": 7}),
        ("and in March?", {"origin": "JFK", "month": 3}),
        ("Same for EWR in December, please", {"origin": "EWR", "month": 12}),
        ("March", {"origin": "JFK", "month": 3}),
        ("how about from EWR and in month 2", {"origin": "EWR", "month": 2}),
        ("no, I meant LGA", {"origin": "LGA", "month": 7}),
    ],
)
def test_a_follow_up_becomes_the_whole_question_and_is_answered_by_the_same_pair(said, values):
    whole = followed(said, LEFT, BEFORE)
    assert whole is not None
    found = match(whole, [LEFT])
    assert isinstance(found, Filled)
    assert dict(found.values) == values


@pytest.mark.parametrize(
    "said",
    [
        "",
        "and?",
        "and for Boston?",
        "and for EWR or LGA?",
        "and for EWR and LGA?",
        "and how many were late?",
        "and not for EWR?",
        "why?",
        "and for EWR without cancelled ones",
        "x" * 5000,
    ],
)
def test_a_word_that_is_not_accounted_for_makes_it_no_follow_up(said):
    assert followed(said, LEFT, BEFORE) is None


def test_a_value_that_fits_two_blanks_is_not_guessed():
    route = taught(
        "How many flights went from {origin} to {dest}?",
        values={"origin": AIRPORTS, "dest": AIRPORTS},
        origin=of(),
        dest=of("nyc.flights.dest"),
    )
    assert followed("and for EWR?", route, {"origin": "JFK", "dest": "LGA"}) is None


def test_a_word_that_would_make_it_another_question_is_not_passed_over():
    to = taught("How many flights went to {dest}?", values={"dest": AIRPORTS}, dest=of("nyc.flights.dest"))
    assert followed("and from EWR?", to, {"dest": "JFK"}) is None
    assert followed("and to EWR?", LEFT, BEFORE) is None
    assert followed("and by EWR?", LEFT, BEFORE) is None
    assert followed("and at EWR?", LEFT, BEFORE) is None
    seats = taught("How many planes have more than {seats} seats?", seats=Parameter(type="integer"))
    assert followed("and 300?", seats, {"seats": 200}) == "How many planes have more than 300 seats?"
    assert followed("and in 300?", seats, {"seats": 200}) is None
    assert followed("and for 2004?", seats, {"seats": 200}) is None


def test_words_before_a_value_say_which_blank_it_fills():
    route = taught(
        "How many flights went from {origin} to {dest}?",
        values={"origin": AIRPORTS, "dest": AIRPORTS},
        origin=of(),
        dest=of("nyc.flights.dest"),
    )
    before = {"origin": "JFK", "dest": "LGA"}
    assert followed("and from EWR?", route, before) == "How many flights went from EWR to LGA?"
    assert followed("and to EWR?", route, before) == "How many flights went from JFK to EWR?"


def test_a_default_that_stood_in_can_be_changed():
    assert followed("and in March?", LEFT, {"origin": "JFK", "month": 5}) == "How many flights left JFK in March?"


def test_a_date_is_written_so_that_it_is_read_again():
    on_day = taught("How many flights left on {day}?", day=Parameter(type="date"))
    whole = followed("and on 4 July 2013?", on_day, {"day": date(2013, 7, 3)})
    assert whole == "How many flights left on 2013-07-04?"
    assert isinstance(match(whole, [on_day]), Filled)
