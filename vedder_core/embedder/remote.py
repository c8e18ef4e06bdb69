"""Embeddings from any OpenAI-compatible server. What it sends is checked: many call themselves compatible."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from pydantic import BaseModel, FiniteFloat, ValidationError

from vedder_core.embedder.vectors import Vectors, unit
from vedder_core.errors import EmbedderError
from vedder_core.openai_server import OpenAIServer, ServerProblem
from vedder_core.retrying import attempts

BATCH = 128
SECONDS = 60.0


class RemoteEmbedder:
    """A model behind an OpenAI-compatible endpoint. Its dimension is learned from the first answer."""

    def __init__(self, server: OpenAIServer, model: str) -> None:
        self.name = f"openai:{model}"
        self._server = server
        self._model = model

    @cached_property
    def dimension(self) -> int:
        return len(self._vectors(["dimension"])[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            # An empty text is an error to some servers.
            batch = [text or " " for text in texts[start : start + BATCH]]
            rows = self._vectors(batch)
            if rows.shape[1] != self.dimension:
                raise EmbedderError(
                    f"{self.name} sent vectors of {rows.shape[1]} numbers after vectors of {self.dimension}.",
                    hint="One server must answer with one model: check what is behind VEDDER_EMBEDDINGS_URL.",
                )
            vectors[start : start + BATCH] = rows
        return unit(vectors)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        try:
            return _read(self._asked(texts), len(texts))
        except ServerProblem as problem:
            raise self._failed(problem) from problem
        except ValueError as error:
            raise EmbedderError(
                f"The embeddings endpoint {self._server.url} sent something else than vectors: {error}",
                hint="VEDDER_EMBEDDINGS_URL must be the base URL of an OpenAI-compatible server; it often ends in /v1.",
            ) from error

    def _asked(self, texts: Sequence[str]) -> bytes:
        # Asked for as floats: not every server knows the client's own default, base64.
        body = {"input": list(texts), "model": self._model, "encoding_format": "float"}
        for attempt in attempts(_again, most=self._server.attempts, first_wait=0.5, longest_wait=8):
            with attempt:
                return self._server.embeddings(body, seconds=SECONDS)
        raise AssertionError("the last attempt raises")

    def _failed(self, problem: ServerProblem) -> EmbedderError:
        if problem.status is None:
            return EmbedderError(
                f"The embeddings endpoint {self._server.url} did not answer: {problem}",
                hint="Check VEDDER_EMBEDDINGS_URL and that the server runs.",
            )
        hints = {401: "Check VEDDER_EMBEDDINGS_KEY.", 403: "Check VEDDER_EMBEDDINGS_KEY.", 429: "Try again later."}
        return EmbedderError(
            f"The embeddings endpoint {self._server.url} answered {problem.status}: {problem}",
            hint=hints.get(problem.status, "Check VEDDER_EMBEDDINGS_URL and the model in VEDDER_EMBEDDER."),
        )


def _again(error: Exception) -> bool | float:
    return error.again if isinstance(error, ServerProblem) else False


class _Row(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Body(BaseModel):
    data: list[_Row]


def _read(body: bytes, wanted: int) -> Vectors:
    """The vectors of an answer, checked here because the client passes on whatever came. Raises ValueError."""
    try:
        rows = sorted(_Body.model_validate_json(body).data, key=lambda row: row.index)
    except ValidationError as error:
        raise ValueError(repr(body[:80].decode(errors="replace"))) from error
    lengths = {len(row.embedding) for row in rows}
    if len(rows) != wanted or len(lengths) != 1:
        raise ValueError(f"{len(rows)} vectors for {wanted} texts, of {sorted(lengths)} numbers")
    return np.array([row.embedding for row in rows], dtype=np.float32)
