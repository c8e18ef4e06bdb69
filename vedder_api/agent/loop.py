"""The loop: the chat model speaks, its tools are used, until one of them ends the turn or a limit does.

Every step is in the journal before the next one is taken, and what is there already is not done again: so the loop
that goes on after a crash is this very loop. What is wrong with a reply goes back to the model as a message; replies
without any use are counted. Deliberately not here: limits (`budget`), tools (`tools`), outcomes (`vedder_api.ask`).
"""

import hashlib
import logging
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from time import perf_counter

import orjson
from pydantic import JsonValue, TypeAdapter

from vedder_api.agent.budget import Budget, LimitReached, size
from vedder_api.agent.prompt import prompt
from vedder_api.agent.tools.calling import canonical, use
from vedder_api.agent.tools.tool import TOOL_RESULT, Desk, Ending, ToolError, ToolResult
from vedder_api.cells import as_json
from vedder_core.answer import Limit
from vedder_core.chat.chat_model import ChatModelError, Message, PromptTooLong, Reply, ToolCall, ToolShape
from vedder_core.conversation import Journal, Payload, Step, once

MOST_FAULTS = 4
"""Replies in a row of which nothing could be used: models mend a query in one or two."""

MOST_CALLS = 8
"""Tool calls of one reply; the others are answered by a refusal."""

MOST_ANSWERED = 32
"""Tool calls of one reply that are answered at all: a reply of thousands would be thousands of steps."""

log = logging.getLogger(__name__)

_REPLY = TypeAdapter(Reply)
SHORT = 600  # characters that stay of an old tool result where a prompt was too long
KEPT_WHOLE = 2  # of the newest tool results


@dataclass(frozen=True, slots=True)
class Stopped:
    """The turn came to no end of its own: `limit` says what ended it."""

    limit: Limit
    reason: str


@dataclass
class Loop:
    """One turn's exchange with the model. `messages` begin with the instructions and the question."""

    desk: Desk
    journal: Journal
    budget: Budget
    tools: Sequence[ToolShape]
    messages: list[Message]
    faults: int = 0
    done: set[tuple[str, str]] = field(default_factory=set)

    def run(self) -> Generator[Step, None, Ending | Stopped]:
        """The steps as they are taken, and in the end what ended them. Raises TurnLost or TurnCancelled."""
        for number in count(1):
            try:
                reply = yield from self._reply(number)
            except (LimitReached, ChatModelError) as error:
                return stopped_by(error)
            ending = yield from self._act(number, reply)
            if ending is not None:
                return ending
            if self.faults >= MOST_FAULTS:
                return Stopped("faults", f"{self.faults} replies of the chat model in a row could not be used.")
        raise AssertionError  # pragma: no cover - count() has no end

    def _reply(self, number: int) -> Generator[Step, None, Reply]:
        if (was_shortened := self.journal.taken(f"request:{number}:shortened")) is not None:
            self._shorten()
        if self.budget.is_last():
            self.messages.append(Message("user", prompt("last_call")))
        taken = self.journal.taken(f"reply:{number}")
        if taken is not None:
            yield taken
            return book(taken, self.budget)
        yield once(self.journal, "model_request", f"request:{number}", lambda: requested(self.messages, self.tools))
        began = perf_counter()
        try:
            reply = self.budget.reply(self.messages, self.tools)
        except PromptTooLong:
            if was_shortened is not None or not self._shorten():
                raise
            again = requested(self.messages, self.tools)
            yield self.journal.write("model_request", f"request:{number}:shortened", again)
            reply = self.budget.reply(self.messages, self.tools)
        yield self.journal.write("model_reply", f"reply:{number}", replied(reply, perf_counter() - began))
        return reply

    def _shorten(self) -> bool:
        """Cut old tool results, if there is anything to cut; what was cut may be asked for again."""
        shortened = _shortened(self.messages)
        if shortened == self.messages:
            return False
        self.messages = shortened
        self.done.clear()
        return True

    def _act(self, number: int, reply: Reply) -> Generator[Step, None, Ending | None]:
        calls = reply.calls[:MOST_ANSWERED]
        self.messages.append(Message("assistant", reply.text, calls))
        if not calls:
            self.faults += 1
            self.messages.append(Message("user", prompt("cut_off" if reply.finish == "length" else "no_tool")))
            return None
        useful = False
        for place, call in enumerate(calls):
            key = f"tool:{number}:{place}"
            if (taken := self.journal.taken(key)) is not None:
                self.budget.passed(_seconds(taken.payload))
            step = once(self.journal, "tool_result", key, partial(self._use, call, place))
            yield step
            result = self._lay(call, step.payload)
            if result is None:
                continue
            if result.ending is not None:
                return result.ending
            useful = True
        self.faults = 0 if useful else self.faults + 1
        return None

    def _use(self, call: ToolCall, place: int) -> Payload:
        """Use one tool, for the journal. What the model can mend is an `error` with a `hint`, for it to read."""
        began = perf_counter()
        told: dict[str, JsonValue] = {"tool": call.name, "arguments": call.arguments}
        try:
            self._refuse(call, place)
            told["result"] = orjson.loads(as_json(use(call, self.desk)))
        except ToolError as error:
            told |= {"error": error.message, "hint": error.hint}
        told["milliseconds"] = round((perf_counter() - began) * 1000, 2)
        return told

    def _refuse(self, call: ToolCall, place: int) -> None:
        if place >= MOST_CALLS:
            raise ToolError(f"At most {MOST_CALLS} tools are used at once.", hint="Call it again in the next reply.")
        if canonical(call) in self.done:
            raise ToolError("This was called before, with equal arguments.", hint="Its result stands above: use it.")

    def _lay(self, call: ToolCall, payload: Payload) -> ToolResult | None:
        """Put a tool's result on the desk and before the model; None where it was an error."""
        if "error" in payload:
            text = as_json({"error": payload["error"], "hint": payload["hint"]}).decode()
            self.messages.append(Message("tool", text, answers=call.id))
            return None
        result = TOOL_RESULT.validate_python(payload["result"])
        self.desk.lay(result)
        self.done.add(canonical(call))
        self.messages.append(Message("tool", result.text, answers=call.id))
        return result


