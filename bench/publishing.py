"""Publishing a folder of clusters in one process, without Dagster: for benches of what is asked of a context."""

from collections.abc import Callable, Mapping
from pathlib import Path

from vedder_core.cluster import Cluster
from vedder_core.cluster_files import load_clusters
from vedder_core.context.index import ContextWriter
from vedder_core.schema import Catalog
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import Judged, judge_cluster

Judge = Callable[[Cluster, Catalog, Warehouse], Mapping[str, Judged]]


def by_the_engine(cluster: Cluster, catalog: Catalog, warehouse: Warehouse) -> Mapping[str, Judged]:
    """As the pipelines judge pairs."""
    return judge_cluster(cluster, catalog, warehouse, {}).judged


def publish(
    folder: Path, warehouse: Warehouse, writer: ContextWriter, judge: Judge = by_the_engine
) -> tuple[Cluster, ...]:
    """Publish every cluster of a folder as the pipelines do: load, profile, judge, entries, one commit each."""
    loaded = load_clusters(folder / "clusters")
    catalog = warehouse.catalog()
    for cluster in loaded.clusters:
        profiles = {
            dataset.name: warehouse.profile(table, dataset, "")
            for dataset in cluster.datasets
            if (table := catalog.find(dataset.name)) is not None
        }
        writer.publish(cluster.name, entries_of(cluster, catalog, profiles, judge(cluster, catalog, warehouse)))
    return loaded.clusters
