"""Signal: do the cluster's pairs still teach SQL that the warehouse accepts?"""

from vedder_core.cluster import Pair
from vedder_core.health import Reading
from vedder_core.verdict import Broken, Valid
from vedder_pipelines.health.signal import Facts, listed


class PairValidity:
    """The share of the cluster's pairs that the warehouse's own binder accepts.

    Formula: valid pairs / all pairs. A pair without a verdict is not valid. No pairs: not measured.
    Inputs: the verdict of each pair, as the last run of the verdicts left it.
    Threshold: none of its own, but the cluster's score is never above this reading: a third of the pairs broken
    is a third of the teaching lost, whatever else is in order.
    Action: mend each broken pair, in the file and at the line that are named, probably with the name that is named.
    """

    name = "pair_validity"
    weight = 0.45

    def read(self, facts: Facts) -> Reading:
        pairs = facts.cluster.pairs
        if not pairs:
            return Reading(
                self.name,
                None,
                self.weight,
                ("There are no pairs, so nothing is taught.",),
                (f"Write and vet a first pair in {facts.cluster.name}/pairs/.",),
            )
        valid = [pair for pair in pairs if isinstance(_verdict(facts, pair), Valid)]
        evidence = [f"The warehouse accepts {len(valid)} of {len(pairs)} pairs."]
        unjudged = [pair.slug for pair in pairs if _verdict(facts, pair) is None]
        if unjudged:
            evidence.append(f"Not judged yet: {listed(unjudged)}.")
        actions = [action for pair in pairs if (action := _mend(facts, pair)) is not None]
        return Reading(self.name, len(valid) / len(pairs), self.weight, tuple(evidence), tuple(actions))


def _verdict(facts: Facts, pair: Pair) -> Valid | Broken | None:
    judged = facts.judged.get(pair.slug)
    return judged.verdict if judged is not None else None


def _mend(facts: Facts, pair: Pair) -> str | None:
    """What to do about one pair: the file, what is wrong with it, and the likely new name; None for a valid one."""
    file = f"{facts.cluster.name}/pairs/{pair.slug}.sql"
    match _verdict(facts, pair):
        case Valid():
            return None
        case Broken(probably=probably) as broken:
            place = f"line {broken.line} of its SQL: " if broken.line else ""
            gone = (broken.missing_column or broken.missing_table or "").rpartition(".")[2]
            instead = f" Write `{probably}` in place of `{gone}`?" if probably and gone else ""
            return f"Mend {file}: {place}{broken.reason}{instead}"
        case None:
            return f"Run the pipeline so that {file} is judged."
