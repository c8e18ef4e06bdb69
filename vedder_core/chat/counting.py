"""Tokens of a request and its reply, for servers and models that do not count them."""

import json
from collections.abc import Sequence

from vedder_core.chat.chat_model import Message, Tokens, ToolCall, ToolShape, estimated_tokens


def counted(
    text: str, calls: Sequence[ToolCall], messages: Sequence[Message], tools: Sequence[ToolShape] = ()
) -> Tokens:
    """The tokens of a request and its reply, estimated."""
    read = [message.text for message in messages] + [tool.guide + json.dumps(dict(tool.arguments)) for tool in tools]
    read += [call.name + call.arguments for message in messages for call in message.calls]
    written = [text] + [call.name + call.arguments for call in calls]
    return Tokens(sum(map(estimated_tokens, read)), sum(map(estimated_tokens, written)), estimated=True)
