"""Two wordings ask the same when only case, punctuation, values and names of blanks differ."""

from vedder_core.wording import Phrasings, form


def test_case_punctuation_and_names_of_blanks_tell_nothing():
    assert form("How many flights left {origin}, in {month}?") == form("how many flights left {o} in {m}")
    assert form("How many left?") != form("How many landed?")


def test_a_question_is_one_of_the_phrasings_with_some_words_in_its_blanks():
    phrasings = Phrasings(["How many flights left {origin} in {month}?", "Which airline is the largest?"])
    assert phrasings.ask("how many flights left New York JFK in July")
    assert phrasings.ask("Which airline is the largest")
    assert not phrasings.ask("How many flights left in July?")
    assert not phrasings.ask("How many flights left JFK in July and at noon on rainy days if it was cold?")
    assert not phrasings.ask("Which airline is the largest now?")
