"""A blank takes what can be read in one way only."""

from datetime import date

import pytest

from vedder_core.cluster import Parameter, ParameterType
from vedder_core.matching.blanks import blank
from vedder_core.matching.wording import clean, words_of


def fill(kind: ParameterType, written: str, *, after: str = "") -> object:
    text = clean(written)
    return blank("x", Parameter(type=kind)).value(words_of(text), text, after=after)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2013-07-04", date(2013, 7, 4)),
        ("July 4, 2013", date(2013, 7, 4)),
        ("july 4th 2013", date(2013, 7, 4)),
        ("4 July 2013", date(2013, 7, 4)),
        ("the 4th of July, 2013", date(2013, 7, 4)),
        ("Feb. 29 2012", date(2012, 2, 29)),
    ],
)
def test_a_date_that_can_be_read_in_one_way_is_read(written: str, day: date) -> None:
    assert fill("date", written) == day


@pytest.mark.parametrize(
    "written", ["04/07/2013", "4.7.2013", "07-04-2013", "2013-02-30", "July 2013", "July 4", "4th", "2013", "today"]
)
def test_a_date_that_is_not_certain_is_no_date(written: str) -> None:
    assert fill("date", written) is None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("7", 7),
        ("1,000", 1000),
        ("-5", -5),
        ("seven", 7),
        ("twenty-one", 21),
        ("one hundred and five", 105),
        ("two thousand one hundred", 2100),
        ("three million two thousand", 3_002_000),
    ],
)
def test_whole_numbers_are_read_from_digits_and_words(written: str, number: int) -> None:
    assert fill("integer", written) == number


NO_WHOLE_NUMBERS = (
    *("1,00", "3.5", "7th", "10k", "1e3", "0x1f", "5-7", "seven eight", "twenty ten", "one hundred and", "and five"),
    *("thousand thousand", "two thousand three thousand", "minus five", "dozen", "٣", "½", "99999999999999999999"),
)


@pytest.mark.parametrize("written", NO_WHOLE_NUMBERS)
def test_what_is_no_whole_number_is_not_made_one(written: str) -> None:
    assert fill("integer", written) is None


def test_a_number_may_have_a_fraction() -> None:
    assert fill("number", "3.5") == 3.5
    assert fill("number", "1,250.75") == 1250.75
    assert fill("number", "3,5") is None


def test_a_month_is_a_name_or_a_number_that_is_called_a_month() -> None:
    assert [fill("month", name) for name in ("July", "jul", "Sept", "may")] == [7, 7, 9, 5]
    assert fill("month", "month 7") == 7
    assert fill("month", "7") is None
    assert fill("month", "7", after="month") == 7
    assert fill("month", "13", after="month") is None
    assert fill("month", "month 0") is None
    assert fill("month", "July 2013") is None


def test_a_boolean_is_yes_or_no() -> None:
    assert [fill("boolean", said) for said in ("yes", "True", "no", "false", "maybe", "1")] == (
        [True, True, False, False, None, None]
    )


def spelled(written: str, *values: str) -> object:
    text = clean(written)
    return blank("x", Parameter(values="a.b.c"), values).value(words_of(text), text)


def test_a_value_is_the_columns_own_spelling_whatever_the_case() -> None:
    assert spelled("delta air lines inc", "Delta Air Lines Inc.", "JFK") == "Delta Air Lines Inc."
    assert spelled("a320-232", "A320-232") == "A320-232"
    assert spelled("at&t", "AT&T", "AT T") == "AT&T"
    assert spelled("st. john's", "St. John's") == "St. John's"


def test_a_part_of_a_value_is_no_value() -> None:
    assert spelled("Delta", "Delta Air Lines Inc.") is None
    assert spelled("A320", "A320-232") is None
    assert spelled("A320 232", "A320-232") is None


def test_two_spellings_of_a_value_need_the_exact_one() -> None:
    assert spelled("jfk", "JFK", "Jfk") is None
    assert spelled("Jfk", "JFK", "Jfk") == "Jfk"


def test_a_default_is_typed_like_a_value() -> None:
    assert blank("m", Parameter(type="month", default="July")).default == 7
    assert blank("m", Parameter(type="month", default=7)).default == 7
    assert blank("d", Parameter(type="date", default="2013-07-04")).default == date(2013, 7, 4)
    assert blank("o", Parameter(values="a.b.c", default="jfk"), ("JFK",)).default == "JFK"


@pytest.mark.parametrize(
    ("parameter", "inside", "outside"),
    [
        (Parameter(type="integer", minimum=1, maximum=100), "100", "101"),
        (Parameter(type="number", minimum=0.5), "0.5", "0.4"),
        (Parameter(type="date", minimum=date(2013, 1, 1), maximum=date(2013, 12, 31)), "2013-12-31", "2014-01-01"),
    ],
)
def test_what_the_curator_bounds_is_not_read_beyond(parameter, inside, outside):
    from_the_context = Parameter.model_validate_json(parameter.model_dump_json())
    for bounded in (parameter, from_the_context):
        made = blank("x", bounded)
        assert made.value(words_of(inside), inside) is not None
        assert made.value(words_of(outside), outside) is None


def test_a_value_that_the_curator_took_away_is_none():
    made = blank("x", Parameter(values="a.b.c", without=("LGA",)), ("JFK", "LGA"))
    assert made.value(words_of("JFK"), "JFK") == "JFK"
    assert made.value(words_of("LGA"), "LGA") is None
