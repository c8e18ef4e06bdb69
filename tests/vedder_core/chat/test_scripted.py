"""The scripted chat model: what comes next follows from the messages, and a wrong script says where it is wrong."""

import json
from pathlib import Path

import pytest

from vedder_core.chat.chat_model import ChatModelError, Message, Reply
from vedder_core.chat.opening import open_chat_model
from vedder_core.chat.remote import RemoteChatModel
from vedder_core.chat.scripted import ScriptedCall, ScriptedChatModel, ScriptedReply, read_script
from vedder_core.errors import SettingsError
from vedder_core.settings import Settings

SESSION = """
replies:
  - when: how many flights
    text: I look.
    calls:
      - {name: run_sql, arguments: {sql: "SELECT count(*) FROM nyc.flights"}}
  - when: no such table
    calls: [{name: look_up, arguments: {words: flights}}]
  - text: There were 42.
  - when: and for EWR
    text: From EWR there were 7.
  - when: you called no tool
    calls: [{name: finish, arguments: '{"answer": '}]
"""


def said(model: ScriptedChatModel, *messages: Message) -> Reply:
    return model.reply(messages, most_tokens=1000, seconds=5)


def user(text: str) -> Message:
    return Message("user", text)


def turn(model: ScriptedChatModel, history: list[Message], *heard: Message) -> Reply:
    """One reply, which is added to the history after what was heard."""
    history.extend(heard)
    reply = said(model, *history)
    history.append(Message("assistant", reply.text, reply.calls))
    return reply


def script(tmp_path: Path, text: str = SESSION) -> Path:
    file = tmp_path / "session.yaml"
    file.write_text(text)
    return file


def test_one_file_serves_a_session_of_several_turns(tmp_path: Path) -> None:
    model, history = read_script(script(tmp_path)), list[Message]()
    first = turn(model, history, user("how many flights?"))
    assert (first.text, first.finish) == ("I look.", "tools")
    assert json.loads(first.calls[0].arguments) == {"sql": "SELECT count(*) FROM nyc.flights"}
    assert turn(model, history, Message("tool", "[[42]]", answers=first.calls[0].id)).text == "There were 42."
    assert turn(model, history, user("and for EWR?")).text == "From EWR there were 7."
    assert turn(model, history, user("you called no tool")).calls[0].arguments == '{"answer": '


def test_a_reply_for_a_message_that_does_not_come_is_passed_over(tmp_path: Path) -> None:
    model, history = read_script(script(tmp_path)), list[Message]()
    turn(model, history, user("how many flights?"))
    second = turn(model, history, Message("tool", "no such table"))
    assert second.calls[0].name == "look_up"
    assert turn(model, history, Message("tool", "nyc.flights")).text == "There were 42."


def test_the_same_messages_get_the_same_reply_in_any_order_and_from_any_process(tmp_path: Path) -> None:
    file, history, replies = script(tmp_path), list[Message](), list[tuple[tuple[Message, ...], Reply]]()
    model = read_script(file)
    for heard in (user("how many flights?"), Message("tool", "[[42]]"), user("and for EWR?")):
        reply = turn(model, history, heard)
        replies.append((tuple(history[:-1]), reply))
    assert [said(read_script(file), *messages) for messages, _ in reversed(replies)] == [r for _, r in replies[::-1]]


def test_a_correction_by_the_user_goes_on_with_the_script() -> None:
    model, history = ScriptedChatModel([ScriptedReply(text="a"), ScriptedReply(text="b")]), list[Message]()
    assert turn(model, history, user("a question")).text == "a"
    assert turn(model, history, user("use a tool")).text == "b"


def test_no_id_of_a_call_comes_twice() -> None:
    call = ScriptedCall(name="run_sql")
    model, history = ScriptedChatModel([ScriptedReply(calls=(call, call))] * 2), list[Message]()
    replies = [turn(model, history, user("q")), turn(model, history, Message("tool", "x"))]
    assert len({call.id for reply in replies for call in reply.calls}) == 4


def test_a_script_that_is_at_its_end_says_so_and_what_it_was_to_answer() -> None:
    model = ScriptedChatModel([ScriptedReply(text="a", when="flights")])
    with pytest.raises(ChatModelError, match="no reply is left after the message “How many planes") as raised:
        said(model, user("How many planes?"))
    assert "`when`" in raised.value.hint
    with pytest.raises(ChatModelError, match="no reply is left"):
        said(model, user("flights"), Message("assistant", "a"), Message("tool", "x"))


def test_a_reply_keeps_to_the_tokens_and_the_seconds_that_it_has() -> None:
    slow = ScriptedChatModel([ScriptedReply(text="word " * 1000)], delay=0.2)
    with pytest.raises(ChatModelError, match="no reply within"):
        slow.reply([user("q")], most_tokens=10, seconds=0.1)
    reply = slow.reply([user("q")], most_tokens=10, seconds=1)
    assert reply.finish == "length"
    assert reply.tokens.completion <= 11
    assert reply.tokens.estimated


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- text: a\n- txt: b\n", "in reply 2, `txt`: extra inputs are not permitted."),
        ("- calls: [{arguments: {}}]\n", "in reply 1, `calls.0.name`: field required."),
        ("- when: ''\n", "in reply 1, `when`: "),
        ("[]", "as a whole: tuple should have at least 1 item"),
        ("replies: [{text: a}]\ndelay: -1\n", "`delay`: "),
        ("just words", "as a whole: "),
        ("- [", "is neither YAML nor JSON"),
    ],
)
def test_a_wrong_script_says_in_which_reply_and_what(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_script(script(tmp_path, text))
    assert told in raised.value.message
    assert "session.yaml" in raised.value.message


def test_a_script_may_be_json(tmp_path: Path) -> None:
    assert said(read_script(script(tmp_path, '[{"text": "Hello"}]')), user("q")).text == "Hello"


def test_the_setting_chooses_between_no_model_a_script_and_a_server(tmp_path: Path) -> None:
    assert open_chat_model(Settings(chat_model="")) is None
    scripted = open_chat_model(Settings(chat_model=f"scripted:{script(tmp_path)}"))
    assert isinstance(scripted, ScriptedChatModel)
    remote = open_chat_model(Settings(chat_model="some-model", chat_url="http://127.0.0.1:1/v1"))
    assert isinstance(remote, RemoteChatModel)
    assert remote.name == "some-model"
    with pytest.raises(SettingsError, match="cannot be read"):
        open_chat_model(Settings(chat_model=f"scripted:{tmp_path / 'gone.yaml'}"))
