"""What a chat model is to us: messages in, one reply out. The protocol, its nouns, and the table of kinds.

Deliberately not here: HTTP (`remote`), the models that are made for trials (`scripted`, `hostile`), and every limit on
how often a model may be asked (`vedder_api.agent.budget`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from vedder_core.errors import VedderError

Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "tools", "length"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to be used; `arguments` is the JSON text as the model wrote it, sound or not."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message to or from a model; `answers` is the id of the tool call that a tool's message answers."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class ToolShape:
    """A tool as it is told to a model: its guide in Markdown, its arguments as a JSON schema of an object."""

    name: str
    guide: str
    arguments: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens read and written by the model. `estimated` says that the server did not count them."""

    prompt: int
    completion: int
    estimated: bool = False

    def __add__(self, other: "Tokens") -> "Tokens":
        return Tokens(self.prompt + other.prompt, self.completion + other.completion, self.estimated or other.estimated)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said. `finish` is `length` where it was cut off; calls that were cut off are left out.

    `requests` is how often the server was asked for it: those that came to nothing may be paid for, and are in no count
    of tokens.
    """

    text: str
    calls: tuple[ToolCall, ...]
    tokens: Tokens
    finish: Finish
    requests: int = 1


NO_REPLY = "The chat model could not be reached, or gave no usable reply. Try again later; the log says more."


class ChatModelError(VedderError):
    """The chat model gave no usable reply, after every retry.

    Message and hint are for whoever runs Vedder, and may name the server and its settings; `told` is for whoever asked.
    `requests` is how often a server was asked for nothing.
    """

    def __init__(self, message: str, *, hint: str, told: str = NO_REPLY) -> None:
        super().__init__(message, hint=hint)
        self.told = told
        self.requests = 0


class PromptTooLong(ChatModelError):
    """The messages do not fit the model's context; asking again with the same messages is of no use."""


class ChatModel(Protocol):
    """A model that can be asked. Safe to use from many threads."""

    name: str

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolShape] = (), *, most_tokens: int, seconds: float
    ) -> Reply:
        """One reply of at most `most_tokens` tokens, within `seconds` for all retries together.

        Raises ChatModelError; PromptTooLong where the messages are too many.
        """
        ...


CHARACTERS_A_TOKEN = 3.5
"""Of Markdown and SQL in English; a server's own count stands wherever there is one."""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, before any server has counted them."""
    return int(len(text.encode()) / CHARACTERS_A_TOKEN) + 1
