"""Signal: is the data that the cluster stands on there, fresh, and as its experts expect it?"""

from dataclasses import dataclass

from vedder_core.cluster import Dataset
from vedder_core.freshness import length, newest
from vedder_core.health import Reading
from vedder_pipelines.health.signal import Facts, listed


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
    weight = 0.35

    def read(self, facts: Facts) -> Reading:
        shares = [(dataset, _share(facts, dataset)) for dataset in facts.cluster.datasets]
        measured = [share for _, share in shares if share is not None]
        unruled = [dataset.name for dataset, share in shares if share is None]
        evidence = [f"Without expectations or a freshness rule: {listed(unruled)}."] if unruled else []
        if not measured:
            action = f"Write a freshness rule or an expectation in {facts.cluster.name}/cluster.yaml."
            return Reading(self.name, None, self.weight, tuple(evidence), (action,))
        sound = sum(1 for share in measured if share == 1)
        evidence.insert(0, f"{sound} of {len(measured)} datasets are there and as expected.")
        actions = [action for dataset in facts.cluster.datasets for action in _actions(facts, dataset)]
        return Reading(self.name, sum(measured) / len(measured), self.weight, tuple(evidence), tuple(actions))


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


def _actions(facts: Facts, dataset: Dataset) -> list[str]:
    name = dataset.name
    if name in facts.missing:
        return [f"Load `{name}`, mend it if it is a view, or take it out of {facts.cluster.name}/cluster.yaml."]
    actions = []
    rule = freshness_of(facts, dataset)
    if rule is not None and not rule.kept:
        actions.append(f"Load newer rows into `{name}`. {rule.found}")
    checked = facts.checked.get(name, ())
    actions += [
        f"Correct `{name}`, or the rule: {one.expect} ({one.about}) found {one.found}."
        for one in checked
        if not one.passed
    ]
    if len(checked) < len(dataset.expectations):
        actions.append(f"Run the pipeline so that the expectations of `{name}` are checked.")
    return actions
