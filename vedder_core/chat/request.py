"""What is sent to a server that speaks OpenAI's chat interface. What comes back is read in `draft`."""

import json
import re
from collections.abc import Sequence

from pydantic import JsonValue

from vedder_core.chat.calls import is_object
from vedder_core.chat.chat_model import Message, ToolCall, ToolShape
from vedder_core.chat.dialect import Dialect

UNFIT_FOR_A_NAME = re.compile(r"[^a-zA-Z0-9_-]")


def request(
    model: str, messages: Sequence[Message], tools: Sequence[ToolShape], *, most_tokens: int, dialect: Dialect
) -> dict[str, object]:
    """The body of a chat request, in the dialect of this server."""
    body: dict[str, object] = {"model": model, "messages": [_message(message) for message in messages]}
    body[dialect.limit] = most_tokens
    if tools:
        body["tools"] = [_tool(tool) for tool in tools]
    if dialect.temperature:
        body["temperature"] = 0
    if dialect.stream:
        body["stream"] = True
        if dialect.usage:
            body["stream_options"] = {"include_usage": True}
    return body


def _message(message: Message) -> dict[str, JsonValue]:
    # Some servers refuse `content: null` beside tool calls, so it is "".
    told: dict[str, JsonValue] = {"role": message.role, "content": message.text}
    if message.calls:
        told["tool_calls"] = [_called(call) for call in message.calls]
    if message.answers is not None:
        told["tool_call_id"] = message.answers
    return told


def _called(call: ToolCall) -> JsonValue:
    """A call of the past. Servers parse it for their templates, and break on what a model once wrote."""
    name = UNFIT_FOR_A_NAME.sub("_", call.name)[:64] or "unnamed"
    arguments = call.arguments if is_object(call.arguments) else json.dumps({"not_json": call.arguments[:1000]})
    return {"id": call.id, "type": "function", "function": {"name": name, "arguments": arguments}}


def _tool(tool: ToolShape) -> JsonValue:
    function: dict[str, JsonValue] = {
        "name": tool.name,
        "description": tool.guide,
        "parameters": dict(tool.arguments),
    }
    return {"type": "function", "function": function}
