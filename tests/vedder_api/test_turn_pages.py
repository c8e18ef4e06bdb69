"""What is told of a step: what was done, in words; nothing that the chat model was given to read."""

from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from vedder_api.cells import as_json
from vedder_api.turn_pages import step_page
from vedder_core.conversation import Step, StepKind

AT = datetime(2026, 1, 6, tzinfo=UTC)


def step(kind: StepKind, /, **payload: JsonValue) -> Step:
    return Step(3, kind, "key", payload, AT)


def test_a_query_is_told_with_its_sql_its_datasets_and_the_number_of_its_rows() -> None:
    query: JsonValue = {
        "asked": "SELECT tailnum FROM nyc.flights",
        "datasets": ["nyc.flights"],
        "rows": [["N1-secret"], ["N2-secret"]],
    }
    page = step_page(step("tool_result", tool="run_sql", arguments="{}", result={"text": "N1-secret", "query": query}))
    assert (page.sql, page.datasets, page.rows) == ("SELECT tailnum FROM nyc.flights", ("nyc.flights",), 2)
    assert page.text == "run_sql: 2 rows"
    assert b"secret" not in as_json(page)


def test_a_tool_is_told_with_what_it_was_given_and_not_with_what_it_found() -> None:
    page = step_page(
        step("tool_result", tool="open_cluster", arguments='{"cluster": "flights"}', result={"text": "secret"})
    )
    assert (page.text, page.sql, page.rows) == ("open_cluster flights", None, None)


def test_what_a_tool_refused_is_told() -> None:
    page = step_page(step("tool_result", tool="run_sql", arguments='{"sql": "DROP"}', error="Only SELECT.", hint="h"))
    assert page.text == "run_sql DROP: Only SELECT."


@pytest.mark.parametrize("arguments", ["{", "[]", '{"a": {"b": 1}}', "null", 7, None, "\ud800"])
def test_arguments_of_any_shape_are_no_trouble(arguments: JsonValue) -> None:
    assert step_page(step("tool_result", tool="look_up", arguments=arguments)).text == "look_up"


def test_long_arguments_are_cut() -> None:
    page = step_page(step("tool_result", tool="run_sql", arguments=f'{{"sql": "{"x" * 9000}"}}', error="No."))
    assert len(page.text) < 200


def test_the_messages_to_the_chat_model_stay_inside() -> None:
    page = step_page(step("model_request", messages=[{"role": "system", "text": "secret"}]))
    assert b"secret" not in as_json(page)


def test_the_tools_that_a_reply_calls_are_named() -> None:
    calls: JsonValue = [{"name": "run_sql", "arguments": "secret"}, {"name": "finish", "arguments": ""}]
    page = step_page(step("model_reply", text="secret", calls=calls))
    assert page.text == "The chat model calls run_sql, finish."
    assert step_page(step("model_reply", text="secret", calls=[])).text.startswith("The chat model replied without")


def test_the_last_step_carries_the_outcome() -> None:
    page = step_page(step("outcome", kind="not_covered", reason="Why."))
    assert page.text == "The turn ended: not covered."
    assert page.outcome == {"kind": "not_covered", "reason": "Why."}
