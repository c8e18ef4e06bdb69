"""What a question means in its conversation: written out, so that it can be read, searched and stored by itself.

By rule where every word is accounted for, else by the chat model. Deliberately not here: answering it.
"""

from collections.abc import Generator, Sequence
from time import perf_counter

from vedder_api.agent.budget import Budget, LimitReached
from vedder_api.agent.fast_path import Filled, match
from vedder_api.agent.follow_up import followed
from vedder_api.agent.loop import replied, reply_from, requested
from vedder_api.agent.prompt import prompt
from vedder_api.agent.taught import candidate_of
from vedder_api.agent.vetted import near
from vedder_core.answer import Answer, Clarify, GaveUp, NotCovered
from vedder_core.chat.chat_model import ChatModelError, Message, Reply
from vedder_core.context.search import Search
from vedder_core.conversation import Journal, Step, Turn, once

TURNS_TOLD = 5
LONGEST_TOLD = 400  # characters of an answer: what was meant shows at its beginning
LONGEST_UNDERSTOOD = 2_000


def by_rule(question: str, earlier: Sequence[Turn], search: Search) -> str | None:
    """The whole question where no model is needed: it is a vetted one itself, or fills a blank of the last one."""
    if isinstance(near(question, search).match(question), Filled):
        return question
    last = earlier[-1]
    if not isinstance(last.outcome, Answer) or last.outcome.trust != "verified":
        return None
    pairs = search.snapshot.get([source.entry for source in last.outcome.sources if source.kind == "pair"])
    for candidate in filter(None, map(candidate_of, pairs)):
        before = match(last.understood or last.question, [candidate])
        whole = followed(question, candidate, before.values) if isinstance(before, Filled) else None
        if whole is not None:
            return whole
    return None


def by_model(
    question: str, earlier: Sequence[Turn], journal: Journal, budget: Budget
) -> Generator[Step, None, str | None]:
    """The whole question as the chat model reads it; None where it has no usable reply, and the question stands."""
    messages = [Message("user", prompt("understand", conversation=_told(earlier), question=question))]
    taken = journal.taken("reply:understood")
    if taken is None:
        yield once(journal, "model_request", "request:understood", lambda: requested(messages, ()))
        began = perf_counter()
        try:
            reply = budget.reply(messages)
        except (LimitReached, ChatModelError):
            return None  # the loop, which comes next, meets the same trouble and says so
        taken = journal.write("model_reply", "reply:understood", replied(reply, perf_counter() - began))
    else:
        budget.book(reply_from(taken.payload))
    yield taken
    return _read(reply_from(taken.payload))


def _read(reply: Reply) -> str | None:
    whole = " ".join(reply.text.split()).strip("\"'“”")
    return whole if whole and reply.finish != "length" and len(whole) <= LONGEST_UNDERSTOOD else None


def _told(earlier: Sequence[Turn]) -> str:
    return "\n".join(
        f"- Asked: {turn.understood or turn.question}\n  {_became(turn)}" for turn in earlier[-TURNS_TOLD:]
    )


def _became(turn: Turn) -> str:
    match turn.outcome:
        case Answer(text=text):
            return f"Answered: {text[:LONGEST_TOLD]}"
        case Clarify(asks=asks, options=options):
            return f"Vedder asked back: {asks} {' / '.join(options)}"
        case NotCovered(reason=reason) | GaveUp(reason=reason):
            return f"Not answered: {reason[:LONGEST_TOLD]}"
        case None:
            return "Not answered."
