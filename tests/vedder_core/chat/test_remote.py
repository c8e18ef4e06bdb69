"""The remote chat model against a real HTTP server that misbehaves in the ways that real ones do.

Each case ends in a reply or in one of our errors, and says how many requests it took: there is one layer of retries.
"""

import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Thread

import pytest
from pydantic import JsonValue

from tests import openai_wire as wire
from vedder_core.chat.chat_model import ChatModelError, Message, PromptTooLong, Reply, Tokens, ToolCall, ToolShape
from vedder_core.chat.draft import MOST_SAID
from vedder_core.chat.remote import RemoteChatModel
from vedder_core.chat.scripted import ScriptedCall, ScriptedChatModel, ScriptedReply
from vedder_core.errors import SettingsError
from vedder_core.openai_server import OpenAIServer

SQL: dict[str, JsonValue] = {"type": "object", "properties": {"sql": {"type": "string"}}, "required": ["sql"]}
RUN_SQL = ToolShape("run_sql", "Run one SELECT.", SQL)
QUESTION = (Message("system", "You are Vedder."), Message("user", "How many flights?"))
CALLING = ScriptedChatModel([ScriptedReply(calls=(ScriptedCall(name="run_sql", arguments={"sql": "SELECT 1"}),))])
TALKING = ScriptedChatModel([ScriptedReply(text="There were 42 flights.")])
CALL = ToolCall("call00001", "run_sql", '{"sql": "SELECT 1"}')


def said(text: str = "", *calls: ToolCall, finish: str = "stop") -> Reply:
    return Reply(text, calls, Tokens(7, 3), finish)  # type: ignore[arg-type]


def remote(server: wire.Server, *, attempts: int = 4, silence: float = 60, key: str | None = None) -> RemoteChatModel:
    return RemoteChatModel(OpenAIServer(server.url, key, attempts=attempts), "some-model", silence=silence)


def ask(model: RemoteChatModel, *, seconds: float = 20, messages: tuple[Message, ...] = QUESTION) -> Reply:
    return model.reply(messages, [RUN_SQL], most_tokens=500, seconds=seconds)


def test_a_text_comes_back_with_the_tokens_that_the_server_counted() -> None:
    with wire.serving(TALKING) as server:
        reply = ask(remote(server, key="secret"))
    assert (reply.text, reply.calls, reply.finish) == ("There were 42 flights.", (), "stop")
    assert reply.tokens.prompt > 0
    assert reply.tokens.completion > 0
    assert not reply.tokens.estimated
    assert server.headers[0]["authorization"] == "Bearer secret"
    assert server.requests[0]["temperature"] == 0
    assert server.requests[0]["max_tokens"] == 500
    assert "tool_choice" not in server.requests[0], "what a tool choice does differs from server to server"


def test_a_tool_call_is_put_together_from_its_pieces() -> None:
    with wire.serving(CALLING) as server:
        reply = ask(remote(server))
    assert (reply.calls, reply.finish) == ((CALL,), "tools")
    assert server.requests[0]["tools"][0]["function"]["parameters"] == SQL


def test_a_turn_with_a_tool_goes_back_in_a_form_that_every_server_takes() -> None:
    broken = ToolCall("b", "run sql!", '{"sql": ')
    history = (*QUESTION, Message("assistant", "", (CALL, broken)), Message("tool", "[[42]]", answers=CALL.id))
    script = [*CALLING.replies, *TALKING.replies]
    with wire.serving(ScriptedChatModel(script)) as server:
        assert ask(remote(server), messages=history).text == "There were 42 flights."
    told = server.requests[0]["messages"]
    assert told[2]["content"] == "", "some servers refuse null"
    assert told[2]["tool_calls"][0]["function"]["arguments"] == CALL.arguments
    assert told[2]["tool_calls"][1]["function"] == {"name": "run_sql_", "arguments": '{"not_json": "{\\"sql\\": "}'}
    assert told[3] == {"role": "tool", "content": "[[42]]", "tool_call_id": CALL.id}


def failure(model: RemoteChatModel) -> ChatModelError:
    with pytest.raises(ChatModelError) as raised:
        ask(model)
    return raised.value


