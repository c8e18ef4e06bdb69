"""Trials, summed up: no share may look better than what was found."""

from vedder_core.evaluation import Trial, summary


def trial(golden: str, result: str = "same", *, number: int = 1, kind: str = "answer", hollow: bool = False) -> Trial:
    return Trial(golden, "How many?", number, kind, result=result, hollow=hollow)


def test_an_empty_result_that_comes_out_right_flatters_no_share_of_the_telling_ones():
    found = summary([trial("a", hollow=True), trial("b", hollow=True), trial("c"), trial("d", "differs")], rounds=1)
    assert found.stages["same"] == 0.75
    assert (found.telling, found.hollow) == (0.5, 0.5)


def test_where_every_right_result_is_empty_there_is_no_telling_share():
    assert summary([trial("a", hollow=True)], rounds=1).telling is None
