"""Signal: is the data that the cluster stands on there, fresh, and as its experts expect it?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial

from vedder_core.cluster import Dataset, Expectation
from vedder_core.freshness import length, newest
from vedder_core.health import Reading
from vedder_core.profile import ColumnProfile, Figure, Profile
from vedder_core.verdict import Broken, Valid
from vedder_pipelines.checking import Checked, written_in
from vedder_pipelines.health.signal import Facts, Remedy, listed
from vedder_pipelines.validation import Judged


@dataclass(frozen=True, slots=True)
class Kept:
    """Whether one dataset's freshness rule is kept, and what was found, in a sentence."""

    kept: bool
    found: str


class DataHealth:
    """The share of what experts wrote down about their data that is true today.

    Formula: the mean over datasets of (expectations passed + freshness kept) / (expectations + freshness rules).
    A dataset that the warehouse does not have is 0, with or without rules; one that is there and has no rules is
    left out. A rule that could not be checked is not kept. No rules and nothing missing: not measured.
    Inputs: results of Great Expectations, the newest value of the freshness column in the profile, the catalog.
    Threshold: `freshness.within` of each dataset, and the arguments of each expectation.
    Action: per dataset, load it, correct the values that were not expected, or correct the rule.
    """

    name = "data_health"
    weight = 0.2

    def read(self, facts: Facts) -> Reading:
        shares = [(dataset, _share(facts, dataset)) for dataset in facts.cluster.datasets]
        measured = [share for _, share in shares if share is not None]
        unruled = [dataset.name for dataset, share in shares if share is None]
        evidence = [f"Without expectations or a freshness rule: {listed(unruled)}."] if unruled else []
        if not measured:
            return Reading(self.name, None, self.weight, tuple(evidence))
        sound = sum(1 for share in measured if share == 1)
        evidence.insert(0, f"{sound} of {len(measured)} datasets are there and as expected.")
        return Reading(self.name, sum(measured) / len(measured), self.weight, tuple(evidence))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        for dataset in facts.cluster.datasets:
            yield from _remedies(facts, dataset)
        if all(_share(facts, dataset) is None for dataset in facts.cluster.datasets) and facts.cluster.datasets:
            text = f"Write a freshness rule or an expectation in {facts.cluster.name}/cluster.yaml."
            first = facts.cluster.datasets[0]
            yield Remedy(text, lambda facts: _ruled(facts, first))


def _share(facts: Facts, dataset: Dataset) -> float | None:
    if dataset.name in facts.missing:
        return 0.0
    rules = len(dataset.expectations) + (dataset.freshness is not None)
    if rules == 0:
        return None
    passed = sum(checked.passed for checked in facts.checked.get(dataset.name, ()))
    rule = freshness_of(facts, dataset)
    return (min(passed, len(dataset.expectations)) + (rule is not None and rule.kept)) / rules


def freshness_of(facts: Facts, dataset: Dataset) -> Kept | None:
    """Is the dataset as fresh as its experts want it? None where they did not say."""
    rule = dataset.freshness
    if rule is None:
        return None
    if dataset.name in facts.missing:
        return Kept(kept=False, found=f"The warehouse has no table `{dataset.name}` that can be read.")
    latest = newest(rule, facts.profiles.get(dataset.name))
    if latest is None:
        hidden = rule.column.casefold() in {name.casefold() for name in dataset.hidden_columns()}
        column = "a hidden column" if hidden else f"`{rule.column}`"
        return Kept(kept=False, found=f"The profile knows no newest date or time of {column}, so its age is not known.")
    age = facts.now - latest
    found = f"The newest `{rule.column}` is of {latest:%d %B %Y %H:%M %Z}, {length(age)} ago"
    return Kept(age <= rule.within, f"{found}; {length(rule.within)} is allowed.")


def _remedies(facts: Facts, dataset: Dataset) -> Iterator[Remedy]:
    name = dataset.name
    if name in facts.missing:
        text = f"Load `{name}`, mend it if it is a view, or take it out of {facts.cluster.name}/cluster.yaml."
        yield Remedy(text, lambda facts: _loaded(_kept(facts, dataset), dataset))
        return
    rule = freshness_of(facts, dataset)
    if rule is not None and not rule.kept:
        text, column = f"Load newer rows into `{name}`. {rule.found}", dataset.freshness and dataset.freshness.column
        names, tells = _about(facts, name, [column] if column else [])
        yield Remedy(text, lambda facts: _loaded(facts, dataset), names=names, tells=tells)
    checked = facts.checked.get(name, ())
    for place, one in enumerate(checked):
        if not one.passed:
            text = f"Correct `{name}`, or the rule: {one.expect} ({one.about}) found {one.found}."
            profile = facts.profiles.get(name)
            columns = written_in(dataset.expectations[place], profile) if profile is not None else ()
            names, tells = _about(facts, name, columns)
            yield Remedy(text, partial(_passed, dataset=dataset, place=place), names=names, tells=tells)
    if len(checked) < len(dataset.expectations):
        text = f"Run the pipeline so that the expectations of `{name}` are checked."
        yield Remedy(text, lambda facts: _kept(facts, dataset))


def _about(facts: Facts, dataset: str, columns: Collection[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a text about these columns may name, and what it may tell values of."""
    names = tuple(f"{dataset}.{column}" for column in columns)
    return names, tuple(f"{dataset}.{column}" for column in columns if not facts.withholds(dataset, column))


def _loaded(facts: Facts, dataset: Dataset) -> Facts:
    """With a newest value of this moment in the column that the rule is about, and the pairs bound that missed it."""
    profiles = dict(facts.profiles)
    if dataset.freshness is not None:
        newest_row = ColumnProfile(dataset.freshness.column, "TIMESTAMP", maximum=facts.now.isoformat(sep=" "))
        profiles[dataset.name] = Profile(dataset.name, "", "", "", Figure(1, "exact"), (newest_row,))
    judged = {slug: _bound_to(dataset, one) for slug, one in facts.judged.items()}
    return replace(facts, missing=facts.missing - {dataset.name}, profiles=profiles, judged=judged)


def _bound_to(dataset: Dataset, judged: Judged) -> Judged:
    verdict = judged.verdict
    missed = isinstance(verdict, Broken) and (verdict.missing_table or "").casefold() == dataset.name.casefold()
    return replace(judged, verdict=Valid(())) if missed else judged


def _passed(facts: Facts, *, dataset: Dataset, place: int) -> Facts:
    checked = list(facts.checked.get(dataset.name, ()))
    checked[place] = replace(checked[place], passed=True)
    return replace(facts, checked={**facts.checked, dataset.name: tuple(checked)})


def _kept(facts: Facts, dataset: Dataset) -> Facts:
    """With every expectation of the dataset checked and found to hold."""
    passed = tuple(Checked(one.expect, "", passed=True, found="", rows=0, whole=True) for one in dataset.expectations)
    return replace(facts, checked={**facts.checked, dataset.name: passed})


def _ruled(facts: Facts, dataset: Dataset) -> Facts:
    """With a rule that holds."""
    ruled = dataset.model_copy(update={"expectations": (Expectation(expect="expect_column_to_exist"),)})
    datasets = tuple(ruled if one.name == dataset.name else one for one in facts.cluster.datasets)
    cluster = facts.cluster.model_copy(update={"datasets": datasets})
    return _kept(replace(facts, cluster=cluster), ruled)