# One request, and a reply.


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "run_sql", "arguments": {"sql": "SELECT 1"}}',
        'I look it up.\n```json\n{"name": "run_sql", "arguments": {"sql": "SELECT 1"}}\n```',
        '<tool_call>\n{"name": "run_sql", "arguments": "{\\"sql\\": \\"SELECT 1\\"}"}\n</tool_call>',
        '[{"type": "function", "function": {"name": "run_sql", "parameters": {"sql": "SELECT 1"}}}]',
    ],
)
def test_a_tool_call_that_came_as_text_is_a_call(text: str) -> None:
    with wire.serving(TALKING, [wire.saying(said(text))]) as server:
        reply = ask(remote(server))
    assert [(call.name, call.arguments) for call in reply.calls] == [("run_sql", '{"sql": "SELECT 1"}')]
    assert reply.finish == "tools"
    assert reply.text in ("", "I look it up.")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "drop_everything", "arguments": {"sql": "SELECT 1"}}',
        '{"name": "run_sql", "arguments": {"query": "SELECT 1"}}',
        '{"name": "run_sql", "arguments": ["SELECT 1"]}',
        'Such a call looks like {"name": "run_sql", "arguments": {"sql": "SELECT 1"}}.',
        "```sql\nSELECT 1\n```",
    ],
)
def test_a_text_that_fits_no_tool_stays_text(text: str) -> None:
    with wire.serving(TALKING, [wire.saying(said(text))]) as server:
        reply = ask(remote(server))
    assert (reply.text, reply.calls, reply.finish) == (text, (), "stop")


@pytest.mark.parametrize("fault", [wire.answering(null=True), wire.changed(text=""), wire.changed(text="{\n")])
def test_no_content_or_a_stray_bracket_beside_a_call_is_ignored(fault: wire.Fault) -> None:
    with wire.serving(CALLING, [fault]) as server:
        reply = ask(remote(server))
    assert (reply.text, reply.calls) == ("", (CALL,))
    assert len(server.requests) == 1


def test_broken_arguments_and_unknown_tools_are_left_to_the_agent() -> None:
    broken, unknown = ToolCall("a", "run_sql", '{"sql": "SELE'), ToolCall("b", "send_mail", "{}")
    with wire.serving(TALKING, [wire.saying(said("", broken, unknown, finish="tools"))]) as server:
        assert ask(remote(server)).calls == (broken, unknown)
    assert len(server.requests) == 1


def test_calls_with_no_id_or_the_same_id_get_ids_of_their_own() -> None:
    history = (*QUESTION, Message("assistant", "", (CALL,)), Message("tool", "[[1]]", answers=CALL.id))
    calls = [replace(CALL, id=name) for name in ("", "call00001", "mine", "mine")]
    with wire.serving(TALKING, [wire.saying(said("", *calls, finish="tools"))]) as server:
        reply = ask(remote(server), messages=history)
    ids = [call.id for call in reply.calls]
    assert len(reply.calls) == 4
    assert "mine" in ids
    assert len({*ids, CALL.id, ""}) == 6


def test_calls_that_all_have_the_number_0_are_kept_apart() -> None:
    def part(name: str) -> bytes:
        call = f'{{"index": 0, "id": "{name}", "function": {{"name": "run_sql", "arguments": "{{}}"}}}}'
        return f'{{"choices": [{{"index": 0, "delta": {{"tool_calls": [{call}]}}}}]}}'.encode()

    with wire.serving(TALKING, [wire.events(part("a"), part("b"), end=True)]) as server:
        assert [call.id for call in ask(remote(server)).calls] == ["a", "b"]


def test_a_reply_that_is_cut_off_says_so_and_leaves_out_the_call_that_was_cut() -> None:
    cut = ToolCall("cut", "run_sql", '{"sql": "SELECT')
    with wire.serving(TALKING, [wire.saying(said("Well", CALL, cut, finish="length"))]) as server:
        reply = ask(remote(server))
    assert (reply.text, reply.calls, reply.finish) == ("Well", (CALL,), "length")


