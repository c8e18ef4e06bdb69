"""Sentence models that run in this process: onnxruntime and a tokenizer file, mean pooling, unit length.

Deliberately not here: where weights come from (`weights.py`). Any folder with the same two files works.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vedder_core.embedder.models import MODELS
from vedder_core.embedder.vectors import Vectors, unit
from vedder_core.embedder.weights import weights_of
from vedder_core.errors import EmbedderError

BATCH = 64
THREADS = 2


def open_local(model: str, folder: Path) -> "OnnxEmbedder":
    """The local model whose weights lie in `folder/<model>`. Raises EmbedderError that says how to get them."""
    return OnnxEmbedder(model, weights_of(model, folder), max_tokens=MODELS[model].max_tokens)


class OnnxEmbedder:
    """A BERT-like encoder as ONNX with its `tokenizer.json`; longer texts are cut at `max_tokens`."""

    def __init__(self, model: str, folder: Path, *, max_tokens: int) -> None:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise EmbedderError(
                f"The local embedder needs the package `{error.name}`.",
                hint="Install vedder[local-embedder], or set VEDDER_EMBEDDER to hashed-words or openai:<model>.",
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = THREADS
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # else a thread burns CPU long after
        options.log_severity_level = 3
        path = folder / "model.onnx"
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except Exception as error:  # both libraries raise bare Exception for a file that they cannot read
            raise EmbedderError(
                f"The weights in {folder} cannot be loaded: {error}",
                hint=f"Fetch them again: python -m vedder_core.embedder.weights {model}",
            ) from error
        # The files as shipped pad every text to 128 tokens and cut long ones there.
        self._tokenizer.enable_truncation(max_tokens)
        self._tokenizer.enable_padding()
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.name = f"{model}-{digest[:12]}"
        self.dimension = int(self._session.get_outputs()[0].shape[-1])

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        for start in range(0, len(by_length), BATCH):
            batch = by_length[start : start + BATCH]
            vectors[batch] = self._embed_batch([texts[index] for index in batch])
        return vectors

    def _embed_batch(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        feed = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        states = self._session.run(None, {name: feed[name] for name in self._inputs})[0]
        if states.ndim == 2:  # already pooled inside the model
            return unit(states)
        weights = mask[:, :, None].astype(np.float32)
        return unit((states * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1))
