"""Promises of reproducibility: right in every round."""

from dataclasses import replace

import pytest

from tests.vedder_pipelines.health.samples import NOW, sound
from vedder_core.evaluation import Evaluation, Trial
from vedder_pipelines.health.reproducibility import Reproducibility


def evaluation(**rounds):
    trials = tuple(
        Trial(f"shop/pair/{slug}", f"{slug}?", n, "answer", result=result)
        for slug, results in rounds.items()
        for n, result in enumerate(results)
    )
    return Evaluation("abcdef123456", NOW, "shop", "context", 2, 7, "e", "m", "p", trials)


def test_without_an_evaluation_it_is_not_measured():
    assert Reproducibility().read(sound()).value is None


def test_a_question_counts_when_every_round_came_to_the_right_rows():
    facts = replace(
        sound(),
        evaluation=evaluation(a=("same", "holds"), b=("same", "differs"), c=("differs", "differs"), d=("same", "same")),
    )
    reading = Reproducibility().read(facts)
    assert reading.value == 0.5
    assert "2 of 4 questions came to the right rows in each of 2 rounds." in reading.evidence
    assert reading.evidence[1] == "2 came to the same result each time, right or wrong."
    first, second = Reproducibility().remedies(facts)
    assert "`shop/pair/b`" in first.text
    assert "1 of 2 rounds" in first.text
    assert Reproducibility().read(second.done(first.done(facts))).value == pytest.approx(1)