@pytest.mark.parametrize("streamed", [True, False])
def test_an_answer_of_1_mb_is_cut_off(streamed: bool) -> None:
    with wire.serving(TALKING, [wire.saying(said("x" * 1_000_000))]) as server:
        model = remote(server)
        model.dialect = replace(model.dialect, stream=streamed)
        reply = ask(model)
    assert len(reply.text) == MOST_SAID
    assert reply.finish == "length"
    assert len(server.requests) == 1


def test_tokens_that_the_server_does_not_count_are_estimated() -> None:
    with wire.serving(TALKING, [wire.answering(usage=False)]) as server:
        tokens = ask(remote(server)).tokens
    assert tokens.estimated
    assert tokens.prompt > 10
    assert 3 < tokens.completion < 20


def test_a_server_that_streams_though_it_says_otherwise_is_understood() -> None:
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "Hello"}, "finish_reason": "stop"}]}\n\n'
    with wire.serving(TALKING, [wire.body(event, media="text/plain")]) as server:
        assert ask(remote(server)).text == "Hello"


# What a server does not take is left out, and not tried again.


@pytest.mark.parametrize(
    ("refusal", "gone", "instead"),
    [
        (wire.no_streaming(), "stream", None),
        (wire.refusing(400, "Unrecognized request argument supplied: stream_options"), "stream_options", "stream"),
        (wire.refusing(422, "temperature: only the default (1) is supported"), "temperature", "stream_options"),
        (
            wire.refusing(400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
            "max_tokens",
            "max_completion_tokens",
        ),
    ],
)
def test_a_parameter_that_is_refused_is_left_out_from_then_on(
    refusal: wire.Fault, gone: str, instead: str | None
) -> None:
    with wire.serving(TALKING, [refusal]) as server:
        model = remote(server)
        assert ask(model).text == ask(model).text == "There were 42 flights."
    first, *others = server.requests
    assert len(others) == 2
    assert gone in first
    assert all(gone not in request for request in others)
    assert instead is None or all(instead in request for request in others)


def test_a_server_that_takes_nothing_of_it_is_still_used() -> None:
    words = ("stream_options", "max_tokens is unsupported", "temperature", "streaming")
    with wire.serving(TALKING, [wire.refusing(400, word) for word in words]) as server:
        assert ask(remote(server, attempts=1)).text == "There were 42 flights."
    assert set(server.requests[-1]) == {"model", "messages", "tools", "max_completion_tokens"}
    assert len(server.requests) == 5


# Asked again.


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(wire.truncated_stream(), id="the connection ends"),
        pytest.param(wire.events(), id="nothing at all"),
        pytest.param(wire.events(b"{not json"), id="broken JSON"),
        pytest.param(wire.events(b'{"error": {"message": "Invalid diff: now finding less tool calls!"}}'), id="error"),
        pytest.param(wire.events(b'{"choices": []}', end=True), id="no choice"),
    ],
)
def test_a_stream_that_breaks_is_asked_for_again_in_one_piece(fault: wire.Fault) -> None:
    with wire.serving(CALLING, [fault]) as server:
        reply = ask(remote(server))
    assert reply.calls == (CALL,)
    assert ["stream" in request for request in server.requests] == [True, False]


@pytest.mark.parametrize(
    ("wait", "headers"),
    [(1.0, {"retry_after": "1"}), (0.3, {"retry_after_ms": "300"})],
)
def test_a_busy_server_is_asked_again_after_the_time_that_it_names(wait: float, headers: dict[str, str]) -> None:
    with wire.serving(TALKING, [wire.too_many(**headers)]) as server:
        began = time.monotonic()
        assert ask(remote(server)).text == "There were 42 flights."
        assert wait <= time.monotonic() - began < wait + 2
    assert len(server.requests) == 2


def test_a_busy_server_may_name_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    with wire.serving(TALKING, [wire.too_many(date)]) as server:
        began = time.monotonic()
        assert ask(remote(server)).text == "There were 42 flights."
        assert 1 < time.monotonic() - began < 5
    assert len(server.requests) == 2


