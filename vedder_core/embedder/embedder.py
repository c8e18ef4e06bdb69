"""One small protocol over everything that turns texts into vectors, and the choice by setting.

Deliberately not here: any model. Drivers are imported only when the setting names them.
"""

from collections.abc import Sequence
from typing import Protocol

from vedder_core.embedder.vectors import Vectors
from vedder_core.errors import SettingsError
from vedder_core.problem import did_you_mean
from vedder_core.settings import Settings

LOCAL_MODELS = ("minilm", "gte-small")
"""Models that run in this process; where their weights come from is in `weights.MODELS`."""


class Embedder(Protocol):
    """`name` identifies model and weights (it is stored with the context and checked); `dimension` is d."""

    @property
    def name(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32. Raises EmbedderError."""
        ...


def open_embedder(settings: Settings) -> Embedder:
    """The embedder that `VEDDER_EMBEDDER` names. Raises SettingsError or EmbedderError."""
    choice = settings.embedder
    if choice in LOCAL_MODELS:
        from vedder_core.embedder.local import open_local

        return open_local(choice, settings.models)
    if choice == "hashed-words":
        from vedder_core.embedder.hashed import HashedWords

        return HashedWords()
    if choice.startswith("openai:") and choice != "openai:":
        from vedder_core.embedder.remote import RemoteEmbedder
        from vedder_core.openai_server import OpenAIServer

        key = settings.embeddings_key.get_secret_value() if settings.embeddings_key else None
        return RemoteEmbedder(OpenAIServer(settings.embeddings_url, key), choice.removeprefix("openai:"))
    known = (*LOCAL_MODELS, "hashed-words", "openai:<model>")
    raise SettingsError(f"VEDDER_EMBEDDER names no embedder: `{choice}`.", hint=did_you_mean(choice, known))
