"""From a model's tool call to a tool that is used, and from the tools' code to what a model is told of them.

A call may be wrong in every way that models are: whatever can be mended is a ToolError in plain words. Deliberately not
here: counting calls and going on after them (`loop`).
"""

import inspect
import json
from collections.abc import Mapping
from functools import cache
from typing import Never, cast

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from vedder_api.agent.tools.all import TOOLS
from vedder_api.agent.tools.finding import echo
from vedder_api.agent.tools.tool import Desk, Tool, ToolError, ToolResult
from vedder_core.chat.chat_model import ToolCall, ToolShape
from vedder_core.problem import did_you_mean

DEEPEST = 3
"""How often JSON may be wrapped in a text: some servers encode arguments twice."""

WANTED = {
    "string_type": "must be a text",
    "tuple_type": "must be a list of texts",
    "string_too_short": "must not be empty",
}


@cache
def shapes() -> tuple[ToolShape, ...]:
    """Every tool as a model is told of it, from its code: the docstring is the guide."""
    return tuple(ToolShape(tool.name, inspect.getdoc(tool) or "", _schema(tool)) for tool in TOOLS)


def use(call: ToolCall, desk: Desk) -> ToolResult:
    """Use the tool that a model calls. Raises ToolError for what the model can mend."""
    tool = next((tool for tool in TOOLS if tool.name == call.name.strip()), None)
    if tool is None:
        raise ToolError(f"There is no tool {echo(call.name)}.", hint=did_you_mean(call.name, [t.name for t in TOOLS]))
    arguments = _parsed(call.arguments)
    if arguments is None:
        raise ToolError(f"The arguments of `{tool.name}` are no JSON object.", hint=_takes(tool))
    try:
        given = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        wrong = "; ".join(dict.fromkeys(_plainly(detail) for detail in error.errors(include_url=False)))
        raise ToolError(f"`{tool.name}`: {wrong}.", hint=_takes(tool)) from error
    return tool.use(cast("Never", given), desk)  # its own arguments' type, just made


def canonical(call: ToolCall) -> tuple[str, str]:
    """Equal for calls that ask for the same, however their JSON is written."""
    arguments = _parsed(call.arguments)
    written = call.arguments.strip() if arguments is None else json.dumps(arguments, sort_keys=True)
    return call.name.strip(), written


def _parsed(arguments: str) -> Mapping[str, JsonValue] | None:
    """The arguments' JSON object; no text at all is an empty one."""
    value: JsonValue = arguments.strip() or "{}"
    for _ in range(DEEPEST):
        if not isinstance(value, str):
            break
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) else None


def _schema(tool: Tool[Never]) -> dict[str, JsonValue]:
    schema: dict[str, JsonValue] = tool.arguments.model_json_schema()
    plain: dict[str, JsonValue] = {
        name: {key: value for key, value in field.items() if key not in ("title", "default")}
        for name, field in cast("dict[str, JsonValue]", schema["properties"]).items()
        if isinstance(field, dict)
    }
    required = schema.get("required", [])
    return {"type": "object", "properties": plain, "required": required, "additionalProperties": False}


def _takes(tool: Tool[Never]) -> str:
    fields = tool.arguments.model_fields.items()
    told = "; ".join(
        f"`{name}` ({'needed' if field.is_required() else 'may be left out'}): {(field.description or '').rstrip('.')}"
        for name, field in fields
    )
    return f"It takes {told}."


def _plainly(detail: ErrorDetails) -> str:
    name = echo(str(detail["loc"][0])) if detail["loc"] else "the object"
    match detail["type"]:
        case "missing":
            return f"{name} is missing"
        case "extra_forbidden":
            return f"{name} is none of its arguments"
        case "string_too_long":
            return f"{name} is longer than {detail['ctx']['max_length']:,} characters"
        case "too_long":
            return f"{name} has more than {detail['ctx']['max_length']:,} items"
        case kind:
            return f"{name} {WANTED.get(kind, 'cannot be used: ' + detail['msg'])}"
