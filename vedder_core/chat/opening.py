"""The chat model that the settings name. Nothing is imported or connected that they do not name."""

from pathlib import Path

from vedder_core.chat.chat_model import ChatModel
from vedder_core.settings import Settings

SCRIPTED = "scripted:"


def open_chat_model(settings: Settings) -> ChatModel | None:
    """The chat model of `VEDDER_CHAT_MODEL`, or None where it is empty. Raises SettingsError or ChatModelError.

    A server is not asked yet whether it is there: it may start later, and may be gone again.
    """
    choice = settings.chat_model.strip()
    if not choice:
        return None
    if choice.startswith(SCRIPTED):
        from vedder_core.chat.scripted import read_script

        return read_script(Path(choice.removeprefix(SCRIPTED)))
    from vedder_core.chat.remote import RemoteChatModel
    from vedder_core.openai_server import OpenAIServer

    key = settings.chat_key.get_secret_value() if settings.chat_key else None
    return RemoteChatModel(OpenAIServer(settings.chat_url, key), choice)
