"""The curators' files as the pipeline works with them: sound clusters, all problems, a digest of every folder.

How files are read is in `vedder_core.cluster_files`. They are read again only when a digest changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from vedder_core.cluster import Cluster
from vedder_core.cluster_files import cluster_digest, load_clusters
from vedder_core.problem import Problem


@dataclass(frozen=True)
class Curated:
    """One state of the clusters folder. `digests` has every folder, also those whose cluster cannot be read."""

    folder: Path
    digests: Mapping[str, str]
    loaded: tuple[Cluster, ...]
    problems: tuple[Problem, ...]

    @cached_property
    def clusters(self) -> Mapping[str, Cluster]:
        return {cluster.name: cluster for cluster in self.loaded}

    def problems_of(self, cluster: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.file.split("/", 1)[0] == cluster)

    def problems_elsewhere(self) -> tuple[Problem, ...]:
        """Problems of folders that are no cluster of the graph, because they could not be read at all."""
        return tuple(problem for problem in self.problems if problem.file.split("/", 1)[0] not in self.clusters)

    def unread(self) -> tuple[str, ...]:
        """The folders whose cluster cannot be read."""
        return tuple(sorted(self.digests.keys() - self.clusters.keys()))


def read_curated(folder: Path, dialect: str) -> Curated:
    """Every cluster below `folder` as it is now."""
    # Digests come first: a file that changes in between is then seen as changed the next time.
    folders = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    digests = tuple((path.name, cluster_digest(path)) for path in folders if not path.name.startswith("."))
    return _read(folder, dialect, digests)


@lru_cache(maxsize=2)
def _read(folder: Path, dialect: str, digests: tuple[tuple[str, str], ...]) -> Curated:
    found = load_clusters(folder, dialect=dialect)
    return Curated(folder, dict(digests), found.clusters, found.problems)
