"""One small protocol over everything that turns texts into vectors, and the choice by setting.

Deliberately not here: any model. Drivers are imported only when the setting names them.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vedder_core.settings import Settings

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """`name` identifies model and weights (it is stored with the context and checked); `dimension` is d."""

    name: str
    dimension: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32. Raises EmbedderError."""
        ...


def open_embedder(settings: Settings) -> Embedder:
    """The embedder that `VEDDER_EMBEDDER` names. Raises SettingsError or EmbedderError."""
    raise NotImplementedError
