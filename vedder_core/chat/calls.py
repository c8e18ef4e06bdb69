"""Tool calls as models write them: ids made unique, and calls that came as text in place of calls.

Deliberately not here: what a call means, and the check of its arguments' values; the agent's tools do both.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pydantic import JsonValue

from vedder_core.chat.chat_model import Message, ToolCall, ToolShape

FENCED = re.compile(r"```[\w-]*[ \t]*\n?(.*?)```|<tool_call>(.*?)</tool_call>", re.DOTALL)


def with_unique_ids(calls: Sequence[ToolCall], messages: Sequence[Message]) -> tuple[ToolCall, ...]:
    """The calls, each with an id that no other call of the conversation has; a good one is kept.

    New ids have the one form that every server takes: nine letters and digits. They follow from the messages alone.
    """
    taken = {call.id for message in messages for call in message.calls} | {""}
    unique = []
    for call in calls:
        number = len(taken)
        name = call.id
        while name in taken:
            name = f"call{number:05d}"
            number += 1
        taken.add(name)
        unique.append(replace(call, id=name))
    return tuple(unique)


def calls_in_text(text: str, tools: Sequence[ToolShape]) -> tuple[str, tuple[ToolCall, ...]]:
    """The tool calls that a model wrote as text, and the text without them.

    Fenced or tagged JSON anywhere, or a text that is JSON and nothing else. It counts only as a call of a tool that
    was offered, with a JSON object that has all required arguments; everything else stays text.
    """
    whole = tuple(_calls(text, tools))
    if whole:
        return "", whole
    found: list[ToolCall] = []

    def taken_out(block: re.Match[str]) -> str:
        calls = tuple(_calls(block[1] or block[2] or "", tools))
        found.extend(calls)
        return "" if calls else block[0]

    rest = FENCED.sub(taken_out, text)
    return rest.strip() if found else text, tuple(found)


def _calls(text: str, tools: Sequence[ToolShape]) -> Iterator[ToolCall]:
    """The calls in a text that is JSON: one call, or a list of nothing but calls."""
    if text.lstrip()[:1] not in ("{", "["):
        return
    try:
        content: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return
    shapes = {tool.name: tool for tool in tools}
    calls = [_call(item, shapes) for item in (content if isinstance(content, list) else [content])]
    if all(calls):
        yield from (call for call in calls if call is not None)


def _call(item: JsonValue, shapes: Mapping[str, ToolShape]) -> ToolCall | None:
    if not isinstance(item, dict):
        return None
    function = item.get("function")
    inner = function if isinstance(function, dict) else item
    name = inner.get("name")
    arguments = _object(inner.get("arguments", inner.get("parameters")))
    if not isinstance(name, str) or name not in shapes or arguments is None:
        return None
    required = shapes[name].arguments.get("required")
    if isinstance(required, list) and not all(key in arguments for key in required):
        return None
    return ToolCall("", name, json.dumps(arguments, ensure_ascii=False))


def _object(value: JsonValue) -> dict[str, JsonValue] | None:
    """A JSON object, also where it was written as a string of JSON."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def is_object(arguments: str) -> bool:
    """Are a call's arguments a whole JSON object?"""
    return _object(arguments) is not None
