"""Questions with known answers, asked in two ways: word by word as vetted, and loosely, so that an agent must look.

The agent's model only imitates (`chat.imitating`): what it gets right is the context's merit. Deliberately not here:
what is done to the context in between.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from vedder_api.ask import Asker
from vedder_api.evaluation.golden import Golden, QuestionsError, from_pairs
from vedder_api.evaluation.results import likeness
from vedder_api.evaluation.trial import Gold, gold_of
from vedder_core.answer import Answer
from vedder_core.chat.imitating import ImitatingChatModel
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import QueryRefused, VedderError, WarehouseError

Came = Literal["right", "wrong", "none"]
"""An answer with the right rows, an answer with others, or no answer."""

LOOSELY = "My colleague wonders: {question}"
"""No vetted wording accounts for these words, so that the fast path leaves such a question to the agent."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One question in one wording, and the rows that are right, which the vetted SQL gave."""

    cluster: str
    pair: str
    question: str
    gold: Gold
    vetted: Golden


def probes(snapshot: Snapshot, asker: Asker, *, most: int) -> tuple[Probe, ...]:
    """Those questions of each cluster's valid pairs that come out right now, at most so many of a cluster and wording.

    Only these can fail later. Raises QuestionsError where there is none.
    """
    found: list[Probe] = []
    for name in sorted({entry.cluster for entry in snapshot.entries(kinds=("pair",))}):
        try:
            goldens = list(from_pairs(snapshot, (name,), dialect=asker.warehouse.dialect).goldens)
        except QuestionsError:
            continue  # no pair of it is valid
        Random(name).shuffle(goldens)  # noqa: S311 (to be repeated, not to be secret)
        for wording in ("{question}", LOOSELY):
            right = (one for one in _probes(goldens, wording, snapshot, asker) if come(one, asker) == "right")
            found += [probe for probe, _ in zip(right, range(most), strict=False)]
    if not found:
        raise QuestionsError("No question comes out right now.", hint="`vedder health` says what is wrong.")
    return tuple(found)


def _probes(goldens: Sequence[Golden], wording: str, snapshot: Snapshot, asker: Asker) -> Iterator[Probe]:
    for golden in goldens:
        try:
            gold = gold_of(golden, snapshot, asker.warehouse, asker.limits)
        except (QueryRefused, WarehouseError, QuestionsError):
            continue
        if golden.cluster is not None and not gold.is_hollow:
            yield Probe(golden.cluster, golden.id, wording.format(question=golden.question), gold, golden)


def as_of(probe: Probe, asker: Asker) -> Probe:
    """The same question, where the rows that are right are those that its vetted SQL gives on other data.

    Raises QueryRefused, WarehouseError, QuestionsError where it gives none.
    """
    return replace(probe, gold=gold_of(probe.vetted, asker.reader.snapshot(), asker.warehouse, asker.limits))


def come(probe: Probe, asker: Asker) -> Came:
    """Ask once; a vetted wording of the fast path alone, a loose one of the agent."""
    loose = probe.question.startswith(LOOSELY.partition("{")[0])
    try:
        outcome = replace(asker, chat=ImitatingChatModel() if loose else None).answer(probe.question)
    except VedderError:
        return "none"  # the warehouse or the context could not answer
    if not isinstance(outcome, Answer):
        return "none"
    same = any(likeness(rows, outcome.rows, ordered_by=places) == "same" for rows, places in probe.gold.results)
    return "right" if same else "wrong"
