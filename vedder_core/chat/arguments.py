"""Arguments for any tool, made from its JSON schema alone: for the hostile model, which knows no tool.

Deliberately not here: a check of arguments against a schema; the tools check their own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

Schema = Mapping[str, JsonValue]

SQL = re.compile(r"^(sql|query|statement|code)$|\bSQL\b|\bSELECT\b")
PLACE = re.compile(r"url|uri|path|file|link", re.IGNORECASE)
NAME = re.compile(r"name|cluster|dataset|table|column|schema|slug|\bids?\b|quer", re.IGNORECASE)
DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Wishes:
    """What to put into arguments, by what they seem to be for. `whole`: also where the schema allows less."""

    statements: Sequence[str]
    names: Sequence[str]
    places: Sequence[str]
    texts: Sequence[str]
    whole: bool = False


def takes_sql(schema: Schema) -> bool:
    """Has this tool an argument that is SQL?"""
    properties = schema.get("properties")
    return isinstance(properties, Mapping) and any(_is_sql(key, _schema(value)) for key, value in properties.items())


def filled(schema: Schema, wishes: Wishes, number: int) -> dict[str, JsonValue]:
    """The `number`-th arguments for a tool: the even ones with what is required, the odd ones with everything."""
    properties = schema.get("properties")
    required = schema.get("required")
    if not isinstance(properties, Mapping):
        return {}
    wanted = [
        key for key in properties if number % 2 or not isinstance(required, list) or not required or key in required
    ]
    return {key: _value(key, _schema(properties[key]), wishes, number, schema, 0) for key in wanted}


def _value(key: str, schema: Schema, wishes: Wishes, number: int, root: Schema, depth: int) -> JsonValue:
    schema = _resolved(schema, root)
    if depth > DEEPEST:
        return None
    choices = schema.get("enum")
    if isinstance(choices, list) and choices:
        return choices[number % len(choices)]
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "array":
        return _list(key, schema, wishes, number, root, depth)
    if kind == "object":
        properties = schema.get("properties")
        inner = properties if isinstance(properties, Mapping) else {}
        return {name: _value(name, _schema(part), wishes, number, root, depth + 1) for name, part in inner.items()}
    if kind == "boolean":
        return number % 2 == 1
    if kind in ("integer", "number"):
        most = schema.get("maximum")
        return most if isinstance(most, int | float) else 10**9
    return _text(key, schema, wishes, number)


def _list(key: str, schema: Schema, wishes: Wishes, number: int, root: Schema, depth: int) -> JsonValue:
    most = schema.get("maxItems")
    length = min(most if isinstance(most, int) else 5, 5, max(len(wishes.names), 1))
    item = _schema(schema.get("items"))
    about = {**item, "description": schema.get("description", "")} if "description" not in item else item
    return [_value(key, about, wishes, number + place, root, depth + 1) for place in range(length)]


def _text(key: str, schema: Schema, wishes: Wishes, number: int) -> str:
    kinds: tuple[Sequence[str], ...]
    if _is_sql(key, schema):
        kinds = (wishes.statements, wishes.texts)
    elif PLACE.search(key):
        kinds = (wishes.places, wishes.names, wishes.texts)
    elif NAME.search(key):
        kinds = (wishes.names, wishes.texts)
    else:
        kinds = (wishes.texts, wishes.names)
    chosen = next((kind for kind in kinds if kind), ("everything",))
    text = chosen[number % len(chosen)]
    most = schema.get("maxLength")
    return text[:most] if isinstance(most, int) and not wishes.whole else text


def _is_sql(key: str, schema: Schema) -> bool:
    return schema.get("type", "string") == "string" and bool(
        SQL.search(key) or SQL.search(str(schema.get("description", "")))
    )


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema that is meant: behind a reference, or the first of several that is not null."""
    reference = schema.get("$ref")
    if isinstance(reference, str):
        definitions = root.get("$defs")
        name = reference.rpartition("/")[2]
        return _schema(definitions.get(name)) if isinstance(definitions, Mapping) else {}
    for word in ("anyOf", "oneOf", "allOf"):
        several = schema.get(word)
        if isinstance(several, list):
            real = [part for part in map(_schema, several) if part.get("type") != "null"]
            return {**schema, **_resolved(real[0], root)} if real else {}
    return schema


def _schema(value: JsonValue) -> Schema:
    return value if isinstance(value, Mapping) else {}
