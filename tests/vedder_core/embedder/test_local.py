"""The local models with their real weights; skipped, saying so, where those cannot be had."""

import os
from pathlib import Path

import numpy as np
import pytest

from vedder_core.embedder.local import OnnxEmbedder, open_local
from vedder_core.errors import EmbedderError

FOLDER = Path(os.environ.get("VEDDER_MODELS", "build/models"))


@pytest.fixture(scope="module", params=["minilm", "gte-small"])
def model(request: pytest.FixtureRequest) -> OnnxEmbedder:
    if not (FOLDER / request.param / "model.onnx").is_file():
        pytest.skip(
            f"no weights of {request.param} in {FOLDER}; python -m vedder_core.embedder.weights {request.param}"
        )
    return open_local(request.param, FOLDER)


def test_a_paraphrase_is_nearer_than_another_question(model: OnnxEmbedder) -> None:
    asked, same, other = model.embed(
        ["How many flights left JFK in July?", "July departures from JFK, how many?", "Which plane is the oldest?"]
    )
    assert asked @ same > asked @ other + 0.1


def test_vectors_are_units_and_do_not_depend_on_the_company_of_a_text(model: OnnxEmbedder) -> None:
    texts = ["wind", "a much longer text " * 20, "", "How late was the last flight?"]
    together = model.embed(texts)
    alone = np.vstack([model.embed([text]) for text in texts])
    assert together.shape == (4, model.dimension)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, rtol=1e-5)
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_a_text_is_read_past_the_128_tokens_where_the_shipped_tokenizer_cuts(model: OnnxEmbedder) -> None:
    start = "flight " * 150
    plain, with_end = model.embed([start, start + "the weather was bad and the wind was strong"])
    assert plain @ with_end < 0.999


def test_no_texts_are_no_vectors(model: OnnxEmbedder) -> None:
    assert model.embed([]).shape == (0, model.dimension)


def test_the_name_tells_the_weights(model: OnnxEmbedder) -> None:
    assert model.name in {"minilm-8199be6f699a", "gte-small-398a29991324"}


def test_a_file_that_is_no_model_says_how_to_fetch_it_again(tmp_path: Path) -> None:
    home = tmp_path / "minilm"
    home.mkdir()
    (home / "model.onnx").write_text("not a model")
    (home / "tokenizer.json").write_text("{}")
    with pytest.raises(EmbedderError, match="weights minilm"):
        open_local("minilm", tmp_path)