@pytest.mark.parametrize("wait", ["3600", "30", format_datetime(datetime(2999, 1, 1, tzinfo=UTC), usegmt=True)])
def test_a_server_that_wants_more_time_than_there_is_is_given_up_at_once(wait: str) -> None:
    with wire.serving(TALKING, [wire.too_many(wait)]) as server:
        began = time.monotonic()
        with pytest.raises(ChatModelError, match="answered 429"):
            ask(remote(server), seconds=10)
        assert time.monotonic() - began < 2
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [wire.failing(), wire.web_page(502), wire.hanging_up(), wire.silent(1)])
def test_a_server_that_fails_once_is_asked_again(fault: wire.Fault) -> None:
    with wire.serving(TALKING, [fault]) as server:
        assert ask(remote(server, silence=0.5)).text == "There were 42 flights."
    assert len(server.requests) == 2


def test_a_server_that_keeps_failing_is_given_up_after_one_layer_of_retries() -> None:
    with wire.serving(TALKING, [wire.failing()] * 9) as server:
        error = failure(remote(server, attempts=3))
    assert "answered 500: Something went wrong" in error.message
    assert len(server.requests) == 3


def test_bodies_that_keep_breaking_off_are_given_up_too() -> None:
    with wire.serving(TALKING, [wire.truncated_stream(), *[wire.truncated_body()] * 9]) as server:
        error = failure(remote(server, attempts=3))
    assert "gave no answer" in error.message
    assert len(server.requests) == 3


def test_every_request_that_a_reply_took_is_counted() -> None:
    with wire.serving(TALKING, [wire.refusing(500, "Busy"), wire.truncated_stream()]) as server:
        reply = ask(remote(server, attempts=4))
    assert reply.requests == len(server.requests) == 3


def test_requests_that_came_to_nothing_are_counted_too() -> None:
    with wire.serving(TALKING, [wire.refusing(500, "Busy")] * 3) as server:
        error = failure(remote(server, attempts=2))
    assert error.requests == len(server.requests) == 2


def test_each_try_is_logged_and_nothing_is_printed(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG, logger="vedder_core"), wire.serving(TALKING, [wire.failing()]) as server:
        ask(remote(server, key="sk-canary"))
    (told,) = caplog.messages
    assert re.fullmatch(r"Trying again in \d+\.\d seconds: .*Something went wrong.*", told)
    assert "sk-canary" not in caplog.text
    assert capsys.readouterr().out == ""


# The deadline.


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(wire.dripping(4), id="a drip"),
        pytest.param(wire.silent(4), id="silence"),
        pytest.param(wire.silent(4, headers=True), id="silence after the headers"),
    ],
)
def test_a_server_that_never_ends_is_given_up_at_the_deadline(fault: wire.Fault) -> None:
    with wire.serving(TALKING, [fault] * 9) as server:
        began = time.monotonic()
        with pytest.raises(ChatModelError, match="gave no answer"):
            ask(remote(server), seconds=0.6)
        assert time.monotonic() - began < 1.2
    assert len(server.requests) == 1


def test_all_retries_together_stay_within_the_seconds() -> None:
    with wire.serving(TALKING, [wire.refusing(503, "overloaded")] * 99) as server:
        began = time.monotonic()
        with pytest.raises(ChatModelError, match="answered 503"):
            ask(remote(server, attempts=50), seconds=1.5)
        assert time.monotonic() - began < 1.5
    assert 1 <= len(server.requests) <= 3


def test_no_time_left_means_no_request() -> None:
    with wire.serving(TALKING) as server, pytest.raises(ChatModelError, match=r"no answer within the 0\.0 seconds"):
        ask(remote(server), seconds=0)
    assert server.requests == []