def stopped_by(error: LimitReached | ChatModelError) -> Stopped:
    """How a turn ends that a limit or its model ends. Where the model's server is stays in the log."""
    if isinstance(error, LimitReached):
        return Stopped(error.limit, f"{error.message} {error.hint}")
    log.warning("The chat model ended a turn: %s %s", error.message, error.hint)
    return Stopped("model", error.told)


def requested(messages: Sequence[Message], tools: Sequence[ToolShape]) -> Payload:
    """What is written before the model is asked: which messages, by their hash, and how long they are."""
    return {
        "hash": hashlib.sha256(as_json([list(messages), list(tools)])).hexdigest(),
        "messages": len(messages),
        "about_tokens": sum(map(size, messages)),
    }


def replied(reply: Reply, seconds: float) -> Payload:
    """A reply for the journal; `reply_from` reads it."""
    written: dict[str, JsonValue] = orjson.loads(as_json(reply))
    return {**written, "milliseconds": round(seconds * 1000, 2)}


def reply_from(payload: Payload) -> Reply:
    """A reply as the journal has it."""
    return _REPLY.validate_python({key: value for key, value in payload.items() if key != "milliseconds"})


def book(taken: Step, budget: Budget) -> Reply:
    """A reply that was given before a crash, with what it took."""
    reply = reply_from(taken.payload)
    budget.book(reply)
    budget.passed(_seconds(taken.payload))
    return reply


def _seconds(payload: Payload) -> float:
    took = payload.get("milliseconds")
    return took / 1000 if isinstance(took, int | float) else 0.0


def _shortened(messages: Sequence[Message]) -> list[Message]:
    """The messages with old tool results cut, for a model that cannot read them all."""
    tool_places = [place for place, message in enumerate(messages) if message.role == "tool"]
    old = set(tool_places[:-KEPT_WHOLE])
    return [
        Message("tool", f"{m.text[:SHORT]} … (cut)", answers=m.answers) if i in old and len(m.text) > SHORT else m
        for i, m in enumerate(messages)
    ]
