"""`vedder clusters overlap`: how much of a new cluster the context covers already, and what contradicts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vedder_api.parts import Parts
from vedder_core.cluster import Cluster, Owner
from vedder_core.cluster_files import load_clusters
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.embedder import Embedder
from vedder_core.errors import VedderError
from vedder_core.overlap import Overlap, Shared, overlap_of
from vedder_core.warehouse.warehouse import dialect_of
from vedder_core.wording import BLANK

COVERED = 0.5
"""From this share on, a new cluster is rather a part of another one."""


class NoCluster(VedderError):
    """The folder holds no cluster that can be read."""


@dataclass(frozen=True, slots=True)
class CoveredBy:
    """What one cluster of the context has of a new one. `share` is of the new one's datasets, definitions and pairs."""

    cluster: str
    owner: Owner
    share: float
    datasets: tuple[str, ...]
    terms: tuple[str, ...]
    questions: tuple[str, ...]
    near_questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """A new cluster against the context of a version. `share` is what the others have of it together."""

    cluster: str
    context_version: int
    share: float
    by: tuple[CoveredBy, ...]
    conflicts: tuple[Shared, ...]

    @property
    def is_covered(self) -> bool:
        return self.share >= COVERED


def covered(folder: Path, parts: Parts) -> tuple[Covered, ...]:
    """Each cluster of the folder, or the one that it is. Raises NoCluster, ContextError or EmbedderError."""
    dialect = dialect_of(parts.settings.warehouse)
    clusters = _clusters(folder, dialect)
    snapshot, embedder = parts.reader().snapshot(), parts.embedder()
    return tuple(_covered(cluster, snapshot, embedder, dialect) for cluster in clusters)


def _clusters(folder: Path, dialect: str) -> tuple[Cluster, ...]:
    whole = folder.resolve()
    alone = (whole / "cluster.yaml").is_file()
    loaded = load_clusters(whole.parent if alone else whole, dialect=dialect)
    found = tuple(cluster for cluster in loaded.clusters if not alone or cluster.name == whole.name)
    if not found:
        mine = [problem for problem in loaded.problems if not alone or problem.file.startswith(f"{whole.name}/")]
        said = f" {mine[0]}" if mine else ""
        raise NoCluster(f"{folder} holds no cluster that can be read.{said}", hint="`vedder check` lists all problems.")
    return found


def _covered(cluster: Cluster, snapshot: Snapshot, embedder: Embedder, dialect: str) -> Covered:
    asked = {pair.slug: BLANK.sub("", "\n".join(pair.questions())) for pair in cluster.pairs}
    vectors = dict(zip(asked, embedder.embed(list(asked.values())), strict=True)) if asked else {}
    found = overlap_of(cluster, vectors, snapshot, dialect=dialect)
    by = [_by(name, found) for name in sorted({one.cluster for one in found.shared})]
    by.sort(key=lambda one: (-one.share, one.cluster))
    return Covered(cluster.name, snapshot.version, _share(found.shared, found.of), tuple(by), found.conflicts)


def _by(cluster: str, found: Overlap) -> CoveredBy:
    its = [one for one in found.shared if one.cluster == cluster]

    def named(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.name for one in its if one.kind == kind))

    share = _share(its, found.of)
    return CoveredBy(
        cluster, its[0].owner, share, named("dataset"), named("term"), named("question"), named("near_question")
    )


def _share(shared: Sequence[Shared], of: int) -> float:
    """Near questions count half: they may ask something else."""
    whole = {(one.kind, one.name) for one in shared if one.kind != "note"}
    same = {one for one in whole if one[0] != "near_question"}
    near = {name for kind, name in whole if kind == "near_question" and ("question", name) not in same}
    return round(min(1.0, (len(same) + 0.5 * len(near)) / of), 4) if of else 0.0
