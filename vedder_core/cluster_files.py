"""The folder of cluster files: every cluster in it, and every problem of every file in one run.

Deliberately not here: what the warehouse says about a cluster (`cluster_check`), and one file's own reading
(`pair_file`, `doc_file`, `yaml_lines`).
"""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from vedder_core.cluster import Cluster, Doc
from vedder_core.cluster_card import WrittenCard, read_card
from vedder_core.doc_file import read_doc
from vedder_core.pair_file import Surroundings, WrittenPair, read_pair
from vedder_core.pair_parameters import BLANK, questions
from vedder_core.problem import Problem, Problems, did_you_mean
from vedder_core.yaml_tree import Node

NAME = re.compile(r"[a-z][a-z0-9_]*")
INSIDE = ("cluster.yaml", "pairs", "docs", "README.md")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds: the sound clusters, all problems, and where everything stands.

    `lines` gives the line of a key by file and key, both spelt as in Problem, and of a pair's SQL by the key `sql`;
    `datasets` are the names that any readable cluster.yaml lists, also one whose cluster is not sound.
    """

    clusters: tuple[Cluster, ...]
    problems: tuple[Problem, ...]
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    datasets: frozenset[str] = frozenset()


def load_clusters(folder: Path, *, dialect: str = "duckdb", today: date | None = None) -> Loaded:
    """Read every cluster below `folder`; never raises for what is in the files.

    A cluster has its sound pairs and docs: a file with a problem is left out, the others can be published. It is
    missing altogether when its cluster.yaml or its folder's name has a problem. Of two pairs that ask the same
    question the first by name stays. Hidden files are ignored. `today` is the latest date of vetting; as dates
    differ around the world, it defaults to tomorrow's in UTC.
    """
    problems = Problems(folder)
    latest = today or datetime.now(UTC).date() + timedelta(days=1)
    drafts = [_read_cluster(path, problems, dialect, latest) for path in _cluster_folders(folder, problems)]
    faulty = {problem.file for problem in problems.found}
    clusters = tuple(cluster for draft in drafts if (cluster := _sound(draft, folder, faulty)) is not None)
    lines = {at: line for draft in drafts for at, line in _lines(draft, folder)}
    datasets = frozenset(name for draft in drafts if draft.card is not None for name in draft.card.listed)
    return Loaded(clusters, problems.sorted(), lines, datasets)


def cluster_digest(folder: Path) -> str:
    """sha256 over the names and bytes of a cluster's files, without hidden ones; that of nothing where it is gone.

    A file that cannot be opened counts by its name.
    """
    digest = hashlib.sha256()
    for path in sorted(_files_below(folder)):
        content = _bytes(path)
        digest.update(f"{path.relative_to(folder).as_posix()}\x1f{len(content)}\x1e".encode())
        digest.update(content)
    return digest.hexdigest()


def _files_below(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in files if not name.startswith("."))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@dataclass(frozen=True, slots=True)
class _Draft:
    folder: Path
    card: WrittenCard | None
    pairs: tuple[WrittenPair, ...]
    docs: tuple[tuple[Path, Doc], ...]


def _visible(folder: Path, problems: Problems) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        problems.report(folder, f"The folder cannot be opened: {error.strerror}.", hint="Check its rights.")
        return []


def _cluster_folders(folder: Path, problems: Problems) -> list[Path]:
    whole = Path(folder.name or folder)
    if not folder.is_dir():
        problems.report(whole, "There is no such folder.", hint="Set VEDDER_CLUSTERS to the folder of your clusters.")
        return []
    inside = _visible(folder, problems)
    folders = [path for path in inside if path.is_dir()]
    if not folders:
        problems.report(whole, "The folder holds no cluster.", hint="A cluster is a folder with a cluster.yaml.")
    for path in inside:
        if not path.is_dir() and path.name != "README.md":
            problems.report(
                path, "The file belongs to no cluster.", hint="Move it into the folder of a cluster, or delete it."
            )
    for path in folders:
        _check_name(path, path.name, inside, problems)
    return folders


def _check_name(path: Path, stem: str, beside: list[Path], problems: Problems) -> None:
    if NAME.fullmatch(stem):
        return
    better = re.sub(r"[^a-z0-9]+", "_", stem.casefold()).strip("_") + path.name[len(stem) :]
    taken = f" (`{better}` is there already)" if any(other.name == better for other in beside) else ""
    rename = f"Rename it to `{better}`{taken}." if NAME.match(better) else ""
    problems.report(
        path, "The name must be made of lower-case letters, digits and `_`, and begin with a letter.", hint=rename
    )


def _read_cluster(folder: Path, problems: Problems, dialect: str, today: date) -> _Draft:
    inside = _visible(folder, problems)
    for path in inside:
        if path.name not in INSIDE:
            hint = _belongs(path) or did_you_mean(path.name, INSIDE)
            problems.report(path, "Nothing of this name is read in a cluster's folder.", hint=hint)
    card = None
    if any(path.name == "cluster.yaml" for path in inside):
        card = read_card(folder / "cluster.yaml", problems, dialect)
    else:
        problems.report(folder, "The folder has no cluster.yaml.", hint="Write one, or remove the folder.")
    around = Surroundings(card.listed if card is not None else None, dialect, today)
    pairs = [read_pair(path, problems, around) for path in _files_in(folder / "pairs", ".sql", problems)]
    docs = [(path, read_doc(path, problems)) for path in _files_in(folder / "docs", ".md", problems)]
    written = tuple(pair for pair in pairs if pair is not None)
    _check_asked_once(written, problems.root)
    return _Draft(folder, card, written, tuple((path, doc) for path, doc in docs if doc is not None))


def _files_in(folder: Path, suffix: str, problems: Problems) -> list[Path]:
    if not folder.is_dir():
        if folder.exists():
            problems.report(folder, "This must be a folder.")
        return []
    inside = _visible(folder, problems)
    found = []
    for path in inside:
        if path.suffix != suffix or path.is_dir():
            hint = _belongs(path) or f"Files in `{folder.name}/` end in `{suffix}`."
            problems.report(path, f"Only `{suffix}` files are read here, and no folders.", hint=hint)
            continue
        _check_name(path, path.stem, inside, problems)
        found.append(path)
    return found


def _belongs(path: Path) -> str:
    places = {".sql": "A pair belongs in `pairs/`.", ".md": "A doc belongs in `docs/`."}
    return places.get(path.suffix, "") if path.is_file() else ""


def _check_asked_once(pairs: tuple[WrittenPair, ...], root: Path) -> None:
    """Two pairs that ask the same, up to the names of their parameters, could not be told apart."""
    asked: dict[str, tuple[WrittenPair, int]] = {}
    for pair in pairs:
        for path, question in questions(pair.header):
            words = " ".join(BLANK.sub("{}", question).casefold().split()).rstrip("?.! ")
            line = pair.header.at(path).line
            first, first_line = asked.setdefault(words, (pair, line))
            if (first, first_line) != (pair, line):
                pair.file.report(
                    f"{first.file.path.relative_to(root).as_posix()}:{first_line} already asks this.",
                    line=line,
                    key=pair.header.key(path),
                    hint="Reword it, or keep one of the two.",
                )


def _sound(draft: _Draft, root: Path, faulty: set[str]) -> Cluster | None:
    def is_sound(path: Path) -> bool:
        return path.relative_to(root).as_posix() not in faulty

    card = draft.card.cluster if draft.card is not None else None
    if card is None or not is_sound(draft.folder) or not is_sound(draft.folder / "cluster.yaml"):
        return None
    pairs = tuple(written.pair for written in draft.pairs if written.pair and is_sound(written.file.path))
    docs = tuple(doc for path, doc in draft.docs if is_sound(path))
    return card.model_copy(update={"pairs": pairs, "docs": docs})


def _lines(draft: _Draft, root: Path) -> Iterator[tuple[tuple[str, str], int]]:
    written: list[tuple[Path, Node]] = [(pair.file.path, pair.header) for pair in draft.pairs]
    if draft.card is not None:
        written.append((draft.folder / "cluster.yaml", draft.card.node))
    for path, node in written:
        name = path.relative_to(root).as_posix()
        yield from (((name, key), line) for key, line in node.lines())
    for pair in draft.pairs:
        yield (pair.file.path.relative_to(root).as_posix(), "sql"), pair.sql_line
