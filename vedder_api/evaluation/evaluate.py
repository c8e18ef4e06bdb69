"""A question set asked through the agent: every variant, every round, one summary each.

Deliberately not here: where it is kept (`vedder_core.state`), and how it is shown (`surfaces.render_evaluation`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from vedder_api.agent.prompt import prompt_hash
from vedder_api.ask import Asker
from vedder_api.evaluation.golden import Golden, QuestionsError, QuestionSet
from vedder_api.evaluation.trial import Gold, attempt, gold_of
from vedder_api.evaluation.variants import Reduced
from vedder_core.context.snapshot import Snapshot
from vedder_core.errors import QueryRefused, WarehouseError
from vedder_core.evaluation import Evaluation, Trial, Variant

Progress = Callable[[str], None]


def evaluate(
    questions: QuestionSet, asker: Asker, *, variants: Sequence[Variant], rounds: int, progress: Progress
) -> Iterator[Evaluation]:
    """One evaluation for each variant, as each is done, all of one version of the context.

    A question whose gold SQL does not run any more is a failed trial. Raises ContextError or EmbedderError.
    """
    snapshot = asker.reader.snapshot()
    if questions.unfilled:
        progress(f"Not asked, since nothing is known to fill a blank with: {', '.join(questions.unfilled)}")
    golds = {golden.id: _gold(golden, snapshot, asker) for golden in questions.goldens}
    for variant in variants:
        asked = replace(asker, reader=Reduced(snapshot, variant))
        yield Evaluation(
            id=uuid4().hex,
            at=datetime.now(UTC),
            questions=questions.name,
            variant=variant,
            rounds=rounds,
            context_version=snapshot.version,
            embedder=snapshot.embedder,
            model=asker.chat.name if asker.chat else "",
            prompt_hash=prompt_hash() if asker.chat else "",
            trials=tuple(_trials(questions, golds, asked, variant=variant, rounds=rounds, progress=progress)),
        )


def _trials(
    questions: QuestionSet,
    golds: dict[str, Gold | str],
    asker: Asker,
    *,
    variant: Variant,
    rounds: int,
    progress: Progress,
) -> Iterator[Trial]:
    """Every question asked of the asker's snapshot, less what that question leaves out."""
    snapshot = asker.reader.snapshot()
    for place, golden in enumerate(questions.goldens, start=1):
        progress(f"{variant}: {place} of {len(questions.goldens)}: {golden.question}")
        gold = golds[golden.id]
        if isinstance(gold, str):
            yield Trial(golden.id, golden.question, 1, "failed", problem=gold)
            continue
        reduced = replace(asker, reader=Reduced(snapshot, "context", golden.left_out))
        for number in range(1, rounds + 1):
            yield attempt(golden, gold, reduced, number=number)


def _gold(golden: Golden, snapshot: Snapshot, asker: Asker) -> Gold | str:
    """The right rows, or why there are none."""
    try:
        return gold_of(golden, snapshot, asker.warehouse, asker.limits)
    except (QueryRefused, WarehouseError, QuestionsError) as error:
        return f"The gold SQL cannot be used: {error.message}"
