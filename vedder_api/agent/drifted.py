"""Questions whose vetted pair still runs and now misleads: they are declined, with what was found and who can mend it.

Such a pair is nowhere in what is searched, so neither the fast path nor the model meets it; it is looked up here only
to say why there is no answer.
"""

from dataclasses import dataclass

from vedder_api.agent.showing_veil import Veil, veil_of
from vedder_api.agent.taught import candidate_of
from vedder_core.context.entry import ClusterCard, Entry
from vedder_core.context.snapshot import Snapshot
from vedder_core.matching.fast_path import fillings
from vedder_core.matching.wording import MOST_CHARACTERS, read
from vedder_core.verdict import Drift, Drifted

TELLING = ("unit_shift", "moved_partition")
"""Detectors whose sentences tell of values."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The pair that would have answered, why it does not, and the cluster whose owner can mend it."""

    entry: Entry
    card: ClusterCard
    reason: str


def withheld(question: str, snapshot: Snapshot) -> Withheld | None:
    """The drifted pair that says exactly this question; None where there is none."""
    if not snapshot.drifted or not question.strip() or len(question) > MOST_CHARACTERS:
        return None
    asked = read(question)
    cards = {card.name: card for card in snapshot.cluster_cards()}
    for entry in snapshot.drifted:
        candidate = candidate_of(entry)
        verdict = candidate.taught.verdict if candidate is not None else None
        if candidate is None or not isinstance(verdict, Drifted) or entry.cluster not in cards:
            continue
        if next(fillings(asked, candidate), None) is not None:
            reason = _reason(entry, verdict, cards[entry.cluster], veil_of(snapshot))
            return Withheld(entry, cards[entry.cluster], reason)
    return None


def _reason(entry: Entry, verdict: Drifted, card: ClusterCard, veil: Veil) -> str:
    found = " ".join(told(drift, veil).said for drift in verdict.drifts[:2])
    pair = f"{entry.cluster}/{entry.id.rpartition('/')[2]}"
    owner = f"{card.owner.team} ({card.owner.contact})"
    return (
        f"The vetted pair `{pair}` would answer this, and its data have drifted since it was vetted. {found} "
        f"{owner} can mend it."
    )


def told(drift: Drift, veil: Veil) -> Drift:
    """The finding, or only that there is one where another cluster hides or withholds what it is about."""
    about_withheld = drift.column is not None and veil.why_withheld(drift.dataset, drift.column) is not None
    tells = bool(drift.value or drift.probably) or drift.detector in TELLING
    if (about_withheld and tells) or veil.betrays(drift.said):
        return Drift(drift.detector, f"What was found of `{drift.dataset}` is not for telling.", drift.dataset)
    return drift
