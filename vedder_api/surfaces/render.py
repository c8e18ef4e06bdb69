"""What a person gets to see of an outcome, as parts that every surface shows in its own way.

The same outcome is the same parts on all of them. Each kind of outcome has its file; this one only chooses.
"""

from vedder_api.surfaces.layout import Part
from vedder_api.surfaces.render_answer import answer_parts
from vedder_api.surfaces.render_unanswered import clarify_parts, gave_up_parts, not_covered_parts
from vedder_core.answer import Answer, Clarify, GaveUp, NotCovered, Outcome


def outcome_parts(outcome: Outcome) -> tuple[Part, ...]:
    """An outcome in the order of reading: what it says, why it can be trusted, what it rests on, how to check it."""
    match outcome:
        case Answer():
            return answer_parts(outcome)
        case NotCovered():
            return not_covered_parts(outcome)
        case Clarify():
            return clarify_parts(outcome)
        case GaveUp():
            return gave_up_parts(outcome)
