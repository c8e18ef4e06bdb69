"""Any server that speaks OpenAI's HTTP interface, with one layer of retries, and the embedder on top of it.

The only file that imports `openai`. What a server sends is checked: many call themselves compatible.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, FiniteFloat, ValidationError

from vedder_core.embedder.vectors import Vectors, unit
from vedder_core.errors import EmbedderError
from vedder_core.retrying import attempts

if TYPE_CHECKING:
    import openai

BATCH = 128
LONGEST_WAIT = 60.0


class OpenAIServer:
    """A connection to one base URL. Busy and failing servers are asked again, `attempts` times in all."""

    def __init__(self, url: str, key: str | None, *, attempts: int = 4, timeout: float = 60.0) -> None:
        import openai

        self.url = url
        self.attempts = attempts
        # A second layer of retries inside the client would multiply ours.
        self.client = openai.OpenAI(base_url=url, api_key=key or "none", max_retries=0, timeout=timeout)

    def embeddings(self, texts: Sequence[str], model: str) -> Vectors:
        """One vector a text, in the order of the texts. Raises EmbedderError."""
        import openai

        try:
            for attempt in attempts(_wait_before_retry, most=self.attempts, first_wait=0.5, longest_wait=8):
                with attempt:
                    # Asked for as floats: not every server knows the client's own default, base64.
                    answer = self.client.embeddings.with_raw_response.create(
                        input=list(texts), model=model, encoding_format="float"
                    )
            return _vectors(answer.content, len(texts))
        except openai.APIStatusError as error:
            raise self._refused(error) from error
        except openai.OpenAIError as error:
            raise EmbedderError(
                f"The embeddings endpoint {self.url} did not answer: {error}",
                hint="Check VEDDER_EMBEDDINGS_URL and that the server runs.",
            ) from error
        except ValueError as error:
            raise EmbedderError(
                f"The embeddings endpoint {self.url} sent something else than vectors: {error}",
                hint="VEDDER_EMBEDDINGS_URL must be the base URL of an OpenAI-compatible server; it often ends in /v1.",
            ) from error

    def _refused(self, error: "openai.APIStatusError") -> EmbedderError:
        hints = {401: "Check VEDDER_EMBEDDINGS_KEY.", 403: "Check VEDDER_EMBEDDINGS_KEY.", 429: "Try again later."}
        said = " ".join(str(error.message).split())[:200]
        return EmbedderError(
            f"The embeddings endpoint {self.url} answered {error.status_code}: {said}",
            hint=hints.get(error.status_code, "Check VEDDER_EMBEDDINGS_URL and the model in VEDDER_EMBEDDER."),
        )


class _Row(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Body(BaseModel):
    data: list[_Row]


def _vectors(body: bytes, wanted: int) -> Vectors:
    """The vectors of an answer, checked here because the client passes on whatever came. Raises ValueError."""
    try:
        rows = sorted(_Body.model_validate_json(body).data, key=lambda row: row.index)
    except ValidationError as error:
        raise ValueError(repr(body[:80].decode(errors="replace"))) from error
    lengths = {len(row.embedding) for row in rows}
    if len(rows) != wanted or len(lengths) != 1:
        raise ValueError(f"{len(rows)} vectors for {wanted} texts, of {sorted(lengths)} numbers")
    return np.array([row.embedding for row in rows], dtype=np.float32)


def _wait_before_retry(error: Exception) -> bool | float:
    """May this be asked again? With the seconds that the server asks for in `Retry-After`, where it does."""
    import openai

    if isinstance(error, openai.APIConnectionError):
        return True
    if not isinstance(error, openai.RateLimitError | openai.InternalServerError):
        return False
    try:
        return min(max(float(error.response.headers["retry-after"]), 0.0), LONGEST_WAIT)
    except (KeyError, ValueError):  # not sent, or sent as a date
        return True


class RemoteEmbedder:
    """A model behind an OpenAI-compatible endpoint. Its dimension is learned from the first answer."""

    def __init__(self, server: OpenAIServer, model: str) -> None:
        self.name = f"openai:{model}"
        self._server = server
        self._model = model

    @cached_property
    def dimension(self) -> int:
        return len(self._server.embeddings(["dimension"], self._model)[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            # An empty text is an error to some servers.
            batch = [text or " " for text in texts[start : start + BATCH]]
            rows = self._server.embeddings(batch, self._model)
            if rows.shape[1] != self.dimension:
                raise EmbedderError(
                    f"{self.name} sent vectors of {rows.shape[1]} numbers after vectors of {self.dimension}.",
                    hint="One server must answer with one model: check what is behind VEDDER_EMBEDDINGS_URL.",
                )
            vectors[start : start + BATCH] = rows
        return unit(vectors)
