import inspect
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedder_api.agent.tools.all import TOOLS
from vedder_api.agent.tools.calling import canonical, shapes, use
from vedder_api.agent.tools.tool import TOOL_RESULT, Finish, ToolError
from vedder_api.cells import as_json
from vedder_core.chat.chat_model import ToolCall

NAMES = [tool.name for tool in TOOLS]


def call(name: str, arguments: object) -> ToolCall:
    return ToolCall("c1", name, arguments if isinstance(arguments, str) else json.dumps(arguments))


def error_of(name: str, arguments: object, desk) -> str:
    with pytest.raises(ToolError) as raised:
        use(call(name, arguments), desk())
    return f"{raised.value.message} {raised.value.hint}"


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_every_guide_says_when_to_use_the_tool_and_when_not(shape):
    assert re.search(r"\bNot (for|before)\b", shape.guide)
    assert set(re.findall(r"`([a-z]+_[a-z_]+)`", shape.guide)) <= set(NAMES)


@pytest.mark.parametrize("shape", shapes(), ids=lambda shape: shape.name)
def test_every_shape_is_a_flat_schema_with_descriptions_and_limits(shape):
    schema = shape.arguments
    assert json.loads(json.dumps(dict(schema))) == schema
    assert "$" not in json.dumps(dict(schema))
    assert (schema["type"], schema["additionalProperties"]) == ("object", False)
    assert set(schema["required"]) <= set(schema["properties"])
    for field in schema["properties"].values():
        assert field["description"]
        assert field["type"] in ("string", "array")
        if field["type"] == "array":
            assert field["maxItems"]
            field = field["items"]
        assert field["type"] == "string"
        assert field["maxLength"]


def test_the_shapes_come_from_the_code_and_names_are_unique():
    assert [shape.name for shape in shapes()] == NAMES
    assert len(set(NAMES)) == len(NAMES)
    assert [shape.guide for shape in shapes()] == [inspect.cleandoc(type(tool).__doc__) for tool in TOOLS]


def test_an_unknown_tool_is_answered_with_the_nearest_name(desk):
    assert "Did you mean `run_sql`?" in error_of("run_query_sql", {}, desk)


@pytest.mark.parametrize("arguments", ["{", "[1]", "null", "3", '"text"', "{'name': 'x'}", "[" * 100_000])
def test_arguments_that_are_no_object_are_told_what_is_wanted(desk, arguments):
    said = error_of("open_cluster", arguments, desk)
    assert "no JSON object" in said
    assert "`name` (needed)" in said


def test_a_missing_a_strange_and_a_wrong_argument_are_named_at_once(desk):
    said = error_of("open_cluster", {"nmae": "x", "about": 3}, desk)
    for part in ("`name` is missing", "`nmae` is none of its arguments", "`about` must be a text"):
        assert part in said


def test_limits_of_arguments_are_told_in_words(desk):
    assert "longer than 20,000 characters" in error_of("run_sql", {"sql": "x" * 20_001}, desk)
    assert "more than 5 items" in error_of("ask_user", {"question": "?", "options": ["a"] * 6}, desk)
    assert "`sql` must not be empty" in error_of("run_sql", {"sql": ""}, desk)


def test_arguments_encoded_twice_and_a_text_for_a_list_are_understood(desk):
    laid = desk("q", "flights")
    laid.lay(use(call("run_sql", json.dumps(json.dumps({"sql": "SELECT 1 AS one"}))), laid))
    for queries in ("q1", '["q1"]', ["q1"]):
        ending = use(call("finish", {"answer": "One.", "queries": queries}), laid).ending
        assert ending == Finish("One.", ("q1",))


def test_equal_calls_are_equal_however_their_json_is_written():
    assert canonical(call("look_up", '{"words": "a", "clusters": ["b"]}')) == canonical(
        call("look_up", '{ "clusters":["b"],"words":"a" }')
    )
    assert canonical(call("look_up", {"words": "a"})) != canonical(call("look_up", {"words": "b"}))
    assert canonical(call("look_up", "{broken")) == ("look_up", "{broken")


@given(st.sampled_from([*NAMES, "x"]), st.one_of(st.text(), st.dictionaries(st.text(), st.text()).map(json.dumps)))
def test_whatever_a_model_writes_is_a_result_or_an_error_that_it_can_read(desk, name, arguments):
    try:
        told = [use(call(name, arguments), desk()).text]
    except ToolError as error:
        told = [error.message, error.hint]
    assert all(told)


def test_a_result_comes_back_from_the_journal_as_it_was(desk):
    result = use(call("open_cluster", {"name": "flights"}), desk())
    assert TOOL_RESULT.validate_python(json.loads(as_json(result))) == result
