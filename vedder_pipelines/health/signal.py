"""What every health signal is: one class that turns the facts about a cluster into a reading, and says what helps.

A signal is one file with one class. Its docstring says formula, inputs, threshold and action. Which signals there
are, and how their readings become a score, is in `score`; where facts come from is in `facts`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from vedder_core.cluster import Cluster, Pair
from vedder_core.evaluation import Evaluation
from vedder_core.health import Reading
from vedder_core.overlap import Overlap
from vedder_core.profile import Profile
from vedder_core.repair import Repair
from vedder_core.verdict import Drift, Drifted, Valid, Verdict
from vedder_core.wording import Phrasings
from vedder_pipelines.checking import Checked
from vedder_pipelines.health.asked import Usage
from vedder_pipelines.health.recall import Recalled
from vedder_pipelines.health.taught import Taught, TaughtPairBefore
from vedder_pipelines.validation import Judged

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was not found out, and why, in a sentence."""

    why: str


@dataclass(frozen=True)
class Facts:
    """All that the signals may know of one cluster at one moment. Nothing here is fetched: it was found out before.

    `profiles` and `checked` are by dataset, `judged`, `drifts`, `repairs` and `recalled` by pair; `missing` are
    datasets that cannot be read. `taught` is what the cluster taught lately, whether it still does or not;
    `not_vetted` are pairs that say something else than what was vetted.
    """

    cluster: Cluster
    now: datetime
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    checked: Mapping[str, tuple[Checked, ...]] = field(default_factory=dict)
    judged: Mapping[str, Judged] = field(default_factory=dict)
    drifts: Mapping[str, tuple[Drift, ...]] = field(default_factory=dict)
    repairs: Mapping[str, Repair] = field(default_factory=dict)
    taught: Taught = field(default_factory=Taught)
    not_vetted: frozenset[str] = frozenset()
    recalled: Mapping[str, Recalled] | Unknown = Unknown("Nothing is published.")
    overlap: Overlap | Unknown = Unknown("Nothing is published.")
    usage: Usage | Unknown = Unknown("There is no state database.")
    evaluation: Evaluation | Unknown = Unknown("There is no state database.")

    def verdict(self, slug: str) -> Verdict | None:
        """May this pair teach? None where nobody judged it."""
        judged = self.judged.get(slug)
        if judged is None:
            return None
        drifts = self.drifts.get(slug, ())
        if isinstance(judged.verdict, Valid) and drifts:
            return Drifted(judged.verdict.columns, drifts)
        return judged.verdict

    def withholds(self, dataset: str, column: str) -> bool:
        """Were no values of this column told when it was last looked at?"""
        profile = self.profiles.get(dataset)
        found = profile.column(column) if profile is not None else None
        return found is not None and found.withheld is not None

    def valid_pairs(self) -> tuple[Pair, ...]:
        """Those that teach."""
        return tuple(pair for pair in self.cluster.pairs if isinstance(self.verdict(pair.slug), Valid))

    def gone_pairs(self) -> Mapping[str, TaughtPairBefore]:
        """By slug, those that were taught lately, are no pair any more, and whose question no other pair asks."""
        slugs = {pair.slug for pair in self.cluster.pairs}
        asked = Phrasings(question for pair in self.cluster.pairs for question in pair.questions())
        before = self.taught.pairs.items()
        return {slug: one for slug, one in before if slug not in slugs and not any(map(asked.ask, one.questions))}

    def gone_docs(self) -> Mapping[str, str]:
        """By slug, the titles of docs that were there lately and are no more, under no other name either."""
        slugs = {doc.slug for doc in self.cluster.docs}
        titles = {doc.title.casefold() for doc in self.cluster.docs}
        before = self.taught.docs.items()
        return {slug: doc.title for slug, doc in before if slug not in slugs and doc.title.casefold() not in titles}


@dataclass(frozen=True, slots=True)
class Remedy:
    """Something to do, and the facts as they are once it is done: so what it gains is measured and not guessed.

    `names` and `tells` are as an action has them.
    """

    text: str
    done: Callable[[Facts], Facts]
    turn: str | None = None
    names: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()


class Signal(Protocol):
    """One way to look at a cluster. `weight` is its part in the score; a reading that cannot be taken is None."""

    name: str
    weight: float

    def read(self, facts: Facts) -> Reading:
        """The reading, without actions; damage to what it looks at never raises its value."""
        ...

    def remedies(self, facts: Facts) -> Iterable[Remedy]:
        """What raises the reading, what matters most first."""
        ...


def listed(names: Iterable[str], most: int = 5) -> str:
    """A few names for a sentence; how many more there are is said."""
    named = [f"`{name}`" for name in names]
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more


def without(things: Mapping[str, T], *keys: str) -> dict[str, T]:
    """The same without some keys."""
    return {key: thing for key, thing in things.items() if key not in keys}
