"""From where on does a question count as covered? Fitted to a context from its own questions and the vectors it holds.

Each pair's question is asked twice, from memory: with the pair (and every pair of the same SQL) left out, as a covered
question that nobody has asked yet, and with its whole cluster left out, as a stranger's. Plain code without Dagster;
nothing is embedded. Deliberately not here: the replay of the fast path (`replayed`).
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from vedder_core.calibration import (
    DEFAULT_THRESHOLD,
    DEFAULT_WEIGHTS,
    Calibration,
    CurvePoint,
    FastPath,
    OfCluster,
    log_odds,
)
from vedder_core.context.covered import WITNESSES, Covered, Without, telling_words
from vedder_core.context.entry import Entry, TaughtPair
from vedder_core.context.slice import Slice
from vedder_core.sql.sameness import plain_form
from vedder_pipelines.logistic import fitted

FEWEST_QUESTIONS, FEWEST_CLUSTERS = 100, 5
"""From where on a context is large enough to be fitted to; else the defaults hold."""

FEWEST_STRANGE = 50
"""Of these questions those that are a stranger's without their own cluster: no other lists their datasets."""

KEPT = (0.95, 0.9)
"""Of covered questions, the share that passes: the first where few strangers' questions then do, else the last. One
that is declined by mistake is worse than one asked in vain."""

FEW = 0.02

RELIANCE = 80
"""A cluster's threshold moves half of its own way from the common one with so many questions."""

