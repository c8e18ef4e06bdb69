"""From a YAML tree to a frozen value, with what does not fit reported in the curator's words.

The models in `cluster` say which keys there are; pydantic's own words stay here.
"""

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from vedder_core.cluster import Written
from vedder_core.problem import did_you_mean
from vedder_core.written_file import WrittenFile
from vedder_core.yaml_tree import KeyPath, Node, kind_of

W = TypeVar("W", bound=Written)

WANTED: Mapping[str, str] = {
    "bool": "must be true or false",
    "date": "must be a date such as 2026-03-14",
    "dict": "must have keys of its own, indented below it",
    "expected": "must be one of its allowed words",
    "float": "must be a number",
    "int": "must be a whole number",
    "list": "must be a list, each item on a line that begins with `- `",
    "model": "must have keys of its own, indented below it",
    "time": "must be a length of time such as `P1D` (a day), `PT12H` or `26h`",
    "tuple": "must be a list, each item on a line that begins with `- `",
}
"""The first word of pydantic's type of an error -> what the value must be."""

BOUNDS: Mapping[str, str] = {
    "greater_than": "must be more than",
    "greater_than_equal": "must be at least",
    "less_than": "must be less than",
    "less_than_equal": "must be at most",
}


def fit(model: type[W], node: Node, file: WrittenFile, *, given: Mapping[str, object] | None = None) -> W | None:
    """The value that `node` and the `given` fields make; None once everything that does not fit is reported.

    A given field is known from elsewhere (a name from a folder): the caller checks it, and in the file it is an
    unknown key.
    """
    given = given or {}
    if node.content is not None and not isinstance(node.content, dict):
        file.report(
            f"Here is {kind_of(node)}, where keys with values are wanted.", line=node.line, hint=_keys(model, given)
        )
        return None
    strangers = [key for key in node.entries() if key in given]
    for key in strangers:
        _report_unknown(model, node, (key,), file, given)
    written = node.plain()
    try:
        value = model.model_validate({**(written if isinstance(written, dict) else {}), **given})
    except ValidationError as error:
        errors = [details for details in error.errors(include_url=False) if details["loc"][0] not in given]
        for path, details in _one_per_place(node, errors):
            _report(model, node, path, details, file, given)
        return None
    return None if strangers else value


def _keys(model: type[BaseModel], given: Mapping[str, object]) -> str:
    names = ", ".join(f"`{name}`" for name in model.model_fields if name not in given)
    return f"Known keys: {names}."


def _one_per_place(node: Node, errors: list[ErrorDetails]) -> Iterator[tuple[KeyPath, ErrorDetails]]:
    """Errors by their place in the file; the members of a union all fail at one place, and count once."""
    seen: set[KeyPath] = set()
    for details in errors:
        path = tuple(details["loc"])
        while details["type"] != "missing" and not node.has(path):
            path = path[:-1]
        if path not in seen:
            seen.add(path)
            yield path, details


def _report(
    model: type[BaseModel],
    node: Node,
    path: KeyPath,
    details: ErrorDetails,
    file: WrittenFile,
    given: Mapping[str, object],
) -> None:
    if details["type"] == "extra_forbidden":
        return _report_unknown(model, node, path, file, given)
    found = node.at(path)
    if details["type"] == "missing":
        message, hint = f"`{path[-1]}` is missing.", _example(str(path[-1]))
    elif details["loc"][-1] == "[key]":
        message, hint = f"The name `{path[-1]}` {NAME_RULE}.", ""
    else:
        message, hint = _in_words(found, details, file, _around(model, path, details))
    file.report(message, line=found.line, key=node.key(path), hint=hint)
    return None


