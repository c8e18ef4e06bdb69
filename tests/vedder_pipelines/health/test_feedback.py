"""Promises of feedback: a lower bound, nothing from few opinions."""

from dataclasses import replace

from tests.vedder_pipelines.health.samples import sound, turn, usage
from vedder_pipelines.health.bounds import at_least
from vedder_pipelines.health.feedback import Feedback


def facts_with(good, bad):
    turns = [turn(f"g{n}", f"{n}?", opinions=["good"]) for n in range(good)]
    turns += [turn(f"b{n}", f"other {n}?", opinions=["bad"]) for n in range(bad)]
    return replace(sound(), usage=usage(*turns))


def test_without_enough_opinions_it_is_not_measured():
    assert Feedback().read(sound()).value is None
    assert Feedback().read(facts_with(4, 0)).value is None


def test_it_is_the_lower_bound_of_the_good_share():
    assert Feedback().read(facts_with(8, 2)).value == at_least(8, 10) < 0.8
    assert Feedback().read(facts_with(80, 20)).value > Feedback().read(facts_with(8, 2)).value


def test_the_bound_grows_with_what_is_good_and_is_never_above_the_share():
    bounds = [at_least(good, 20) for good in range(21)]
    assert bounds == sorted(bounds)
    assert all(bound <= good / 20 for good, bound in enumerate(bounds))


def test_an_answer_that_was_called_wrong_is_named_by_its_turn_and_mending_it_raises_the_reading():
    facts = facts_with(5, 1)
    (remedy,) = Feedback().remedies(facts)
    assert remedy.turn == "b0"
    assert Feedback().read(remedy.done(facts)).value > Feedback().read(facts).value
