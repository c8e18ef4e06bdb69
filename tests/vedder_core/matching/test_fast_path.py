"""The verified fast path answers what was vetted, word by word, and declines everything else."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.vedder_api.taught import AIRPORTS, of, taught
from vedder_core.cluster import Parameter
from vedder_core.matching.decline import Unmatched
from vedder_core.matching.fast_path import Filled, match
from vedder_core.matching.wording import ARTICLES, COUNTS, COURTESIES, LEADS, THANKS

MONTH = Parameter(type="month")
DEPARTURES = taught(
    "How many flights left {origin} in {month}?",
    "Flights from {origin} in {month}",
    values={"origin": AIRPORTS},
    origin=of(),
    month=MONTH,
)
TOP = taught(
    "Which {n} airports had the most delayed flights?",
    "Which airports had the most delayed flights?",
    slug="top",
    sql="SELECT 2",
    n=Parameter(type="integer", default=10),
)


@pytest.mark.parametrize(
    ("question", "origin", "month"),
    [
        ("How many flights left JFK in July?", "JFK", 7),
        ("How many flights left EWR in March?", "EWR", 3),
        ("how many flights left ewr in mar", "EWR", 3),
        ("Can you tell me how many flights left the JFK in July, please?", "JFK", 7),
        ("What is the number of flights left “LGA” in month 12", "LGA", 12),
        ("Flights from LGA in Sept.", "LGA", 9),
        ("  HOW MANY FLIGHTS LEFT JFK IN JULY ?? ", "JFK", 7),
    ],
)
def test_one_vetted_pair_answers_every_filling_of_its_blanks(question: str, origin: str, month: int) -> None:
    found = match(question, [DEPARTURES, TOP])
    assert isinstance(found, Filled)
    assert found.candidate is DEPARTURES
    assert dict(found.values) == {"origin": origin, "month": month}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many passengers flew in July?", ("passengers", "flew")),
        ("How many flights did not leave JFK in July?", ("did", "not", "leave")),
        ("How many flights never left JFK in July?", ("never",)),
        ("How many flights left JFK in July 2012?", ("2012",)),
        ("How many flights left JFK in July and August?", ("and", "August")),
        ("How many flights left JFK or EWR in July?", ("or",)),
        ("How many flights left JFK in July each day?", ("each", "day")),
        ("How many Delta flights left JFK in July?", ("Delta",)),
        ("How many flights left SFO in July?", ("SFO",)),
        ("How many flights left !JFK in July?", ("!",)),
        ("How many flights left -JFK in July?", ("-",)),
        ("How many flights left JFK in July 🙂", ("🙂",)),
        ("How many flights left JFK in July²?", ("July²",)),
        ("How many flights left ＪＦＫ in July?", ("ＪＦＫ",)),
        ("How many fl\u200bights left JFK in July?", ("fl", "\u200b", "ights")),
        ("How many flights left JFK in July; DROP TABLE flights", ("DROP", "TABLE")),
    ],
)
def test_a_word_that_no_vetted_question_accounts_for_is_named(question: str, words: tuple[str, ...]) -> None:
    declined = match(question, [DEPARTURES])
    assert isinstance(declined, Unmatched)
    assert set(words) <= set(declined.words)
    assert all(f"`{word}`" in declined.reason for word in words)


def test_the_only_stranger_is_named_as_the_word() -> None:
    declined = match("How many passengers left JFK in July?", [DEPARTURES])
    assert declined == Unmatched("No vetted question accounts for the word `passengers`.", ("passengers",))


def test_a_question_that_leaves_out_a_blank_without_default_is_told_which() -> None:
    declined = match("How many flights left in July?", [DEPARTURES])
    assert isinstance(declined, Unmatched)
    assert declined.reason == (
        "The nearest vetted question, “How many flights left {origin} in {month}?”, also says `{origin}`."
    )


def test_the_same_words_in_another_order_are_another_question() -> None:
    declined = match("In July how many flights left JFK?", [DEPARTURES])
    assert isinstance(declined, Unmatched)
    assert "in another order" in declined.reason


def test_a_blank_that_is_left_out_takes_its_default_and_is_named() -> None:
    found = match("What airports had the most delayed flights?", [DEPARTURES, TOP])
    assert isinstance(found, Filled)
    assert (dict(found.values), found.defaulted) == ({"n": 10}, ("n",))


def test_a_number_in_words_or_digits_is_the_same_number() -> None:
    questions = (
        "Which 21 airports had the most delayed flights?",
        "Which twenty-one airports had most delayed flights",
    )
    found = [match(question, [TOP]) for question in questions]
    assert [f.values for f in found if isinstance(f, Filled)] == [{"n": 21}, {"n": 21}]


@pytest.mark.parametrize("question", ["", "   ", "?!", "Please", "the"])
def test_a_question_without_words_is_declined(question: str) -> None:
    assert isinstance(match(question, [DEPARTURES]), Unmatched)


def test_a_question_beyond_any_length_is_declined_unread() -> None:
    declined = match("How many " + "very " * 200 + "late flights left JFK in July?", [DEPARTURES])
    assert declined == Unmatched("The question is longer than 500 characters.")
    declined = match("a b " * 100, [DEPARTURES])
    assert declined == Unmatched("The question has more than 60 words.")


def test_a_broken_pair_never_answers() -> None:
    broken = taught(
        "How many flights left {origin} in {month}?",
        values={"origin": AIRPORTS},
        broken=True,
        origin=of(),
        month=MONTH,
    )
    assert isinstance(match("How many flights left JFK in July?", [broken]), Unmatched)


def test_two_pairs_that_both_match_with_different_sql_are_declined_by_name() -> None:
    rival = taught("How many flights left {airport} in July?", values={"airport": AIRPORTS}, slug="rival", airport=of())
    declined = match("How many flights left JFK in July?", [DEPARTURES, rival])
    assert isinstance(declined, Unmatched)
    assert "2 ways" in declined.reason
    assert "nyc/pair/one" in declined.reason
    assert "nyc/pair/rival" in declined.reason


def test_two_pairs_with_the_same_sql_and_values_agree() -> None:
    twin = taught(
        "How many flights left {origin} in {month}?",
        values={"origin": AIRPORTS},
        slug="twin",
        origin=of(),
        month=MONTH,
    )
    found = match("How many flights left JFK in July?", [DEPARTURES, twin])
    assert isinstance(found, Filled)
    assert found.candidate is DEPARTURES


def test_a_question_that_fills_the_blanks_in_two_ways_is_declined() -> None:
    route = taught(
        "Flights of {carrier} {aircraft}",
        values={"carrier": ("Delta", "Delta Air"), "aircraft": ("Air Max", "Max")},
        carrier=of("nyc.flights.carrier"),
        aircraft=of("nyc.planes.model"),
    )
    declined = match("Flights of Delta Air Max", [route])
    assert isinstance(declined, Unmatched)
    assert "2 ways" in declined.reason
    assert "aircraft `Air Max`, carrier `Delta`" in declined.reason
    assert "aircraft `Max`, carrier `Delta Air`" in declined.reason


def test_one_blank_said_twice_must_say_the_same_twice() -> None:
    loop = taught("Flights from {origin} to {origin}", values={"origin": AIRPORTS}, origin=of())
    assert isinstance(match("Flights from JFK to JFK", [loop]), Filled)
    assert isinstance(match("Flights from JFK to EWR", [loop]), Unmatched)


def test_an_opener_in_other_words_may_not_turn_a_count_into_a_number_that_names() -> None:
    one = taught("How many flights are late?")
    assert isinstance(match("What is the number of flights are late?", [one]), Filled)
    assert isinstance(match("What is the number of the flight are late?", [one]), Unmatched)


def test_a_group_called_a_is_not_an_article() -> None:
    everyone = taught("How many students are in class?")
    assert isinstance(match("How many students are in class A?", [everyone]), Unmatched)
    assert isinstance(match("How many students are in class a?", [everyone]), Unmatched)


def test_small_words_that_are_values_must_be_written_as_the_column_spells_them() -> None:
    state = taught("How many customers live in {state}?", values={"state": ("OR", "IN", "All")}, state=of())
    assert isinstance(match("How many customers live in OR?", [state]), Filled)
    assert isinstance(match("How many customers live in “or”?", [state]), Filled)
    assert isinstance(match("How many customers live in or?", [state]), Unmatched)
    assert isinstance(match("How many customers live in all?", [state]), Unmatched)


def test_a_possessive_blank_takes_a_possessive_value() -> None:
    late = taught("How late are {carrier}'s flights?", values={"carrier": ("Delta", "United")}, carrier=of())
    found = match("How late are Delta’s flights?", [late])
    assert isinstance(found, Filled)
    assert found.values == {"carrier": "Delta"}


CLOSED = ARTICLES | {word for phrases in (COURTESIES, COUNTS, LEADS, THANKS) for phrase in phrases for word in phrase}
MEANINGFUL = (
    "not no never without except only all each every per by or and than more most least first last 7 2013 0 -1 3.5 "
    "JFK EWR July March Delta domestic late average daily yesterday cancelled operators % $ / + 🙂"
)
STRANGERS = st.one_of(
    st.sampled_from(MEANINGFUL.split()),
    st.text(min_size=1, max_size=12).filter(lambda text: text.split() == [text]),
)


@settings(max_examples=400, deadline=None)
@given(stranger=STRANGERS, place=st.integers(0, 7), month=st.sampled_from(["July", "March"]))
def test_no_word_can_be_slipped_into_a_vetted_question(stranger: str, place: int, month: str) -> None:
    words = ["How", "many", "flights", "left", "JFK", "in", month]
    assume(stranger.casefold() not in CLOSED)
    assume(any(mark.isalnum() for mark in stranger) or stranger in "%$/+🙂")
    asked = " ".join([*words[:place], stranger, *words[place:]])
    found = match(asked, [DEPARTURES, TOP])
    if isinstance(found, Filled):
        # Only punctuation around a word that is a courtesy or an article by itself may pass.
        bare = "".join(mark for mark in stranger if mark.isalnum()).casefold()
        assert bare in CLOSED


LATE = taught("How many flights were late by more than {n} minutes?", n=Parameter(type="integer"))


@settings(max_examples=300, deadline=None)
@given(
    dash=st.sampled_from("-−–—‐‑‒﹣－"),
    before=st.sampled_from(["", " ", "  ", "\u00a0", "("]),
    after=st.sampled_from(["", " ", "  ", "\u00a0", "\t", "- "]),
    place=st.integers(0, 9),
    amount=st.integers(1, 10**6),
)
def test_a_dash_never_leaves_the_number_after_it_as_it_is(
    dash: str, before: str, after: str, place: int, amount: int
) -> None:
    """Attached it may make the number negative; anywhere else it is a word that nothing accounts for."""
    number = f"{before}{dash}{after}{amount}"
    found = match(f"How many flights were late by more than {number} minutes?", [LATE])
    assert isinstance(found, Unmatched) or (after == "" and found.values == {"n": -amount})
    words = ["How", "many", "flights", "were", "late", "by", "more", "than", str(amount), "minutes?"]
    assert isinstance(match(" ".join([*words[:place], dash, *words[place:]]), [LATE]), Unmatched)


@given(st.permutations(AIRPORTS), st.permutations(["January", "May", "October"]))
def test_swapping_two_values_swaps_the_parameters(airports: list[str], months: list[str]) -> None:
    route = taught(
        "How many flights went from {origin} to {dest} between {first} and {last}?",
        values={"origin": AIRPORTS, "dest": AIRPORTS},
        origin=of(),
        dest=of(),
        first=MONTH,
        last=MONTH,
    )
    question = "How many flights went from {} to {} between {} and {}?"
    there = match(question.format(airports[0], airports[1], months[0], months[1]), [route])
    back = match(question.format(airports[1], airports[0], months[1], months[0]), [route])
    assert isinstance(there, Filled)
    assert isinstance(back, Filled)
    assert there.values["origin"] == back.values["dest"] != there.values["dest"] == back.values["origin"]
    assert there.values["first"] == back.values["last"] != there.values["last"] == back.values["first"]
