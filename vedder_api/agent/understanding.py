"""What a question means in its conversation: written out, so that it can be read, searched and stored by itself.

By rule where every word is accounted for, else by the chat model. A follow-up that nobody could write out is not taken
for a whole question: it would be answered without what it leaves out. Deliberately not here: answering it.
"""

from collections.abc import Generator, Sequence
from time import perf_counter

from vedder_api.agent.budget import Budget
from vedder_api.agent.follow_up import followed
from vedder_api.agent.loop import book, replied, reply_from, requested
from vedder_api.agent.prompt import prompt
from vedder_api.agent.showing_values import cut, harmless
from vedder_api.agent.taught import candidate_of
from vedder_api.agent.vetted import near
from vedder_core.answer import Answer, Clarify, GaveUp, NotCovered
from vedder_core.chat.chat_model import ChatModelError, Message, Reply
from vedder_core.context.search import Search
from vedder_core.conversation import Journal, Step, Turn, once
from vedder_core.matching.fast_path import Filled, match

TURNS_TOLD = 5
LONGEST_TOLD = 400  # characters of an answer: what was meant shows at its beginning
LONGEST_ASKED = 1_000  # characters of an earlier question
LONGEST_UNDERSTOOD = 2_000
QUOTES = ('""', "''", "“”")
REPLY = "reply:understood"


def understood(
    question: str, earlier: Sequence[Turn], journal: Journal, *, search: Search, budget: Budget | None
) -> Generator[Step, None, str]:
    """The question as it reads without the conversation: by rule where that is safe, else by the model, if any.

    Raises LimitReached or ChatModelError where the model is needed and fails.
    """
    taken = journal.taken("understood")
    if taken is None:
        whole = by_rule(question, earlier, search)
        if whole is None and budget is not None:
            whole = yield from by_model(question, earlier, journal, budget)
        taken = journal.write("understood", "understood", {"question": whole or question})
    elif budget is not None:
        book_again(journal, budget)
    yield taken
    return str(taken.payload["question"])


def by_rule(question: str, earlier: Sequence[Turn], search: Search) -> str | None:
    """The whole question where no model is needed: it is a vetted one itself, or fills a blank of the last one."""
    if isinstance(near(question, search).match(question, explain=False), Filled):
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


def by_model(question: str, earlier: Sequence[Turn], journal: Journal, budget: Budget) -> Generator[Step, None, str]:
    """The whole question as the chat model reads it. Raises LimitReached, or ChatModelError also where its reply is no
    question.
    """
    messages = [Message("user", prompt("understand", conversation=_told(earlier), question=question))]
    taken = journal.taken(REPLY)
    if taken is None:
        yield once(journal, "model_request", "request:understood", lambda: requested(messages, ()))
        began = perf_counter()
        reply = budget.reply(messages)
        taken = journal.write("model_reply", REPLY, replied(reply, perf_counter() - began))
    else:
        book(taken, budget)
    yield taken
    return _read(reply_from(taken.payload))


def book_again(journal: Journal, budget: Budget) -> None:
    """Count what understanding took of the model before a crash."""
    if (taken := journal.taken(REPLY)) is not None:
        book(taken, budget)


def _read(reply: Reply) -> str:
    whole = " ".join(reply.text.split())
    if whole[:1] + whole[-1:] in QUOTES:
        whole = whole[1:-1].strip()
    if not whole or reply.finish == "length" or len(whole) > LONGEST_UNDERSTOOD:
        message = "The chat model could not say what the question means in this conversation."
        hint = "Ask it as a whole question, with all that it is about."
        raise ChatModelError(message, hint=hint, told=f"{message} {hint}")
    return whole


def _told(earlier: Sequence[Turn]) -> str:
    """The last turns, each in two lines: what was said in them, values among it, can end neither nor be more."""
    return "\n".join(
        f"- Asked: {cut(_said(turn.understood or turn.question), LONGEST_ASKED)}\n  {_became(turn)}"
        for turn in earlier[-TURNS_TOLD:]
    )


def _became(turn: Turn) -> str:
    match turn.outcome:
        case Answer(text=text):
            return f"Answered: {cut(_said(text), LONGEST_TOLD)}"
        case Clarify(asks=asks, options=options):
            return _said(f"Vedder asked back: {asks} {' / '.join(options)}")
        case NotCovered(reason=reason) | GaveUp(reason=reason):
            return f"Not answered: {cut(_said(reason), LONGEST_TOLD)}"
        case None:
            return "Not answered."


def _said(text: str) -> str:
    return " ".join(harmless(text).split())
