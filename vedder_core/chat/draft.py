"""A reply, put together from what a server sends that speaks OpenAI's chat interface, whole or in events.

Lenient in what it reads, because servers that call themselves compatible differ; strict in what it makes of it.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, JsonValue, ValidationError

from vedder_core.chat.calls import calls_in_text, is_object, with_unique_ids
from vedder_core.chat.chat_model import Finish, Message, Reply, Tokens, ToolCall, ToolShape
from vedder_core.chat.counting import counted
from vedder_core.openai_server import looks_like_a_page, shortened

MOST_SAID = 200_000
"""Bytes of text and arguments after which an answer is cut off."""


class _Function(BaseModel):
    name: str | None = None
    arguments: str | dict[str, JsonValue] | None = None


class _Call(BaseModel):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Said(BaseModel):
    content: str | list[JsonValue] | None = None
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    index: int = 0
    message: _Said | None = None
    delta: _Said | None = None
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _Answer(BaseModel):
    """A whole answer, or one event of a stream."""

    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: JsonValue = None


class Unsound(Exception):
    """What came is no answer of a chat model; the message tells what, shortened and without the key."""


class ToldError(Unsound):
    """An error came in the place of an answer."""


class Filtered(Exception):
    """The server's own filter kept the answer back."""


@dataclass
class _Open:
    """A tool call that is still coming in."""

    index: int | None
    id: str
    name: str
    arguments: list[str] = field(default_factory=list)


@dataclass
class Draft:
    """An answer while it comes in. `hide` takes the key out of what a server says in its place."""

    hide: Callable[[str], str]
    text: list[str] = field(default_factory=list)
    calls: list[_Open] = field(default_factory=list)
    finish: str | None = None
    usage: _Usage | None = None
    spoke: bool = False
    size: int = 0

    def add(self, data: bytes | str) -> None:
        """Take in a whole answer, or one event. Raises Unsound."""
        try:
            answer = _Answer.model_validate_json(data)
        except ValidationError:
            raise Unsound(shortened(self.hide(_excerpt(data)))) from None
        if answer.error:
            raise ToldError(shortened(self.hide(_words(answer.error))))
        self.usage = answer.usage or self.usage
        for choice in answer.choices:
            if choice.index == 0:
                self._hear(choice)

    def _hear(self, choice: _Choice) -> None:
        self.finish = choice.finish_reason or self.finish
        said = choice.delta or choice.message
        if said is None:
            return
        self.spoke = True
        self._say(self.text, _plain(said.content))
        for part in said.tool_calls or ():
            self._say(self._open(part).arguments, _arguments(part.function))

    def _say(self, place: list[str], words: str) -> None:
        """Add words up to the limit; the first ones beyond it end the answer as cut off."""
        if not words or self.cut:
            return
        room = MOST_SAID - self.size
        data = words.encode(errors="replace")
        self.size += len(data)
        place.append(words if len(data) <= room else data[:room].decode(errors="ignore"))

    @property
    def cut(self) -> bool:
        return self.size > MOST_SAID

    def _open(self, part: _Call) -> _Open:
        """The call that this part belongs to. Not every server counts them, and some give all the same number."""
        name = (part.function.name if part.function else None) or ""
        same = [call for call in self.calls if part.index is None or call.index == part.index]
        begins = not same or (bool(name) and bool(part.id) and part.id != same[-1].id)
        begins = begins or (bool(name) and part.index is None)
        if begins:
            self.calls.append(_Open(part.index, part.id or "", name))
            return self.calls[-1]
        same[-1].id = same[-1].id or part.id or ""
        same[-1].name = same[-1].name or name
        return same[-1]

    def reply(self, messages: Sequence[Message], tools: Sequence[ToolShape]) -> Reply:
        """What was said. Raises Unsound where nothing was, Filtered where it was kept back."""
        if not self.spoke:
            raise Unsound("no choice in it")
        text = "".join(self.text)
        if self.finish == "content_filter" and not text.strip() and not self.calls:
            raise Filtered
        finish: Finish = "length" if self.cut or self.finish == "length" else "stop"
        named = (call for call in self.calls if call.name)
        calls = tuple(ToolCall(call.id, call.name, "".join(call.arguments) or "{}") for call in named)
        if finish == "length":
            calls = tuple(call for call in calls if is_object(call.arguments))
        elif not calls and tools:
            text, calls = calls_in_text(text, tools)
        if calls and not re.search(r"\w", text):
            text = ""  # a stray bracket
        if calls and finish == "stop":
            finish = "tools"
        return Reply(text, with_unique_ids(calls, messages), self._tokens(text, calls, messages, tools), finish)

    def _tokens(
        self, text: str, calls: Sequence[ToolCall], messages: Sequence[Message], tools: Sequence[ToolShape]
    ) -> Tokens:
        usage = self.usage
        if usage is None or not usage.prompt_tokens:
            return counted(text, calls, messages, tools)
        return Tokens(usage.prompt_tokens, usage.completion_tokens or 0)


def _plain(content: str | list[JsonValue] | None) -> str:
    if not isinstance(content, list):
        return content or ""
    parts = (part.get("text") for part in content if isinstance(part, dict))
    return "".join(part for part in parts if isinstance(part, str))


def _arguments(function: _Function | None) -> str:
    arguments = function.arguments if function else None
    return arguments if isinstance(arguments, str) else json.dumps(arguments) if arguments else ""


def _excerpt(data: bytes | str) -> str:
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    if not text.strip():
        return "nothing"
    return "a web page" if looks_like_a_page(text) else text


def _words(error: JsonValue) -> str:
    said = error.get("message") if isinstance(error, Mapping) else error
    return str(said or error)


def events(parts: Iterable[bytes]) -> Iterator[str]:
    """The data of a stream's events, as they come in."""
    for line in _lines(parts):
        if line.startswith(b"data:"):
            yield line.removeprefix(b"data:").strip().decode(errors="replace")


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    rest: list[bytes] = []
    for part in parts:
        first, *lines = part.split(b"\n")
        rest.append(first)
        if lines:
            yield b"".join(rest)
            yield from lines[:-1]
            rest = [lines[-1]]
    yield b"".join(rest)