def _report_unknown(
    model: type[BaseModel], node: Node, path: KeyPath, file: WrittenFile, given: Mapping[str, object]
) -> None:
    parent = _model_at(model, path[:-1]) or model
    known = [name for name in parent.model_fields if parent is not model or name not in given]
    file.report(
        f"`{path[-1]}` is not a known key.",
        line=node.at(path).line,
        key=node.key(path),
        hint=did_you_mean(str(path[-1]), known),
    )


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model that describes the value at a path of `model`; None where that is no model."""
    at: object = model
    for step in path:
        if isinstance(at, type) and issubclass(at, BaseModel):
            field = at.model_fields.get(str(step))
            at = field.annotation if field else None
        elif get_origin(at) in (tuple, dict):
            at = next((kind for kind in get_args(at) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        if isinstance(at, types.UnionType):
            at = next((kind for kind in get_args(at) if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
    return at if isinstance(at, type) and issubclass(at, BaseModel) else None


NAME_RULE = "must be made of lower-case letters, digits and `_`, and begin with a letter"
EXAMPLES: Mapping[str, str] = {
    "contact": 'Say where to reach the team: contact: "#flight-ops"',
    "owner": "Name who answers for the cluster: owner: {team: flight_ops, contact: ops@example.org}",
    "teaches": "Say why this pair was chosen, in a sentence.",
    "vetted_by": "Say who looked at the result and found it right.",
    "vetted_on": "Say when: vetted_on: 2026-03-14",
}


@dataclass(frozen=True, slots=True)
class _Around:
    """What the models say about the place of a value: is it needed, one of several kinds, with which keys below?"""

    needed: bool
    one_of_several: bool
    keys: str


def _around(model: type[BaseModel], path: KeyPath, details: ErrorDetails) -> _Around:
    parent, own = _model_at(model, path[:-1]), _model_at(model, path)
    field = parent.model_fields.get(str(path[-1])) if parent is not None else None
    return _Around(
        needed=field is not None and field.is_required(),
        one_of_several=len(details["loc"]) > len(path),
        keys=_keys(own, {}) if own is not None else "",
    )


def _example(key: str) -> str:
    return EXAMPLES.get(key, f"Add a line `{key}: ...`.")


def _in_words(found: Node, details: ErrorDetails, file: WrittenFile, around: _Around) -> tuple[str, str]:
    """Message and hint for a value that is there and does not fit."""
    kind, context = details["type"], details.get("ctx", {})
    if found.content is None and kind != "literal_error":
        return _empty(found, file, around)
    if around.one_of_several:
        return f"must be a single value, but is {_shown(found)}.", ""
    if kind in ("string_type", "invalid-json-value"):
        return _not_text(found)
    if kind == "string_too_short":
        return _empty(found, file, around)
    if kind == "string_pattern_mismatch":
        expectation = str(context.get("pattern")).startswith("^expect_")
        rule = "is not the name of a Great Expectations expectation" if expectation else NAME_RULE
        return f"`{found.written}` {rule}.", "E.g. `expect_column_values_to_not_be_null`." if expectation else ""
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", str(context.get("expected")))
        return f"`{found.written}` is none of the allowed words.", did_you_mean(found.written, known)
    if kind in BOUNDS:
        bound = str(next(iter(context.values()))).removesuffix(".0")
        limit = "no time at all" if "timedelta" in bound else bound
        return f"{BOUNDS[kind]} {limit}, but is `{found.written}`.", ""
    return f"{WANTED.get(kind.split('_')[0], details['msg'])}, but is {_shown(found)}.", around.keys


def _empty(found: Node, file: WrittenFile, around: _Around) -> tuple[str, str]:
    _, hash_sign, comment = file.line(found.line).partition("#")
    if hash_sign and found.content is None:
        return (
            "is empty, because YAML takes what follows `#` for a comment.",
            f'Put the text in quotes: "#{comment.strip()}".',
        )
    return "is empty.", "It has to be there: write it." if around.needed else "Write it, or delete the line."


def _not_text(found: Node) -> tuple[str, str]:
    if isinstance(found.content, dict | tuple):
        return f"must be text, but YAML reads {kind_of(found)}.", "Put the text in quotes."
    return (
        f"must be text, but YAML reads `{found.written}` as {kind_of(found)}.",
        f'Put it in quotes: "{found.written}".',
    )


def _shown(found: Node) -> str:
    return kind_of(found) if isinstance(found.content, dict | tuple) else f"`{found.written}`"