CURVE = tuple(round(1 - step / 20, 2) for step in range(20))
MOST_QUESTIONS = 4_000
"""More say nothing new, and would take a gigabyte: of more pairs every second (third, ...) is asked."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Asked:
    """The witnesses of every question, asked as covered and as a stranger's; `own` is its cluster's place.

    `strange` says for which of them the second asking counts: not where another cluster has the same datasets.
    """

    names: tuple[str, ...]
    own: NDArray[np.intp]
    covered: NDArray[np.float64]
    strangers: NDArray[np.float64]
    strange: NDArray[np.bool_]


def calibrated(
    held: Slice, embedder: str, *, dialect: str, now: datetime, fast_paths: Mapping[str, FastPath]
) -> Calibration:
    """The calibration of everything that a context holds."""
    asked = ask_all(held, Covered(held), dialect=dialect)
    made_from, too_few = digest(held, embedder), _too_few(asked)
    weights = DEFAULT_WEIGHTS if too_few else fitted(asked.covered, asked.strangers[asked.strange], DEFAULT_WEIGHTS)
    covered, strangers = scores(asked, weights)
    threshold = DEFAULT_THRESHOLD if too_few else threshold_of(covered, strangers)
    return Calibration(
        embedder=embedder,
        made_from=made_from,
        measured_at=now,
        witnesses=WITNESSES,
        weights=weights,
        threshold=threshold,
        clusters=_of_clusters(asked, weights, threshold, fast_paths, move=not too_few),
        covered=len(covered),
        strangers=len(strangers),
        auroc=auroc(covered, strangers) if len(covered) and len(strangers) else None,
        curve=curve(covered, strangers),
        why_not=too_few,
    )


def digest(held: Slice, embedder: str) -> str:
    """What a calibration rests on: where it is the same, so is the calibration."""
    whole = "\x1f".join((embedder, *WITNESSES, *(f"{entry.id} {entry.content_hash}" for entry in held.entries)))
    return hashlib.sha256(whole.encode()).hexdigest()


def ask_all(held: Slice, covered: Covered, *, dialect: str) -> Asked:
    """Ask every pair's question both ways."""
    places = held.among(kinds=("pair",))
    places = places[:: -(-len(places) // MOST_QUESTIONS) or 1]
    entries = [held.entries[place] for place in places]
    twins, homes = _twins(entries, places, dialect), _homes(held)
    own = covered.cluster_of[places]
    shape = (len(places), len(covered.names), len(WITNESSES))
    heard, strange_heard, strange = np.zeros(shape), np.zeros(shape), np.zeros(len(places), dtype=bool)
    for row, (place, entry) in enumerate(zip(places, entries, strict=True)):
        words, cosines = telling_words(question_of(entry)), held.cosines(held.vectors[place])
        out = twins[row]
        heard[row] = covered.witnesses(words, cosines, without=Without(out))
        strange_heard[row] = covered.witnesses(words, cosines, without=Without(out, int(own[row])))
        strange[row] = not _elsewhere(entry, homes)
    strange_heard[np.arange(len(places)), own] = np.nan
    return Asked(covered.names, own, heard, strange_heard, strange)


def question_of(entry: Entry) -> str:
    """A pair's question with its blanks filled, as it is searched."""
    return entry.text.partition("\n")[0]


def scores(asked: Asked, weights: tuple[float, ...]) -> tuple[Scores, Scores]:
    """The best cluster's score of each question, as covered and as a stranger's."""
    covered = log_odds(asked.covered, weights).max(axis=1, initial=-np.inf)
    strangers = log_odds(asked.strangers[asked.strange], weights)
    return covered, np.where(np.isnan(strangers), -np.inf, strangers).max(axis=1, initial=-np.inf)


def threshold_of(covered: Scores, strangers: Scores) -> float:
    """The lowest that lets few strangers' questions pass, or the highest that keeps enough covered ones."""
    at = [float(np.quantile(covered, 1 - share)) for share in KEPT]
    return next((one for one in at if (strangers >= one).mean() <= FEW), at[-1])


def curve(covered: Scores, strangers: Scores) -> tuple[CurvePoint, ...]:
    """What each share of covered questions that pass costs in strangers' questions that pass, too."""
    if not len(covered):
        return ()
    thresholds = [float(np.quantile(covered, 1 - share)) for share in CURVE]
    return tuple(
        CurvePoint(at, share, float((strangers >= at).mean()) if len(strangers) else 0.0)
        for share, at in zip(CURVE, thresholds, strict=True)
    )


def auroc(covered: Scores, strangers: Scores) -> float:
    """How often a covered question scores above a stranger's, drawn at random; a tie counts half."""
    ordered = np.sort(strangers)
    below, upto = np.searchsorted(ordered, covered, "left"), np.searchsorted(ordered, covered, "right")
    return float((below + upto).mean() / 2 / len(strangers))


def _too_few(asked: Asked) -> str:
    """Why nothing can be fitted; empty where it can."""
    questions, clusters, strange = len(asked.own), len(set(asked.own.tolist())), int(asked.strange.sum())
    if questions < FEWEST_QUESTIONS or clusters < FEWEST_CLUSTERS:
        there = f"{questions} vetted questions of {clusters} clusters are too few"
        return f"Not calibrated: {there} (wanted are {FEWEST_QUESTIONS} of {FEWEST_CLUSTERS}). Cautious defaults hold."
    if strange < FEWEST_STRANGE:
        there = f"{strange} of {questions} vetted questions are over datasets that no other cluster lists"
        return f"Not calibrated: only {there} (wanted are {FEWEST_STRANGE}). Cautious defaults hold."
    return ""


def _of_clusters(
    asked: Asked, weights: tuple[float, ...], threshold: float, fast_paths: Mapping[str, FastPath], *, move: bool
) -> dict[str, OfCluster]:
    every = log_odds(asked.covered, weights)
    own = [every[asked.own == place, place] for place in range(len(asked.names))]
    usual = float(np.concatenate(own).mean()) if len(every) else 0.0
    at = np.array([threshold + (_moved(reached, usual) if move else 0.0) for reached in own])
    passed: NDArray[np.bool_] = np.any(every >= at, axis=1)
    return {
        name: OfCluster(
            threshold=float(at[place]),
            questions=len(own[place]),
            passed=float(passed[asked.own == place].mean()) if len(own[place]) else 0.0,
            fast_path=fast_paths.get(name, FastPath()),
        )
        for place, name in enumerate(asked.names)
    }


def _moved(reached: Scores, usual: float) -> float:
    """How far a threshold moves towards what the cluster's own questions reach: with many of them, nearly there."""
    return (float(reached.mean()) - usual) * len(reached) / (len(reached) + RELIANCE) if len(reached) else 0.0


def _twins(entries: Sequence[Entry], places: NDArray[np.intp], dialect: str) -> list[tuple[int, ...]]:
    """For each pair the places of all pairs with its SQL, its own among them."""
    same: defaultdict[str, list[int]] = defaultdict(list)
    forms = []
    for entry, place in zip(entries, places.tolist(), strict=True):
        content = entry.carried()
        forms.append(plain_form(content.pair.sql, dialect=dialect) if isinstance(content, TaughtPair) else entry.id)
        same[forms[-1]].append(place)
    return [tuple(same[form]) for form in forms]


def _homes(held: Slice) -> Mapping[str, set[str]]:
    """The clusters that list a dataset, by its folded name."""
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for place in held.among(kinds=("dataset",)):
        homes[held.entries[place].title.casefold()].add(held.entries[place].cluster)
    return homes


def _elsewhere(entry: Entry, homes: Mapping[str, set[str]]) -> bool:
    """Whether another cluster lists all datasets of a pair, so that its question is nobody's stranger."""
    lists = [homes.get(name.casefold(), set()) - {entry.cluster} for name in entry.datasets]
    return bool(lists) and bool(set.intersection(*lists))
