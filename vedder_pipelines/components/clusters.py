"""The Dagster component that turns the folder of cluster files into assets, for any number of clusters.

It reads files and nothing else: the warehouse is not asked while the graph is built.
"""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from vedder_pipelines.assets.calibration import calibration_asset
from vedder_pipelines.assets.cluster_asset import Curation
from vedder_pipelines.assets.context import context_asset
from vedder_pipelines.assets.health import health_asset
from vedder_pipelines.assets.overview import overview_asset
from vedder_pipelines.assets.profiles import profiles_asset
from vedder_pipelines.assets.tables import table_specs
from vedder_pipelines.assets.verdicts import verdicts_asset
from vedder_pipelines.assets.warehouse_catalog import catalog_spec
from vedder_pipelines.curated import read_curated
from vedder_pipelines.neighbours import Neighbours


@dataclass
class ClustersComponent(dg.Component, dg.Resolvable):
    """Four assets for each cluster below `folder`, an external asset for each table that one lists, and two over
    all clusters: their calibration, and an overview."""

    folder: str
    dialect: str

    def clusters(self) -> tuple[str, ...]:
        """The names of the clusters that the graph has."""
        return tuple(read_curated(Path(self.folder), self.dialect).clusters)

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002
        curated = read_curated(Path(self.folder), self.dialect)
        neighbours = Neighbours.among(curated)
        curations = [
            Curation(
                cluster,
                curated.digests[cluster.name],
                curated.problems_of(cluster.name),
                curated.folder,
                self.dialect,
                neighbours=neighbours,
            )
            for cluster in curated.loaded
        ]
        factories = (profiles_asset, verdicts_asset, context_asset, health_asset)
        return dg.Definitions(
            assets=[
                catalog_spec(self.dialect),
                *table_specs(curated.loaded, self.dialect),
                *(factory(curation) for curation in curations for factory in factories),
                calibration_asset(curations),
                overview_asset(curations),
            ]
        )
