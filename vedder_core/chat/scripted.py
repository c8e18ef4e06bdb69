"""A chat model that plays replies from a list or a file: for tests, trials and demonstrations without a server.

    - when: how many flights          # optional: a piece of the last message
      calls: [{name: run_sql, arguments: {sql: "SELECT count(*) FROM nyc.flights"}}]
    - text: There were 336,776 flights.

A file holds such a list (YAML or JSON), or a mapping of `replies` and `delay`, the seconds that each reply takes.
`arguments` may also be a string, which is sent as it is: to play a model that writes broken JSON.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from vedder_core.chat.calls import with_unique_ids
from vedder_core.chat.chat_model import (
    CHARACTERS_A_TOKEN,
    ChatModelError,
    Finish,
    Message,
    Reply,
    ToolCall,
    ToolShape,
)
from vedder_core.chat.counting import counted
from vedder_core.errors import SettingsError
from vedder_core.yaml_lines import LOADER


class ScriptedCall(BaseModel):
    """A tool call of a script."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    arguments: dict[str, JsonValue] | str = {}

    def written(self) -> str:
        return self.arguments if isinstance(self.arguments, str) else json.dumps(self.arguments, ensure_ascii=False)


class ScriptedReply(BaseModel):
    """A reply of a script: text, calls, or both; `when` is a piece that the last message must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    when: str | None = Field(None, min_length=1)


class Script(BaseModel):
    """A whole script, as a file holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    replies: Annotated[tuple[ScriptedReply, ...], Field(min_length=1)]
    delay: float = Field(0.0, ge=0)


@dataclass
class ScriptedChatModel:
    """Plays the replies of a script. Which one comes next follows from the messages alone.

    So it may be used by many threads, and by a process that goes on where another one died. The first message of a
    user begins at the first reply whose `when` it holds, else at the script's first reply if that has no `when`. Then
    the replies after that one follow in order; one with a `when` is passed over unless the last message holds it. A
    later message of the user's that holds the `when` of any reply goes on from there.
    """

    replies: Sequence[ScriptedReply]
    delay: float = 0.0
    name: str = "scripted"

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolShape] = (), *, most_tokens: int, seconds: float
    ) -> Reply:
        """The next reply of the script. Raises ChatModelError where none is left, or `delay` is too long."""
        time.sleep(min(self.delay, max(seconds, 0.0)))
        if self.delay > seconds:
            raise ChatModelError(
                f"{self.name}: no reply within {seconds:.0f} seconds.", hint="Lower the `delay` of the script."
            )
        said = self._next(messages)
        text = said.text[: int(most_tokens * CHARACTERS_A_TOKEN)]
        cut = len(text) < len(said.text)
        written = () if cut else tuple(ToolCall("", call.name, call.written()) for call in said.calls)
        calls = with_unique_ids(written, messages)
        finish: Finish = "length" if cut else "tools" if calls else "stop"
        return Reply(text, calls, counted(text, calls, messages, tools), finish)

    def _next(self, messages: Sequence[Message]) -> ScriptedReply:
        """The next reply, found by playing the turn again up to here. Raises ChatModelError."""
        number, due, last = -1, -1, ""
        for message in messages:
            if message.role == "assistant":
                number, due, last = self._after(number, due, last), -1, ""
            else:
                last = message.text
                due = self._named(last, due) if message.role == "user" else due
        return self.replies[self._after(number, due, last)]

    def _named(self, message: str, otherwise: int) -> int:
        named = (n for n, reply in enumerate(self.replies) if reply.when is not None and reply.when in message)
        return next(named, otherwise)

    def _after(self, number: int, due: int, last: str) -> int:
        """The number of the reply that is due, or else follows; -1 stands for none yet."""
        if due >= 0:
            return due
        later = self.replies[number + 1 :] if number >= 0 else self.replies[:1]
        for step, reply in enumerate(later, 1):
            if reply.when is None or reply.when in last:
                return number + step
        raise self._ended(last)

    def _ended(self, last: str) -> ChatModelError:
        shown = " ".join(last.split())
        shown = shown if len(shown) <= 200 else f"…{shown[-200:]}"
        return ChatModelError(
            f"{self.name}: no reply is left after the message “{shown}”.",
            hint="Add a reply to the script, or a `when` that is a piece of that message.",
        )


def read_script(file: Path) -> ScriptedChatModel:
    """The model of a script's file. Raises SettingsError that names the file and the reply that is wrong."""
    try:
        content: object = yaml.load(file.read_text(encoding="utf-8"), LOADER)  # noqa: S506 (it is the safe loader)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The script {file} cannot be read: {error}", hint="VEDDER_CHAT_MODEL is `scripted:<file>`."
        ) from error
    except yaml.YAMLError as error:
        raise SettingsError(f"The script {file} is neither YAML nor JSON: {error}", hint=SHAPE) from error
    try:
        script = TypeAdapter(Script).validate_python(content if isinstance(content, Mapping) else {"replies": content})
    except ValidationError as error:
        raise SettingsError(f"The script {file} is wrong {_told(error)}", hint=SHAPE) from error
    return ScriptedChatModel(script.replies, script.delay, f"scripted:{file.name}")


SHAPE = "A script is a list of replies, each with `text`, `calls: [{name, arguments}]` or both, and perhaps `when`."


def _told(error: ValidationError) -> str:
    """Where in the script the first mistake is, and what it is; replies are counted from 1."""
    first = error.errors()[0]
    place = [part for part in first["loc"] if part != "replies"]
    if place and isinstance(place[0], int):
        where = f"in reply {place[0] + 1}"
        place = place[1:]
    else:
        where = "as a whole"
    key = f", `{'.'.join(map(str, place))}`" if place else ""
    return f"{where}{key}: {first['msg'][:1].lower()}{first['msg'][1:]}."
