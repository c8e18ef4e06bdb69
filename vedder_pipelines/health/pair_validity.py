"""Signal: do the cluster's pairs still teach SQL that runs, and that says what it said when it was vetted?"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from vedder_core.cluster import Pair
from vedder_core.health import Reading
from vedder_core.repair import Repair
from vedder_core.verdict import Broken, Drifted, Valid
from vedder_pipelines.health.signal import Facts, Remedy, listed, without
from vedder_pipelines.validation import Judged


class PairValidity:
    """The share of the pairs that the cluster teaches, or taught lately, that may teach now.

    Formula: valid pairs / (all pairs + pairs that were taught lately and are gone). A pair is valid when the
    warehouse's own binder accepts it and no detector of drift speaks against it; one without a verdict is not. No
    pairs: not measured.
    Inputs: the verdict of each pair and its drifts, as their last run left them; proposed repairs; what was taught
    before.
    Threshold: none of its own, but the cluster's score is never above this reading: a third of the pairs broken is a
    third of the teaching lost, whatever else is in order.
    Action: mend each pair, in the file and at the line that are named; where a repair is proposed, look at it and
    apply it.
    """

    name = "pair_validity"
    weight = 0.3

    def read(self, facts: Facts) -> Reading:
        pairs = facts.cluster.pairs
        if not pairs:
            return Reading(self.name, None, self.weight, ("There are no pairs, so nothing is taught.",))
        verdicts = {pair.slug: facts.verdict(pair.slug) for pair in pairs}
        valid = sum(isinstance(verdict, Valid) for verdict in verdicts.values())
        drifted = [slug for slug, verdict in verdicts.items() if isinstance(verdict, Drifted)]
        unjudged = [slug for slug, verdict in verdicts.items() if verdict is None]
        gone = facts.gone_pairs()
        evidence = [f"The warehouse accepts {valid + len(drifted)} of {len(pairs)} pairs."]
        if drifted:
            evidence.append(f"They run, and no longer mean what was vetted: {listed(drifted)}.")
        if unjudged:
            evidence.append(f"Not judged yet: {listed(unjudged)}.")
        if gone:
            evidence.append(f"Taught until lately, and gone: {listed(gone)}.")
        return Reading(self.name, valid / (len(pairs) + len(gone)), self.weight, tuple(evidence))

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if not facts.cluster.pairs:
            text = f"Write and vet a first pair in {facts.cluster.name}/pairs/."
            yield Remedy(text, partial(_written, slug="first"))
        for pair in facts.cluster.pairs:
            mend = _mend(facts, pair)
            if mend is not None:
                names, tells = _about(facts, pair)
                yield Remedy(mend, partial(_valid, slug=pair.slug), names=names, tells=tells)


def _mend(facts: Facts, pair: Pair) -> str | None:
    """What to do about one pair: the file, what is wrong with it, and what would mend it; None for a valid one."""
    file = f"{facts.cluster.name}/pairs/{pair.slug}.sql"
    proposed = _proposed(facts.cluster.name, pair.slug, facts.repairs)
    match facts.verdict(pair.slug):
        case Valid():
            return None
        case Broken(probably=probably) as broken:
            place = f"line {broken.line} of its SQL: " if broken.line else ""
            gone = (broken.missing_column or broken.missing_table or "").rpartition(".")[2]
            instead = f" Write `{probably}` in place of `{gone}`?" if probably and gone and not proposed else ""
            return f"Mend {file}: {place}{broken.reason}{instead}{proposed}"
        case Drifted(drifts=drifts):
            said = " ".join(drift.said for drift in drifts)
            return f"Vet {file} again: {said}{proposed}"
        case None:
            return f"Run the pipeline so that {file} is judged."


def _about(facts: Facts, pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that the verdict names, and those whose values it may tell."""
    match facts.verdict(pair.slug):
        case Broken(missing_column=missing, probably=now):
            beside = f"{missing.rpartition('.')[0]}.{now}" if missing and now else None
            return tuple(name for name in (missing, now, beside) if name), ()
        case Drifted(drifts=drifts):
            about = [(drift.dataset, drift.column) for drift in drifts if drift.column]
            tells = [f"{dataset}.{column}" for dataset, column in about if not facts.withholds(dataset, column)]
            return tuple(f"{dataset}.{column}" for dataset, column in about), tuple(tells)
    return (), ()


def _proposed(cluster: str, slug: str, repairs: Mapping[str, Repair]) -> str:
    repair = repairs.get(slug)
    if repair is None:
        return ""
    proven = "a proposal that is proven" if repair.proof.proven else "a proposal, and which proof of it is missing"
    return f" `vedder repairs {cluster}/{slug} --diff` shows {proven}."


def _valid(facts: Facts, *, slug: str) -> Facts:
    judged = Judged("", "", Valid(()), (), ())
    return replace(
        facts,
        judged={**facts.judged, slug: judged},
        drifts=without(facts.drifts, slug),
        not_vetted=facts.not_vetted - {slug},
    )


def _written(facts: Facts, *, slug: str) -> Facts:
    pair = Pair(
        slug=slug, question="?", teaches="?", vetted_by=facts.cluster.owner.team, vetted_on=facts.now.date(), sql="?"
    )
    cluster = facts.cluster.model_copy(update={"pairs": (*facts.cluster.pairs, pair)})
    return _valid(replace(facts, cluster=cluster), slug=slug)
