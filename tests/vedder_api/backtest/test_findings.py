"""What a backtest's observations add up to."""

import pytest

from vedder_api.backtest.findings import Observation, auc, findings


def seen(
    score,
    failed,
    *,
    damage="columns renamed",
    share=0.4,
    cluster="sales",
    harmful=True,
    band="healthy",
    held_out=False,
):
    return Observation(cluster, damage, harmful, held_out, share, score, band, 1.0, "healthy", 20, failed, 0)


def test_the_auc_is_how_often_a_failing_cluster_scores_lower_and_a_tie_is_one_half() -> None:
    assert auc([3, 2], [1, 0]) == 1.0
    assert auc([1], [1]) == 0.5
    assert auc([0], [1]) == 0.0
    assert auc([2, 0], [1]) == 0.5


def test_without_failing_or_without_sound_clusters_there_is_no_auc() -> None:
    assert findings([seen(0.5, 10)]).whole.auc is None
    assert findings([seen(1.0, 0)]).whole.auc is None


def test_a_low_score_of_failing_clusters_predicts() -> None:
    found = findings([seen(0.3, 9), seen(0.5, 4), seen(0.9, 0), seen(1.0, 0)]).whole
    assert found.auc == 1.0
    assert found.auc_of_drop == 1.0


def test_a_score_that_says_nothing_of_failures_predicts_nothing() -> None:
    found = findings([seen(1.0, 9), seen(1.0, 4), seen(1.0, 0), seen(1.0, 0)]).whole
    assert found.auc == 0.5
    assert found.missed == 1.0


def test_a_band_that_drops_while_nothing_fails_is_a_false_alarm() -> None:
    sound = [seen(0.7, 0, band="degraded"), seen(1.0, 0), seen(1.0, 0), seen(1.0, 0)]
    assert findings(sound).whole.false_alarms == 0.25


def test_a_score_that_rises_as_damage_grows_is_named() -> None:
    series = [seen(0.6, 5, share=0.15), seen(0.8, 9, share=0.4), seen(0.5, 9, share=0.8)]
    (rise,) = findings(series).whole.rises
    assert (rise.cluster, rise.damage, rise.share) == ("sales", "columns renamed", 0.4)
    assert (rise.score, rise.less_damaged) == (0.8, 0.6)


def test_a_score_above_that_of_the_undamaged_cluster_is_a_rise_too() -> None:
    one = Observation("sales", "pairs removed", True, False, 0.15, 0.9, "healthy", 0.8, "degraded", 20, 5, 0)
    assert findings([one]).whole.rises


def test_each_cluster_and_each_kind_of_damage_is_followed_by_itself() -> None:
    others = [seen(0.5, 5), seen(0.9, 5, cluster="shipping"), seen(0.8, 5, damage="tables dropped")]
    assert not findings(others).whole.rises


def test_a_few_failures_below_one_in_twenty_do_not_make_a_cluster_fail() -> None:
    assert not seen(0.5, 0).failing
    assert seen(0.5, 1).failing
    assert not Observation("sales", "d", True, False, 0.1, 1.0, "healthy", 1.0, "healthy", 40, 1, 0).failing


def test_kinds_of_damage_are_summed_up_in_their_order() -> None:
    found = findings([seen(0.4, 10), seen(0.6, 0), seen(1.0, 0, damage="nothing", harmful=False)])
    renamed, nothing = found.by_damage
    assert (renamed.damage, renamed.observed, renamed.failing) == ("columns renamed", 2, 1)
    assert renamed.mean_score == pytest.approx(0.5)
    assert renamed.mean_failed == pytest.approx(0.25)
    assert not nothing.harmful


def test_kinds_that_the_signals_were_made_with_and_those_held_out_are_told_apart() -> None:
    found = findings([seen(0.3, 9), seen(1.0, 0), seen(1.0, 9, held_out=True), seen(0.9, 0, held_out=True)])
    assert (found.known.auc, found.held_out.auc) == (1.0, 0.0)
    assert (found.known.observed, found.held_out.observed, found.whole.observed) == (2, 2, 4)


def test_it_is_counted_where_questions_fail_and_the_score_says_nothing() -> None:
    (renamed,) = findings([seen(1.0, 9), seen(0.9, 9), seen(0.8, 0)]).by_damage
    assert (renamed.failing, renamed.noticed) == (2, 1)
