"""Promises of pair validity: what it counts, and what it asks for."""

from dataclasses import replace

from tests.vedder_pipelines.health.samples import NOW, broken, cluster, pair, sound, valid, without_pair
from vedder_core.repair import Proof, Repair
from vedder_core.verdict import Drift
from vedder_pipelines.health.pair_validity import PairValidity
from vedder_pipelines.health.signal import Facts


def read(facts):
    return PairValidity().read(facts).value


def told(facts):
    return [remedy.text for remedy in PairValidity().remedies(facts)]


def test_no_pairs_is_not_measured_and_never_counts_as_sound():
    assert read(Facts(cluster(), NOW)) is None


def test_it_is_the_share_that_binds_and_a_pair_that_was_never_judged_does_not_count():
    facts = Facts(cluster(pairs=[pair("a"), pair("b"), pair("c"), pair("d")]), NOW)
    assert read(replace(facts, judged={"a": valid(), "b": valid(), "c": broken()})) == 0.5


def test_a_broken_pair_is_an_action_with_file_line_column_and_new_name():
    judged = {"a": broken(missing_column="shop.orders.sum", probably="amount", line=3, column=8)}
    assert told(Facts(cluster(pairs=[pair("a")]), NOW, judged=judged)) == [
        "Mend shop/pairs/a.sql: line 3 of its SQL: No column `sum`. Write `amount` in place of `sum`?"
    ]


def test_a_drifted_pair_is_not_valid_and_says_what_drifted():
    found = Drift("vanished_literal", "No row of `shop.orders` has the state `sent` any more.", "shop.orders")
    facts = sound(("a", "b"), drifts={"b": (found,)})
    assert read(facts) == 0.5
    assert told(facts) == ["Vet shop/pairs/b.sql again: No row of `shop.orders` has the state `sent` any more."]


def test_a_proposed_repair_is_named_with_its_command_and_whether_it_is_proven():
    repair = Repair("shop", "a", (), "SELECT 1", "", 0.9, Proof(binds=True, result="equal"))
    facts = replace(sound(), judged={"a": broken()}, repairs={"a": repair})
    assert told(facts)[0].endswith("`vedder repairs shop/a --diff` shows a proposal that is proven.")
    unproven = replace(repair, proof=Proof(binds=True, result="not_compared", missing=("Nothing was stored.",)))
    assert told(replace(facts, repairs={"a": unproven}))[0].endswith("which proof of it is missing.")


def test_a_pair_that_was_taught_lately_and_is_gone_counts_as_not_valid():
    facts = without_pair(sound(("a", "b", "c", "d")), "d")
    assert read(facts) == 0.75


def test_a_pair_that_was_only_renamed_is_not_gone():
    facts = sound(("a", "b"))
    renamed = pair("new_name", question="What about, b?")
    pairs = (facts.cluster.pairs[0], renamed)
    judged = {**facts.judged, "new_name": valid()}
    assert read(replace(facts, cluster=facts.cluster.model_copy(update={"pairs": pairs}), judged=judged)) == 1
