"""Promises of the score: what it is made of, that damage never pays, and that actions are ranked by what they gain."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.vedder_pipelines.health.samples import (
    NOW,
    OWNER,
    broken,
    checked,
    cluster,
    dataset,
    doc,
    pair,
    profile,
    sound,
    turn,
    usage,
    valid,
    without_doc,
    without_pair,
)
from vedder_core.cluster import Thresholds
from vedder_core.health import Reading
from vedder_core.overlap import Overlap, Shared
from vedder_core.verdict import Drift
from vedder_pipelines.health.asked import Usage
from vedder_pipelines.health.recall import Recalled
from vedder_pipelines.health.score import OF_USE, SIGNALS, band_of, measure, read_all, score_of
from vedder_pipelines.health.signal import Facts, Unknown
from vedder_pipelines.health.taught import Taught


def score(facts):
    return score_of(read_all(facts))


def test_a_cluster_in_order_is_healthy_with_nothing_to_do_before_anybody_has_asked_it():
    health = measure(sound(docs=("orders",)), context_version=7)
    assert (health.score, health.band, health.actions(), health.context_version) == (1, "healthy", (), 7)
    assert {r.signal for r in health.readings if r.value is None} == OF_USE


def test_nothing_measured_has_no_score_and_no_band():
    health = measure(Facts(cluster(dataset()), NOW), context_version=None)
    assert (health.score, health.band) == (None, None)


def test_a_third_of_the_pairs_broken_is_not_healthy_whatever_else_is_in_order():
    facts = sound(("a", "b", "c"))
    health = measure(replace(facts, judged={**facts.judged, "c": broken()}), context_version=7)
    assert health.band == "degraded"
    assert health.score == pytest.approx(2 / 3, abs=1e-6)


def test_bands_begin_at_the_clusters_own_thresholds():
    thresholds = Thresholds(healthy=0.9, degraded=0.5)
    assert [band_of(s, thresholds) for s in (0.9, 0.89, 0.5, 0.49)] == ["healthy", "degraded", "degraded", "critical"]


def test_structure_that_was_not_measured_counts_as_nothing_and_use_that_was_not_is_left_out():
    readings = [Reading(s.name, 1.0, s.weight) for s in SIGNALS]
    unread = [replace(r, value=None) if r.signal == "overlap" else r for r in readings]
    assert score_of(unread) == 0.95
    unused = [replace(r, value=None) if r.signal in OF_USE else r for r in readings]
    assert score_of(unused) == 1


def test_praise_makes_up_for_nothing_and_bad_use_counts():
    readings = [Reading(s.name, 1.0 if s.name in OF_USE else 0.7, s.weight) for s in SIGNALS]
    assert score_of(readings) == 0.7
    bad = [replace(r, value=0.1) if r.signal == "coverage" else r for r in readings]
    assert score_of(bad) == pytest.approx((0.7 + 0.2 * 0.1) / 1.2)


def test_signals_of_use_that_are_out_of_sight_stand_as_they_were():
    asked = [turn(n, f"what of {n}?", kind="not_covered") for n in range(20)]
    before = measure(replace(sound(), usage=usage(*asked)), context_version=1)
    readings = {reading.signal: reading for reading in before.readings}
    blind = replace(sound(), usage=Unknown("It does not answer."))
    after = measure(blind, context_version=1, before=readings, lost_sight="It does not answer.")
    assert after.score == before.score < score(blind) == 1
    coverage = next(reading for reading in after.readings if reading.signal == "coverage")
    assert coverage.evidence[0] == "It does not answer. What was read before stands."


def test_actions_are_ranked_by_what_the_score_gains_when_they_are_done():
    facts = sound(("a", "b", "c", "d"))
    old = tuple(one.model_copy(update={"vetted_on": date(2020, 1, 1)}) for one in facts.cluster.pairs[:1])
    facts = replace(
        facts,
        cluster=facts.cluster.model_copy(update={"pairs": (*old, *facts.cluster.pairs[1:])}),
        judged={**facts.judged, "d": broken()},
        checked={"shop.orders": checked(False)},
    )
    health = measure(facts, context_version=1)
    gains = [action.gain for action in health.actions()]
    assert gains == sorted(gains, reverse=True)
    loading = next(action for action in health.actions() if "Correct `shop.orders`" in action.text)
    now = replace(facts, checked={"shop.orders": checked(True)})
    assert loading.gain == pytest.approx(score(now) - health.score, abs=1e-4)
    assert loading.gain > 0


def test_carrying_out_all_actions_one_after_the_other_never_lowers_the_score_and_ends_in_order():
    facts = sound(("a", "b", "c"), docs=("orders",))
    facts = without_doc(without_pair(replace(facts, judged={**facts.judged, "b": broken()}), "c"), "orders")
    for _ in range(10):
        remedies = [remedy for signal in SIGNALS for remedy in signal.remedies(facts)]
        if not remedies:
            break
        better = remedies[0].done(facts)
        assert score(better) >= score(facts)
        facts = better
    assert (score(facts), remedies) == (1, [])


READING = st.one_of(st.none(), st.floats(0, 1))


@given(
    values=st.lists(READING, min_size=len(SIGNALS), max_size=len(SIGNALS)),
    which=st.integers(0, len(SIGNALS) - 1),
    lower=READING,
)
def test_a_lower_reading_or_structure_that_can_no_longer_be_read_never_raises_the_score(values, which, lower):
    before = [Reading(s.name, v, s.weight) for s, v in zip(SIGNALS, values, strict=True)]
    value = before[which].value
    worse = None if lower is None or value is None else min(lower, value)
    assume(not (worse is None and value is not None and before[which].signal in OF_USE))
    after = [replace(r, value=worse) if n == which else r for n, r in enumerate(before)]
    assert (score_of(after) or 0) <= (score_of(before) or 0)


@given(values=st.lists(READING, min_size=len(SIGNALS), max_size=len(SIGNALS)))
def test_that_use_is_measured_never_raises_the_score(values):
    used = [Reading(s.name, v, s.weight) for s, v in zip(SIGNALS, values, strict=True)]
    unused = [replace(r, value=None) if r.signal in OF_USE else r for r in used]
    assert (score_of(used) or 0) <= (score_of(unused) or 0)


@st.composite
def facts_of_a_cluster(draw):
    datasets = tuple(
        dataset(f"shop.t{n}", expectations=draw(st.integers(0, 3)), within=draw(st.sampled_from([None, "P1D"])))
        for n in range(draw(st.integers(0, 4)))
    )
    days = st.dates(date(2024, 1, 1), date(2026, 11, 20))
    pairs = tuple(pair(f"p{n}", draw(days)) for n in range(draw(st.integers(0, 6))))
    docs = tuple(doc(f"d{n}") for n in range(draw(st.integers(0, 3))))
    judged = {p.slug: draw(st.sampled_from([valid(), valid(), broken()])) for p in pairs}
    whole = cluster(*datasets, pairs=pairs, docs=docs)
    gone = [pair(f"gone{n}") for n in range(draw(st.integers(0, 2)))]
    teaching = [p for p in pairs if draw(st.booleans()) or judged[p.slug] == valid()]
    shared = [Shared("question", p.question, p.slug, "x", "other", OWNER, draw(st.booleans())) for p in pairs]
    shared += [Shared("term", d.title, d.slug, "x", "other", OWNER, draw(st.booleans())) for d in docs]
    asked = [
        turn(
            n,
            draw(st.sampled_from([*(p.question for p in (*pairs, *gone)), f"Something else, number {n}?"])),
            kind=draw(st.sampled_from(["answer", "answer", "not_covered", "gave_up"])),
            trust=draw(st.sampled_from(["verified", "grounded", "exploratory"])),
            sql=draw(st.sampled_from([*(p.sql for p in (*pairs, *gone)), "SELECT 1"])),
            opinions=draw(st.lists(st.sampled_from(["good", "bad"]), max_size=2)),
            caller=draw(st.sampled_from(["ada", "bob"])),
        )
        for n in range(draw(st.integers(0, 12)))
    ]
    return Facts(
        whole,
        NOW,
        profiles={
            d.name: profile(d.name, draw(st.sampled_from(["2026-11-21 11:00:00", "2020-01-01", None])))
            for d in datasets
        },
        missing=frozenset(d.name for d in datasets if draw(st.booleans())),
        checked={d.name: checked(*(draw(st.booleans()) for _ in d.expectations)) for d in datasets},
        judged=judged,
        taught=Taught().and_now(whole, (*teaching, *gone), NOW, dialect="duckdb"),
        recalled={p.slug: Recalled(1, opened=draw(st.booleans())) for p in pairs},
        overlap=Overlap(tuple(shared), len(datasets) + len(docs) + len(pairs)),
        usage=draw(st.sampled_from([usage(*asked), Unknown("There is none.")])),
    )


def breaks_a_pair(facts, pick):
    return replace(facts, judged={**facts.judged, pick(facts.cluster.pairs).slug: broken()})


def drifts(facts, pick):
    found = Drift("vanished_literal", "No row says so any more.", "shop.t0")
    return replace(facts, drifts={**facts.drifts, pick(facts.cluster.pairs).slug: (found,)})


def forgets_a_verdict(facts, pick):
    gone = pick(facts.cluster.pairs).slug
    return replace(facts, judged={slug: judged for slug, judged in facts.judged.items() if slug != gone})


def drops_a_pair(facts, pick):
    """One that taught: to delete one that never could is no damage."""
    taught = [one for one in facts.cluster.pairs if one.slug in facts.taught.pairs]
    return without_pair(facts, pick(taught).slug) if taught else facts


def changes_sql_that_nobody_vets(facts, pick):
    return replace(facts, not_vetted=facts.not_vetted | {pick(facts.cluster.pairs).slug})


def is_not_recalled_any_more(facts, pick):
    slug = pick(facts.cluster.pairs).slug
    return replace(facts, recalled={**facts.recalled, slug: Recalled(4, opened=False)})


def ages_a_pair(facts, pick):
    old = pick(facts.cluster.pairs)
    pairs = tuple(pair(p.slug, date(2020, 1, 1)) if p.slug == old.slug else p for p in facts.cluster.pairs)
    return replace(facts, cluster=facts.cluster.model_copy(update={"pairs": pairs}))


def loses_all_pairs(facts, pick):
    for one in facts.cluster.pairs:
        facts = without_pair(facts, one.slug)
    return facts


def is_contradicted(facts, pick):
    one = pick(facts.cluster.pairs)
    found = Shared("question", one.question, one.slug, "y", "another", OWNER, conflicts=True)
    return replace(facts, overlap=Overlap((*facts.overlap.shared, found), facts.overlap.of))


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


def drops_a_doc(facts, pick):
    return without_doc(facts, pick(facts.cluster.docs).slug)


def loses_all_rules(facts, pick):
    bare = tuple(dataset(d.name) for d in facts.cluster.datasets)
    return replace(facts, cluster=facts.cluster.model_copy(update={"datasets": bare}))


def time_passes(facts, pick):
    return replace(facts, now=facts.now + timedelta(days=400))


def is_published_no_more(facts, pick):
    return replace(facts, recalled=Unknown("Nothing is there."), overlap=Unknown("Nothing is there."))


def does_not_answer_somebody(facts, pick):
    asked = usage(turn("new", "Something quite new?", kind="not_covered", caller="eve")).asked
    return replace(facts, usage=replace(facts.usage, asked=(*facts.usage.asked, *asked)))


def is_called_wrong(facts, pick):
    wrong = pick(facts.usage.asked)
    worse = replace(wrong, bad=wrong.bad + 1, last=replace(wrong.last, opinions=("bad",)))
    asked = tuple(worse if one is wrong else one for one in facts.usage.asked)
    return replace(facts, usage=replace(facts.usage, asked=asked))


DAMAGE_TO_PAIRS = (
    breaks_a_pair,
    drifts,
    forgets_a_verdict,
    drops_a_pair,
    changes_sql_that_nobody_vets,
    is_not_recalled_any_more,
    ages_a_pair,
    loses_all_pairs,
    is_contradicted,
)
DAMAGE_TO_DATA = (loses_a_table, fails_an_expectation, forgets_the_results, stops_loading, loses_a_profile)
DAMAGE_TO_DOCS = (drops_a_doc,)
DAMAGE_TO_USE = (does_not_answer_somebody, is_called_wrong)
DAMAGE_TO_ALL = (loses_all_rules, time_passes, is_published_no_more)
DAMAGE = (*DAMAGE_TO_PAIRS, *DAMAGE_TO_DATA, *DAMAGE_TO_DOCS, *DAMAGE_TO_USE, *DAMAGE_TO_ALL)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda d: d.__name__)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_damage_never_raises_the_score(damage, data):
    facts = data.draw(facts_of_a_cluster())
    assume(facts.cluster.pairs or damage not in DAMAGE_TO_PAIRS)
    assume(facts.cluster.datasets or damage not in DAMAGE_TO_DATA)
    assume(facts.cluster.docs or damage not in DAMAGE_TO_DOCS)
    assume(damage not in DAMAGE_TO_USE or (isinstance(facts.usage, Usage) and facts.usage.asked))
    worse = damage(facts, lambda things: data.draw(st.sampled_from(things)))
    assert (score(worse) or 0) <= (score(facts) or 0)


@settings(deadline=None, max_examples=30)
@given(facts=facts_of_a_cluster())
def test_what_an_action_gains_is_never_less_than_nothing(facts):
    for action in measure(facts, context_version=1).actions():
        assert action.gain is not None
        assert action.gain >= 0


@pytest.mark.parametrize("damage", [breaks_a_pair, drifts, drops_a_pair, changes_sql_that_nobody_vets, drops_a_doc])
def test_what_a_sound_cluster_loses_lowers_its_score(damage):
    facts = sound(("a", "b", "c", "d"), docs=("orders",))
    assert score(damage(facts, lambda things: things[0])) < score(facts)


@pytest.mark.parametrize("lost", [1, 2, 3])
@pytest.mark.parametrize("damage", [breaks_a_pair, drifts, drops_a_pair, changes_sql_that_nobody_vets])
def test_the_score_is_at_most_the_share_of_the_pairs_that_are_left(damage, lost):
    facts = sound(("a", "b", "c", "d"))
    for _ in range(lost):
        left = [p for p in facts.cluster.pairs if facts.judged[p.slug] == valid() and p.slug not in facts.drifts]
        left = [p for p in left if p.slug not in facts.not_vetted]
        facts = damage(facts, lambda things, left=left: left[0])
    assert score(facts) <= 1 - lost / 4