# Given up at once.


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(wire.web_page(), "something else than an answer: a web page", id="a web page"),
        pytest.param(wire.body(b'{"choices": [{"mess'), 'an answer: {"choices": [{"mess', id="broken JSON"),
        pytest.param(wire.body(b'{"choices": []}'), "an answer: no choice in it", id="no choice"),
        pytest.param(wire.body(b'{"object": "list"}'), "an answer: no choice in it", id="other fields"),
        pytest.param(wire.body(b'{"choices": [{"index": 0}]}'), "an answer: no choice in it", id="no message"),
        pytest.param(wire.body(b'{"error": "out of memory"}'), "an answer: out of memory", id="an error as an answer"),
        pytest.param(wire.body(b""), "an answer: nothing", id="nothing"),
    ],
)
def test_a_body_that_is_no_answer_is_a_clear_error(fault: wire.Fault, message: str) -> None:
    with wire.serving(TALKING, [fault]) as server, pytest.raises(ChatModelError) as raised:
        ask(remote(server))
    assert message in raised.value.message
    assert "VEDDER_CHAT_URL" in raised.value.hint
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "VEDDER_CHAT_KEY"), (404, "VEDDER_CHAT_MODEL"), (400, "VEDDER_CHAT_MODEL")]
)
def test_a_refusal_is_not_tried_again_and_names_the_setting(status: int, hint: str) -> None:
    with wire.serving(TALKING, [wire.refusing(status, "No, thank you")]) as server:
        error = failure(remote(server))
    assert f"answered {status}: No, thank you" in error.message
    assert hint in error.hint
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        wire.overflowing(),
        wire.refusing(400, "the request exceeds the available context size. try increasing it"),
        wire.refusing(400, "Bad request", code="context_length_exceeded"),
        wire.events(b'{"error": {"message": "the request exceeds the available context size"}}'),
    ],
)
def test_messages_that_do_not_fit_are_an_error_of_their_own(fault: wire.Fault) -> None:
    with wire.serving(TALKING, [fault]) as server, pytest.raises(PromptTooLong, match="too long for some-model"):
        ask(remote(server))
    assert len(server.requests) == 1


def test_what_a_filter_keeps_back_is_no_empty_answer() -> None:
    kept = b'{"choices": [{"index": 0, "message": {"content": ""}, "finish_reason": "content_filter"}]}'
    with wire.serving(TALKING, [wire.body(kept)]) as server:
        error = failure(remote(server))
    assert "kept the answer back" in error.message


def test_no_server_at_all_says_where_it_was_looked_for() -> None:
    model = RemoteChatModel(OpenAIServer("http://user:pass@127.0.0.1:1/v1", None, attempts=1), "m")
    with pytest.raises(ChatModelError, match=r"http://127\.0\.0\.1:1/v1 gave no answer: .*refused"):
        ask(model)


# The key.


@pytest.mark.parametrize(
    "fault",
    [
        wire.refusing(401, "Incorrect API key provided: sk-canary-0123. " + "x" * 500),
        wire.body(b'{"error": {"message": "key sk-canary-0123 has no credit"}}'),
        wire.body(b"no JSON, but sk-canary-0123"),
    ],
)
def test_no_error_carries_the_key_or_more_than_200_characters_of_what_was_said(fault: wire.Fault) -> None:
    with wire.serving(TALKING, [fault]) as server, pytest.raises(ChatModelError) as raised:
        ask(remote(server, key="sk-canary-0123"))
    error: BaseException | None = raised.value
    while error is not None:
        assert "sk-canary" not in f"{error!r} {error}"
        assert len(str(error)) < 450
        error = error.__cause__
    assert len(raised.value.message) < 200 + 120


def test_a_key_with_a_line_break_is_refused_before_it_is_sent() -> None:
    assert OpenAIServer("http://127.0.0.1:1/v1", "sk-1\n").redacted("sk-1") == "***"
    with pytest.raises(SettingsError, match="characters that HTTP cannot send") as raised:
        OpenAIServer("http://127.0.0.1:1/v1", "sk-1\nsk-2")
    assert "sk-1" not in str(raised.value)


def test_many_threads_use_one_model() -> None:
    replies: list[Reply] = []
    with wire.serving(CALLING) as server:
        model = remote(server)
        work: Callable[[], None] = lambda: replies.append(ask(model))  # noqa: E731
        threads = [Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [reply.calls for reply in replies] == [(CALL,)] * 8
