"""Pairs that were changed and that nobody vetted since: they teach nothing, until somebody does.

No detector: not the data drifted but the text. What was vetted is known to health (`health.taught`).
"""

from collections.abc import Mapping
from dataclasses import replace

from vedder_core.verdict import Drift
from vedder_pipelines.drift.watching import DriftReport, Looked, Watched, drifted
from vedder_pipelines.validation import VerdictReport

UNVETTED = "not_vetted"
SAID = "Nobody vetted {what} as it is now. Look at what the pair says, and set `vetted_on`."


def with_unvetted(report: DriftReport, verdicts: VerdictReport, unvetted: Mapping[str, str]) -> DriftReport:
    """The report with a finding for each of these pairs, which says what of it nobody vetted, and without one for those
    that were vetted meanwhile.
    """
    watched = {slug: _told(slug, one, verdicts, unvetted) for slug, one in report.watched.items()}
    found = drifted(verdicts.judged, {slug: one.looked for slug, one in watched.items()})
    return replace(report, watched=watched, drifted=found)


def _told(slug: str, one: Watched, verdicts: VerdictReport, unvetted: Mapping[str, str]) -> Watched:
    others = tuple(drift for drift in one.looked.drifts if drift.detector != UNVETTED)
    dataset = next(iter(verdicts.judged[slug].datasets), "")
    own = (Drift(UNVETTED, SAID.format(what=unvetted[slug]), dataset),) if slug in unvetted else ()
    looked: Looked = replace(one.looked, drifts=(*own, *others))
    return replace(one, looked=looked)
