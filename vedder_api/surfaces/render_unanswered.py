"""What a person gets to see where there is no answer: why, what to decide or whom to ask, and what was tried."""

from collections.abc import Sequence

from vedder_api.surfaces.layout import Line, Part, listing
from vedder_api.surfaces.render_answer import query_parts, spent_words, understood_parts
from vedder_core.answer import Clarify, GaveUp, NearCluster, NotCovered, Spent
from vedder_core.calibration import Coveredness


def not_covered_parts(declined: NotCovered) -> tuple[Part, ...]:
    """Why, who may know, and which near questions do have an answer."""
    questions = [f"{pair.question} ({pair.cluster}/{pair.slug})" for pair in declined.pairs]
    return (
        *understood_parts(declined.question, declined.understood),
        Line(declined.reason, "warn", "Not covered."),
        *_who(declined.clusters),
        *listing("Vetted questions near it", questions),
        _made_with(declined.context_version, declined.spent, *_covered(declined.covered)),
    )


def _covered(covered: Coveredness | None) -> tuple[str, ...]:
    """For the curators: how near it was, and what would have been near enough."""
    if covered is None:
        return ()
    fitted = "" if covered.fitted else ", not calibrated"
    return (f"covered {covered.score:.2f} by {covered.cluster}, enough is {covered.threshold:.2f}{fitted}",)


def clarify_parts(unclear: Clarify) -> tuple[Part, ...]:
    """What to decide, and some of the ways to decide it."""
    return (
        *understood_parts(unclear.question, unclear.understood),
        Line(unclear.asks, "warn", "Please clarify."),
        *listing("It can mean", unclear.options),
        *_who(unclear.clusters),
        _made_with(unclear.context_version, unclear.spent),
    )


def gave_up_parts(left: GaveUp) -> tuple[Part, ...]:
    """What ended it, and the queries that ran until then; their rows are no answer, and so are not shown."""
    return (
        *understood_parts(left.question, left.understood),
        Line(left.reason, "warn", f"Gave up ({left.limit})."),
        *(part for query in left.tried for part in query_parts(query, "Tried:")[:2]),
        *_who(left.clusters),
        _made_with(left.context_version, left.spent),
    )


def _who(clusters: Sequence[NearCluster]) -> tuple[Part, ...]:
    return listing("Who may know", [f"{c.title} ({c.name}): {c.owner.team}, {c.owner.contact}" for c in clusters])


def _made_with(version: int, spent: Spent | None, *more: str) -> Part:
    parts = (f"Context {version}", *more, spent_words(spent))
    return Line("; ".join(part for part in parts if part), "quiet")
