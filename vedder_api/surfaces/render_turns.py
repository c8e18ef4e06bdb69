"""What a person gets to see of turns and conversations, as parts. How outcomes look is in `render`."""

from collections.abc import Iterator, Sequence

from vedder_api.surfaces.layout import Grid, Line, Part, Tone, lines
from vedder_api.surfaces.render import outcome_parts
from vedder_api.surfaces.render_answer import TONES
from vedder_api.turn_pages import ConversationList, ConversationPage, StepPage, TurnPage
from vedder_core.answer import Answer, Clarify, GaveUp, NotCovered, Outcome
from vedder_core.state.feedback import Feedback


def turn_parts(page: TurnPage) -> tuple[Part, ...]:
    """A turn's outcome, or why it has none; and by which ids it is found again."""
    told = outcome_parts(page.outcome) if page.outcome else (_unended(page),)
    return (*told, Line(f"Turn {page.id} of conversation {page.conversation}", "quiet"))


def conversation_parts(page: ConversationPage) -> tuple[Part, ...]:
    """Questions with what was said to them, in few words; each turn in full is elsewhere."""
    return tuple(part for turn in page.turns for part in _exchange(turn))


def conversation_list_parts(listed: ConversationList) -> tuple[Part, ...]:
    """A line a conversation, the newest first."""
    if not listed.conversations:
        return (Line("Nothing was asked yet.", "quiet"),)
    rows = tuple((c.id, f"{c.started_at:%Y-%m-%d %H:%M}", c.title) for c in listed.conversations)
    return (Grid(("conversation", "started", "first question"), rows),)


def feedback_parts(feedback: Feedback) -> tuple[Part, ...]:
    """That it was kept."""
    return (Line(feedback.comment or "without a comment", "quiet", f"Noted as {feedback.verdict}:"),)


def step_line(page: StepPage) -> Line:
    """A step while it is taken."""
    return Line(page.text, "quiet", f"{page.seq}.")


def _exchange(turn: TurnPage) -> Iterator[Part]:
    yield Line(turn.question, mark=f"{turn.number}.")
    yield from _briefly(turn.outcome) if turn.outcome else (_unended(turn),)
    yield Line(f"Turn {turn.id}, {turn.asked_at:%Y-%m-%d %H:%M} UTC", "quiet")


def _briefly(outcome: Outcome) -> Sequence[Part]:
    match outcome:
        case Answer():
            return lines(outcome.text, TONES[outcome.trust], mark=f"{outcome.trust}:")
        case NotCovered():
            return lines(outcome.reason, "warn", mark="Not covered.")
        case Clarify():
            return lines(outcome.asks, "warn", mark="Please clarify.")
        case GaveUp():
            return lines(outcome.reason, "warn", mark=f"Gave up ({outcome.limit}).")


UNENDED: dict[str, tuple[str, Tone]] = {
    "queued": ("It waits to be worked on.", "quiet"),
    "running": ("It is being worked on.", "quiet"),
    "interrupted": ("Its process ended, and nobody went on with it.", "warn"),
    "cancelled": ("It was cancelled.", "warn"),
    "failed": ("It failed.", "warn"),
    "done": ("It is done.", "quiet"),
}


def _unended(turn: TurnPage) -> Line:
    said, tone = UNENDED[turn.state]
    return Line(turn.problem or said, tone, f"{turn.state.capitalize()}:")
