"""Verdicts and repairs as people may see them now: without what any cluster hides or withholds at this moment.

The pipelines obey all clusters, too, but a cluster may have been published before another one began to hide or guard a
column. Deliberately not here: questions that a drifted pair would answer (`drifted`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from vedder_api.agent.drifted import told
from vedder_api.agent.showing_veil import Veil
from vedder_core.context.entry import TaughtPair
from vedder_core.repair import Repair
from vedder_core.verdict import Broken, Drifted, Verdict

NOT_TOLD = "It does not bind any more; what it is missing is not for telling."
_CODE = re.compile(r"`([^`]+)`")


def told_verdict(verdict: Verdict, veil: Veil) -> Verdict:
    """The verdict, its findings and reasons as far as they may be told."""
    match verdict:
        case Drifted(drifts=drifts):
            return replace(verdict, drifts=tuple(told(drift, veil) for drift in drifts))
        case Broken(reason=reason, missing_column=missing, probably=now):
            named = [name for name in (missing, _beside(missing, now), now) if name is not None]
            if _names_hidden(named, veil) or veil.betrays(reason):
                return Broken(NOT_TOLD, line=verdict.line, column=verdict.column)
    return verdict


def told_repair(taught: TaughtPair, veil: Veil) -> Repair | None:
    """The proposal; None also where it would tell what may not be told."""
    repair = taught.repair
    if repair is None or told_verdict(taught.verdict, veil) != taught.verdict:
        return None
    changes = " ".join(repair.changes)
    named = _CODE.findall(changes)
    datasets = {*taught.datasets, *named, *(name.rpartition(".")[0] for name in named)}
    places = [*named, *(f"{dataset}.{name}" for dataset in datasets for name in named)]
    return None if veil.betrays(changes) or _names_hidden(places, veil) else repair


def _beside(missing: str | None, now: str | None) -> str | None:
    """The new name as a column of the table of the old one."""
    return f"{missing.rpartition('.')[0]}.{now}" if missing is not None and now is not None else None


def _names_hidden(names: list[str], veil: Veil) -> bool:
    return any(veil.hides(dataset, column) for dataset, column in _split(names))


def _split(names: list[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        dataset, _, column = name.rpartition(".")
        yield dataset, column
