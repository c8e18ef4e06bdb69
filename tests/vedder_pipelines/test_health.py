"""Promises of the health signals and of the score: what they count, what they ask for, and that damage never pays."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vedder_core.cluster import Cluster, Dataset, Expectation, Freshness, Owner, Pair, Thresholds
from vedder_core.health import Reading
from vedder_core.profile import ColumnProfile, Figure, Profile
from vedder_core.verdict import Broken, Valid
from vedder_pipelines.checking import Checked
from vedder_pipelines.health.curation_age import CurationAge
from vedder_pipelines.health.data_health import DataHealth, freshness_of
from vedder_pipelines.health.pair_validity import PairValidity
from vedder_pipelines.health.score import SIGNALS, band_of, measure, score_of
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.validation import Judged

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def dataset(name="shop.orders", *, expectations=0, within=None):
    freshness = Freshness(column="loaded_at", within=within) if within else None
    expected = tuple(
        Expectation(expect="expect_column_to_exist", arguments={"column": str(n)}) for n in range(expectations)
    )
    return Dataset(name=name, description="x", freshness=freshness, expectations=expected)


def pair(slug, vetted_on=date(2026, 11, 1)):
    return Pair(slug=slug, question=f"{slug}?", teaches="x", vetted_by="Ada", vetted_on=vetted_on, sql="SELECT 1")


def cluster(*datasets, pairs=()):
    owner = Owner(team="sales", contact="#sales")
    return Cluster(name="shop", title="Shop", summary="Orders.", owner=owner, datasets=datasets, pairs=tuple(pairs))


def valid():
    return Judged("p", "s", Valid(("n",)), (), ())


def broken(**evidence):
    return Judged("p", "s", Broken(**{"reason": "No column `sum`.", **evidence}), (), ())


def checked(*passed):
    return tuple(Checked("expect_x", "amount", p, "3 of 9 values unexpected", rows=9, whole=True) for p in passed)


def profile(name="shop.orders", newest=None):
    column = ColumnProfile("loaded_at", "TIMESTAMP", maximum=newest)
    return Profile(name, "duckdb", "f", "v", Figure(9, "exact"), (column,))


def test_no_pairs_is_not_measured_and_never_counts_as_sound():
    facts = Facts(cluster(dataset()), NOW)
    assert PairValidity().read(facts).value is None
    assert CurationAge().read(facts).value is None


def test_pair_validity_is_the_share_that_binds_and_a_pair_that_was_never_judged_does_not_count():
    facts = Facts(cluster(pairs=[pair("a"), pair("b"), pair("c"), pair("d")]), NOW)
    facts = replace(facts, judged={"a": valid(), "b": valid(), "c": broken()})
    assert PairValidity().read(facts).value == 0.5


def test_a_broken_pair_is_an_action_with_file_line_column_and_new_name():
    judged = {"a": broken(missing_column="shop.orders.sum", probably="amount", line=3, column=8)}
    reading = PairValidity().read(Facts(cluster(pairs=[pair("a")]), NOW, judged=judged))
    assert reading.actions == (
        "Mend shop/pairs/a.sql: line 3 of its SQL: No column `sum`. Write `amount` in place of `sum`?",
    )


def test_data_health_is_the_mean_over_datasets_of_what_is_kept():
    facts = Facts(
        cluster(dataset("shop.orders", expectations=3, within="P1D"), dataset("shop.items", expectations=1)),
        NOW,
        profiles={"shop.orders": profile(newest="2026-11-21 02:00:00")},
        checked={"shop.orders": checked(True, True, False), "shop.items": checked(True)},
    )
    assert DataHealth().read(facts).value == (0.75 + 1) / 2


def test_a_missing_dataset_counts_as_zero_even_without_rules_and_says_what_to_do():
    facts = Facts(cluster(dataset("shop.orders", expectations=1), dataset("shop.gone")), NOW)
    facts = replace(facts, checked={"shop.orders": checked(True)}, missing=frozenset({"shop.gone"}))
    reading = DataHealth().read(facts)
    assert reading.value == 0.5
    assert reading.actions == ("Load `shop.gone`, mend it if it is a view, or take it out of shop/cluster.yaml.",)


def test_no_rules_and_nothing_missing_is_not_measured_and_asks_for_a_rule():
    reading = DataHealth().read(Facts(cluster(dataset()), NOW))
    assert reading.value is None
    assert reading.actions == ("Write a freshness rule or an expectation in shop/cluster.yaml.",)


def test_an_expectation_that_was_never_checked_has_not_passed():
    assert DataHealth().read(Facts(cluster(dataset(expectations=2)), NOW)).value == 0


@pytest.mark.parametrize(
    ("newest", "kept"),
    [
        ("2026-11-21 11:00:00", True),
        ("2026-11-20 11:59:59", False),
        ("2026-11-21 11:00:00+00", True),
        ("2026-11-20 10:00:00-05:00", True),
        ("2026-11-20", True),  # the whole day counts: it ended twelve hours ago
        ("2026-11-19", False),
        ("20261120", False),
        ("no date", False),
        (20261120, False),
        (None, False),
    ],
)
def test_freshness_looks_at_the_newest_value_of_the_column(newest, kept):
    facts = Facts(cluster(dataset(within="P1D")), NOW, profiles={"shop.orders": profile(newest=newest)})
    assert freshness_of(facts, facts.cluster.datasets[0]).kept is kept


def test_curation_age_counts_pairs_that_were_vetted_lately_and_names_the_oldest():
    pairs = [pair("new"), pair("old", date(2024, 5, 1)), pair("older", date(2023, 5, 1))]
    reading = CurationAge().read(Facts(cluster(pairs=pairs), NOW))
    assert reading.value == 1 / 3
    assert reading.actions[0] == "Vet shop/pairs/older.sql again and set `vetted_on`: Ada last did on 01 May 2023."


def test_a_third_of_the_pairs_broken_is_not_healthy_whatever_else_is_in_order():
    pairs = [pair("a"), pair("b"), pair("c")]
    facts = Facts(
        cluster(dataset(expectations=1), pairs=pairs),
        NOW,
        checked={"shop.orders": checked(True)},
        judged={"a": valid(), "b": valid(), "c": broken()},
    )
    health = measure(facts, context_version=7)
    assert health.band == "degraded"
    assert health.score == pytest.approx(2 / 3, abs=1e-6)


def test_a_cluster_in_order_is_healthy_with_nothing_to_do():
    facts = Facts(cluster(dataset(expectations=1), pairs=[pair("a")]), NOW)
    facts = replace(facts, checked={"shop.orders": checked(True)}, judged={"a": valid()})
    health = measure(facts, context_version=7)
    assert (health.score, health.band, health.actions(), health.context_version) == (1, "healthy", (), 7)


def test_nothing_measured_has_no_score_and_no_band():
    health = measure(Facts(cluster(dataset()), NOW), context_version=None)
    assert (health.score, health.band) == (None, None)


def test_bands_begin_at_the_clusters_own_thresholds():
    thresholds = Thresholds(healthy=0.9, degraded=0.5)
    assert [band_of(s, thresholds) for s in (0.9, 0.89, 0.5, 0.49)] == ["healthy", "degraded", "degraded", "critical"]


READING = st.one_of(st.none(), st.floats(0, 1))


@given(values=st.lists(READING, min_size=len(SIGNALS), max_size=len(SIGNALS)), which=st.integers(0, 2), lower=READING)
def test_a_lower_reading_or_one_that_can_no_longer_be_taken_never_raises_the_score(values, which, lower):
    before = [Reading(s.name, v, s.weight) for s, v in zip(SIGNALS, values, strict=True)]
    value = before[which].value
    worse = None if lower is None or value is None else min(lower, value)
    after = [replace(r, value=worse) if n == which else r for n, r in enumerate(before)]
    assert (score_of(after) or 0) <= (score_of(before) or 0)


@st.composite
def facts_of_a_cluster(draw):
    datasets = tuple(
        dataset(f"shop.t{n}", expectations=draw(st.integers(0, 3)), within=draw(st.sampled_from([None, "P1D"])))
        for n in range(draw(st.integers(0, 4)))
    )
    days = st.dates(date(2024, 1, 1), date(2026, 11, 20))
    pairs = [pair(f"p{n}", draw(days)) for n in range(draw(st.integers(0, 6)))]
    return Facts(
        cluster(*datasets, pairs=pairs),
        NOW,
        profiles={
            d.name: profile(d.name, draw(st.sampled_from(["2026-11-21 11:00:00", "2020-01-01", None])))
            for d in datasets
        },
        missing=frozenset(d.name for d in datasets if draw(st.booleans())),
        checked={d.name: checked(*(draw(st.booleans()) for _ in d.expectations)) for d in datasets},
        judged={p.slug: draw(st.sampled_from([valid(), broken()])) for p in pairs},
    )


def breaks_a_pair(facts, pick):
    return replace(facts, judged={**facts.judged, pick(facts.cluster.pairs).slug: broken()})


def forgets_a_verdict(facts, pick):
    gone = pick(facts.cluster.pairs).slug
    return replace(facts, judged={slug: judged for slug, judged in facts.judged.items() if slug != gone})


def loses_a_table(facts, pick):
    return replace(facts, missing=facts.missing | {pick(facts.cluster.datasets).name})


def fails_an_expectation(facts, pick):
    name = pick(facts.cluster.datasets).name
    passed = sorted(one.passed for one in facts.checked[name])
    return replace(facts, checked={**facts.checked, name: checked(False, *passed[:-1]) if passed else ()})


def forgets_the_results(facts, pick):
    gone = pick(facts.cluster.datasets).name
    return replace(facts, checked={name: results for name, results in facts.checked.items() if name != gone})


def stops_loading(facts, pick):
    name = pick(facts.cluster.datasets).name
    return replace(facts, profiles={**facts.profiles, name: profile(name, "2019-01-01")})


def loses_a_profile(facts, pick):
    gone = pick(facts.cluster.datasets).name
    return replace(facts, profiles={name: p for name, p in facts.profiles.items() if name != gone})


def ages_a_pair(facts, pick):
    old = pick(facts.cluster.pairs)
    pairs = tuple(pair(p.slug, date(2020, 1, 1)) if p.slug == old.slug else p for p in facts.cluster.pairs)
    return replace(facts, cluster=facts.cluster.model_copy(update={"pairs": pairs}))


def loses_all_pairs(facts, pick):
    return replace(facts, cluster=facts.cluster.model_copy(update={"pairs": ()}))


def loses_all_rules(facts, pick):
    bare = tuple(dataset(d.name) for d in facts.cluster.datasets)
    return replace(facts, cluster=facts.cluster.model_copy(update={"datasets": bare}))


def time_passes(facts, pick):
    return replace(facts, now=facts.now + timedelta(days=400))


DAMAGE_TO_PAIRS = (breaks_a_pair, forgets_a_verdict, ages_a_pair, loses_all_pairs)
DAMAGE_TO_DATA = (loses_a_table, fails_an_expectation, forgets_the_results, stops_loading, loses_a_profile)
DAMAGE_TO_ALL = (loses_all_rules, time_passes)


@pytest.mark.parametrize("damage", [*DAMAGE_TO_PAIRS, *DAMAGE_TO_DATA, *DAMAGE_TO_ALL], ids=lambda d: d.__name__)
@given(data=st.data())
def test_damage_never_raises_the_score(damage, data):
    facts = data.draw(facts_of_a_cluster())
    assume(facts.cluster.pairs or damage not in DAMAGE_TO_PAIRS)
    assume(facts.cluster.datasets or damage not in DAMAGE_TO_DATA)
    worse = damage(facts, lambda things: data.draw(st.sampled_from(things)))
    before, after = (measure(these, context_version=1).score for these in (facts, worse))
    assert (after or 0) <= (before or 0)
