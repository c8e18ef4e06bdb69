"""Trials, summed up: no share may look better than what was found."""

from vedder_core.evaluation import Kind, Likeness, Trial, summary


def trial(
    golden: str, result: Likeness = "same", *, number: int = 1, kind: Kind = "answer", hollow: bool = False
) -> Trial:
    return Trial(golden, "How many?", number, kind, result=result, hollow=hollow)


def test_an_empty_result_that_comes_out_right_flatters_no_share_of_the_telling_ones() -> None:
    found = summary([trial("a", hollow=True), trial("b", hollow=True), trial("c"), trial("d", "differs")], rounds=1)
    assert found.stages["same"] == 0.75
    assert (found.telling, found.hollow) == (0.5, 0.5)


def test_where_every_right_result_is_empty_there_is_no_telling_share() -> None:
    assert summary([trial("a", hollow=True)], rounds=1).telling is None


def test_a_question_that_only_failed_is_counted_as_failed_and_not_as_reproducible() -> None:
    shaky = [trial("a"), trial("a", "differs", number=2)]
    failed = [trial("b", "differs", kind="failed")]
    found = summary([*shaky, *failed], rounds=2)
    assert (found.reproducible, found.failed) == (0.0, 1)
    assert found.stages["same"] == 1 / 3
    assert summary(failed, rounds=2).reproducible is None


def test_a_question_that_failed_once_is_not_reproducible() -> None:
    found = summary([trial("a"), trial("a", "differs", number=2, kind="failed")], rounds=2)
    assert (found.reproducible, found.failed) == (0.0, 0)
