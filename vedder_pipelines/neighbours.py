"""What other clusters forbid to tell of a cluster's datasets: it holds here, too, and so does what they withhold.

A cluster whose files cannot be read has its say as they were last read. Plain code without Dagster.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vedder_core.cluster import Cluster
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.schema import Catalog
from vedder_core.untold import Untold, untold_by, with_untold
from vedder_pipelines.curated import Curated
from vedder_pipelines.remembered import UNTOLD
from vedder_pipelines.withheld import with_withheld, withheld_now


@dataclass(frozen=True)
class Neighbours:
    """The clusters that forbid something, by each dataset's name in lower case; and those that cannot be read."""

    forbidding: Mapping[str, tuple[Cluster, ...]]
    unread: tuple[str, ...] = ()

    @classmethod
    def among(cls, curated: Curated) -> "Neighbours":
        found: defaultdict[str, list[Cluster]] = defaultdict(list)
        for cluster in curated.loaded:
            for name in untold_by([cluster]):
                found[name].append(cluster)
        return cls({name: tuple(saying) for name, saying in found.items()}, curated.unread())

    def of(self, cluster: Cluster) -> tuple[Cluster, ...]:
        """The other clusters that forbid something of a dataset that this one lists."""
        names = [dataset.name.casefold() for dataset in cluster.datasets]
        found = {one.name: one for name in names for one in self.forbidding.get(name, ()) if one.name != cluster.name}
        return tuple(found.values())

    def mark(self, cluster: Cluster, memory: Memory) -> str:
        """Changes with what the files of others forbid of this cluster's datasets; "" where they forbid nothing."""
        said = _of(cluster, self._said(self.of(cluster), memory))
        written = [f"{n} {sorted(one.hidden)} {sorted(one.sensitive)} {one.least}" for n, one in sorted(said.items())]
        return hashlib.sha256("\n".join(written).encode()).hexdigest()[:16] if written else ""

    def own(self, cluster: Cluster, memory: Memory, catalogs: Catalogs, catalog: Catalog) -> Cluster:
        """The cluster as the pipelines may tell of it: with what it withholds, and what others forbid or withhold."""
        others = self.of(cluster)
        names = {dataset.name.casefold() for dataset in cluster.datasets}
        guarded = [with_withheld(one, withheld_now(memory, catalogs, one, catalog, only=names)) for one in others]
        withheld = withheld_now(memory, catalogs, cluster, catalog)
        return with_untold(with_withheld(cluster, withheld), self._said(guarded, memory))

    def _said(self, others: Iterable[Cluster], memory: Memory) -> Mapping[str, Untold]:
        said = untold_by(others)
        for remembered in UNTOLD.recall(memory, self.unread).values() if self.unread else ():
            for name, one in remembered.items():
                said[name] = said.get(name, Untold()) | one
        return said


def remember_untold(memory: Memory, cluster: Cluster) -> None:
    """What a cluster forbids and withholds, for the day on which its files cannot be read."""
    said = untold_by([cluster])
    if UNTOLD.recall(memory, [cluster.name]).get(cluster.name, {}) != said:
        UNTOLD.remember(memory, {cluster.name: said})


def _of(cluster: Cluster, said: Mapping[str, Untold]) -> dict[str, Untold]:
    names = {dataset.name.casefold() for dataset in cluster.datasets}
    return {name: one for name, one in said.items() if name in names}
