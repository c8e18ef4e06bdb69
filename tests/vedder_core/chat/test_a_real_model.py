"""A real server with real weights: streaming, tools, JSON schemas and token counts over a real wire.

Protocol only. SmolLM2-135M speaks sense by accident; VEDDER_TEST_CHAT_GGUF names a better model's file to test as well.
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from vedder_core.chat.chat_model import Message, PromptTooLong, ToolShape
from vedder_core.chat.remote import RemoteChatModel
from vedder_core.openai_server import OpenAIServer
from vedder_core.sql.parse import parse_query

SERVER = Path(__file__).parents[2] / "xllamacpp_server.py"
SMALL = Path(os.environ.get("VEDDER_MODELS", "build/models")) / "smollm2" / "model.gguf"
LARGER = os.environ.get("VEDDER_TEST_CHAT_GGUF")
SECONDS = 300 if LARGER else 120

RUN_SQL = ToolShape(
    "run_sql",
    "Run one SELECT.",
    {
        "type": "object",
        "properties": {"sql": {"type": "string", "maxLength": 80 if LARGER else 16}},
        "required": ["sql"],
        "additionalProperties": False,
    },
)
ASKED = (Message("system", "Call run_sql."), Message("user", "How many rows has the table flights?"))


@pytest.fixture(scope="module", params=[SMALL, *([Path(LARGER)] if LARGER else [])], ids=lambda file: file.stem)
def model(request: pytest.FixtureRequest) -> Iterator[RemoteChatModel]:
    weights: Path = request.param
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: it has wheels for Linux on x86-64 alone")
    if not weights.is_file():
        pytest.skip(f"no weights in {weights}: vedder models fetch smollm2")
    command = [sys.executable, str(SERVER), str(weights)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().strip()
            yield RemoteChatModel(OpenAIServer(f"{address}/v1", None), str(weights), silence=SECONDS)
        finally:
            server.kill()


def test_a_text_is_streamed_keeps_to_its_tokens_and_is_counted(
    model: RemoteChatModel, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="stamina"):
        reply = model.reply([Message("user", "Count from one to twenty.")], most_tokens=6, seconds=SECONDS)
    assert reply.text.strip()
    assert reply.finish == "length"
    assert reply.tokens.completion == 6
    assert reply.tokens.prompt > 5
    assert not reply.tokens.estimated
    assert model.dialect.stream
    assert "stamina" not in {record.name for record in caplog.records}, "it was asked for twice"


def test_a_tool_is_called_with_arguments_that_fit_its_schema_and_reads_its_result(model: RemoteChatModel) -> None:
    reply = model.reply(ASKED, [RUN_SQL], most_tokens=100, seconds=SECONDS)
    assert reply.finish == "tools"
    assert [call.name for call in reply.calls] == ["run_sql"] * len(reply.calls)
    arguments = json.loads(reply.calls[0].arguments)
    assert isinstance(arguments["sql"], str)
    assert set(arguments) == {"sql"}
    results = [Message("tool", "[[336776]]", answers=call.id) for call in reply.calls]
    history = [*ASKED, Message("assistant", reply.text, reply.calls), *results]
    after = model.reply(history, [RUN_SQL], most_tokens=4, seconds=SECONDS)
    assert after.tokens.prompt > reply.tokens.prompt
    assert after.tokens.completion <= 4


def test_messages_that_do_not_fit_are_known_as_such(model: RemoteChatModel) -> None:
    with pytest.raises(PromptTooLong):
        model.reply([Message("user", "word " * 4000)], most_tokens=4, seconds=SECONDS)


@pytest.mark.skipif(not LARGER, reason="VEDDER_TEST_CHAT_GGUF names no file of a larger chat model")
def test_a_larger_model_writes_sql_that_parses(model: RemoteChatModel) -> None:
    if model.name == str(SMALL):
        pytest.skip("SmolLM2 writes no SQL")
    reply = model.reply(ASKED, [RUN_SQL], most_tokens=100, seconds=SECONDS)
    assert parse_query(json.loads(reply.calls[0].arguments)["sql"], dialect="duckdb").key == "select"
