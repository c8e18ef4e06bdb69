"""A chat model behind any server that speaks OpenAI's HTTP interface.

It streams, so that an endless answer is cut off and a dripping one ends in time; where a stream does not work, the
answer is asked for in one piece. This is the only layer of retries.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

from vedder_core.chat.chat_model import ChatModelError, Message, PromptTooLong, Reply, ToolShape
from vedder_core.chat.dialect import REFUSALS, Dialect
from vedder_core.chat.draft import Draft, Filtered, ToldError, Unsound, events
from vedder_core.chat.request import request
from vedder_core.openai_server import BrokenOff, Incoming, OpenAIServer, ServerProblem, whole
from vedder_core.retrying import attempts

SILENCE = 60.0
OVERFLOWS = (400, 413, 422, 500)
UNREACHED = "The chat model could not be reached. Try again later; the log says why."
BUSY = "The chat model is busy. Try again later."
REFUSED = "The chat model's server refused to answer, or failed. The log says why."
TOO_LONG = re.compile(
    r"context[ _](length|size|window)|(prompt|input) is too long|too many (input |prompt )?tokens|exceed_context",
    re.IGNORECASE,
)


class RemoteChatModel:
    """A model by its name on one server. A stream in which nothing comes for `silence` seconds is given up."""

    def __init__(self, server: OpenAIServer, model: str, *, silence: float = SILENCE) -> None:
        self.name = model
        self.server = server
        self.silence = silence
        self.dialect = Dialect()

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolShape] = (), *, most_tokens: int, seconds: float
    ) -> Reply:
        """One reply, as `ChatModel` promises it."""
        asking = _Asking(self, messages, tools, most_tokens, time.monotonic() + seconds)
        try:
            return replace(self._reply(asking, seconds), requests=asking.requests)
        except ChatModelError as error:
            error.requests = asking.requests
            raise

    def _reply(self, asking: "_Asking", seconds: float) -> Reply:
        tries = attempts(asking.again, most=self.server.attempts, first_wait=0.5, longest_wait=8, seconds=seconds)
        try:
            for attempt in tries:
                with attempt:
                    return asking.ask()
        except ServerProblem as problem:
            raise self._failed(problem) from problem
        except Unsound as error:
            raise ChatModelError(
                f"The chat model's server {self.server.url} sent something else than an answer: {error}",
                hint="VEDDER_CHAT_URL must be the base URL of an OpenAI-compatible server; it often ends in /v1.",
            ) from error
        except Filtered as error:
            raise ChatModelError(
                f"The filter of the chat model's server {self.server.url} kept the answer back.",
                hint="Ask in other words, or use another model.",
                told="The chat model's filter kept the answer back. Ask in other words.",
            ) from error
        raise AssertionError("the last attempt raises")

    def _failed(self, problem: ServerProblem) -> ChatModelError:
        server = f"The chat model's server {self.server.url}"
        if problem.status is None:
            hint = "Check VEDDER_CHAT_URL, that the server runs, and that it is fast enough for VEDDER_TURN_SECONDS."
            return ChatModelError(f"{server} gave no answer: {problem}", hint=hint, told=UNREACHED)
        hints = {
            401: "Check VEDDER_CHAT_KEY.",
            403: "Check VEDDER_CHAT_KEY.",
            404: "Check VEDDER_CHAT_URL, which often ends in /v1, and the model in VEDDER_CHAT_MODEL.",
            429: "Try again later, or ask for a higher limit there.",
        }
        other = "Look into the server's own log." if problem.again else "Check the model in VEDDER_CHAT_MODEL."
        told = BUSY if problem.status == 429 else REFUSED
        hint = hints.get(problem.status, other)
        return ChatModelError(f"{server} answered {problem.status}: {problem}", hint=hint, told=told)


@dataclass
class _Asking:
    """One reply that is being asked for, in one attempt or several."""

    model: RemoteChatModel
    messages: Sequence[Message]
    tools: Sequence[ToolShape]
    most_tokens: int
    ends: float
    in_one_piece: bool = False
    streaming: bool = False
    requests: int = 0

    def again(self, error: Exception) -> bool | float:
        """May it be asked for again? A stream that broke: at once, and in one piece."""
        if self.streaming and isinstance(error, BrokenOff | Unsound):
            self.in_one_piece = True
            return 0.0
        return error.again if isinstance(error, ServerProblem) else False

    def ask(self) -> Reply:
        """The reply, in whatever dialect the server takes; what it takes is remembered for the next one."""
        dialect = self.model.dialect
        while True:
            try:
                return self._exchange(replace(dialect, stream=dialect.stream and not self.in_one_piece))
            except ToldError as error:
                self._check_length(str(error), error)
                raise
            except ServerProblem as problem:
                said = f"{problem.code} {problem.text}"
                if problem.status in OVERFLOWS:
                    self._check_length(said, problem)
                other = dialect.without(said) if problem.status in REFUSALS else None
                if other is None:
                    raise
                self.model.dialect = dialect = other

    def _check_length(self, said: str, error: Exception) -> None:
        if TOO_LONG.search(said):
            raise PromptTooLong(
                f"The question with its context is too long for {self.model.name}: {error}",
                hint="Lower VEDDER_CONTEXT_TOKENS, or serve the model with a larger context.",
                told="The question with its context is too long for the chat model. Ask for less at once.",
            ) from error

    def _exchange(self, dialect: Dialect) -> Reply:
        self.streaming = False
        body = request(self.model.name, self.messages, self.tools, most_tokens=self.most_tokens, dialect=dialect)
        seconds = max(self.ends - time.monotonic(), 0.0)
        silence = min(self.model.silence, seconds) if dialect.stream else seconds
        self.requests += 1
        draft = self.model.server.chat(body, self._read, seconds=seconds, silence=silence)
        return draft.reply(self.messages, self.tools)

    def _read(self, incoming: Incoming) -> Draft:
        first = next(incoming.parts, b"")
        self.streaming = "event-stream" in incoming.media or first.lstrip().startswith(b"data:")
        everything = replace(incoming, parts=chain((first,), incoming.parts))
        draft = Draft(self.model.server.redacted)
        if self.streaming:
            return _streamed(everything, draft)
        draft.add(whole(everything))
        return draft


def _streamed(incoming: Incoming, draft: Draft) -> Draft:
    """The answer of a stream; it ends early where it is long enough. Raises Unsound where it just stops."""
    for data in events(incoming.parts):
        if data == "[DONE]":
            return draft
        draft.add(data)
        if draft.cut:
            return draft
    if draft.finish is None:
        raise Unsound("a stream that stopped in the middle")
    return draft
