"""Signal: does the same question get the right rows whenever it is asked?"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from vedder_core.evaluation import Evaluation, Trial
from vedder_core.health import Reading
from vedder_pipelines.health.signal import Facts, Remedy

NAMED = 3


class Reproducibility:
    """The share of the cluster's questions with known answers that came to the right rows in every round.

    Formula: questions whose trials all came to the same rows as the vetted SQL (or hold them) / all that were asked.
    Asked in one round only, or not at all: not measured. A question that is always wrong is reproducible, and no good.
    Inputs: the newest evaluation of the last 90 days with the whole context, several rounds, and pairs of this cluster
    (`vedder eval`), as the state database keeps it.
    Threshold: 2 rounds, 90 days. It only ever lowers the score: see `score`.
    Action: look at the questions that came to different rows from round to round, and at those that were wrong: a doc
    or a second pair near them tells the model what it guessed.
    """

    name = "reproducibility"
    weight = 0.1

    def read(self, facts: Facts) -> Reading:
        if not isinstance(facts.evaluation, Evaluation):
            return Reading(self.name, None, self.weight, (facts.evaluation.why,))
        found = _by_question(facts.evaluation)
        right = [question for question, trials in found.items() if all(map(_is_right, trials))]
        steady = sum(len({(trial.kind, trial.result) for trial in trials}) == 1 for trials in found.values())
        evaluation = facts.evaluation
        evidence = (
            f"{len(right)} of {len(found)} questions came to the right rows in each of {evaluation.rounds} rounds.",
            f"{steady} came to the same result each time, right or wrong.",
            f"Evaluation {evaluation.id[:8]} of {evaluation.at:%d %B %Y}, context {evaluation.context_version}.",
        )
        return Reading(self.name, len(right) / len(found), self.weight, evidence)

    def remedies(self, facts: Facts) -> Iterator[Remedy]:
        if not isinstance(facts.evaluation, Evaluation):
            return
        found = _by_question(facts.evaluation)
        wrong = {question: trials for question, trials in found.items() if not all(map(_is_right, trials))}
        changing_first = sorted(wrong.items(), key=lambda one: (len({t.result for t in one[1]}) == 1, one[0]))
        for question, trials in changing_first[:NAMED]:
            right = sum(map(_is_right, trials))
            text = f"Teach what `{question}` needs: without its pair it came right in {right} of {len(trials)} rounds."
            yield Remedy(text, partial(_taught, question=question))


def _by_question(evaluation: Evaluation) -> Mapping[str, list[Trial]]:
    found: dict[str, list[Trial]] = {}
    for trial in evaluation.trials:
        found.setdefault(trial.golden, []).append(trial)
    return found


def _is_right(trial: Trial) -> bool:
    return trial.kind == "answer" and trial.result != "differs"


def _taught(facts: Facts, *, question: str) -> Facts:
    if not isinstance(facts.evaluation, Evaluation):
        return facts
    trials = tuple(
        replace(trial, kind="answer", result="same") if trial.golden == question else trial
        for trial in facts.evaluation.trials
    )
    return replace(facts, evaluation=replace(facts.evaluation, trials=trials))
