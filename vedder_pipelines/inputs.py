"""What a cluster's context is made of, in a form that can be compared: which clusters must be built again?

Plain code without Dagster, used by the sensors and by the command line alike. The answer rests on what was really
built and not on what was once noticed, so that a run that failed or was never started is not forgotten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from vedder_core.cluster import Cluster
from vedder_core.profile import Profile
from vedder_core.schema import Catalog, Table
from vedder_core.warehouse.warehouse import Warehouse

GONE = "gone"
"""The mark of a table that a cluster lists and the warehouse does not have, or cannot read (a view over nothing)."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The digest of a cluster's files, and the mark of each of its datasets by name."""

    files: str
    tables: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Built:
    """What a cluster's context and health were built from, and when."""

    inputs: Inputs
    at: datetime


@dataclass(frozen=True)
class Listing:
    """One look at the warehouse: its catalog, and a mark for each listed table that changes with schema or data."""

    catalog: Catalog
    marks: Mapping[str, str]

    def mark(self, dataset: str) -> str:
        return self.marks.get(dataset.casefold(), GONE)


def list_tables(clusters: Iterable[Cluster], warehouse: Warehouse) -> Listing:
    """The catalog, and the marks of all tables that some cluster lists, without a scan of any."""
    catalog = warehouse.catalog()
    listed = catalog.only({dataset.name for cluster in clusters for dataset in cluster.datasets})
    versions = warehouse.data_versions(listed.tables.values())
    marks = {name.casefold(): _mark(listed.tables[name].fingerprint, version) for name, version in versions.items()}
    return Listing(catalog, marks)


def inputs_now(cluster: Cluster, digest: str, listing: Listing) -> Inputs:
    """What the cluster would be built from now."""
    return Inputs(digest, {dataset.name: listing.mark(dataset.name) for dataset in cluster.datasets})


def inputs_used(cluster: Cluster, digest: str, profiles: Mapping[str, Profile]) -> Inputs:
    """What the cluster was built from, going by its profiles; a dataset without one counts as gone."""
    used = {name: _mark(profile.fingerprint, profile.data_version) for name, profile in profiles.items()}
    return Inputs(digest, {dataset.name: used.get(dataset.name, GONE) for dataset in cluster.datasets})


def touched(now: Mapping[str, Inputs], built: Mapping[str, Built]) -> tuple[str, ...]:
    """The clusters that were never built, or built from something else."""
    return tuple(name for name, inputs in now.items() if name not in built or built[name].inputs != inputs)


def changed_tables(listing: Listing, observed: Mapping[str, str]) -> tuple[Table, ...]:
    """The listed tables whose mark is not the one that was observed last."""
    found = (listing.catalog.find(name) for name, mark in listing.marks.items() if observed.get(name) != mark)
    return tuple(table for table in found if table is not None)


def _mark(fingerprint: str, data_version: str) -> str:
    return f"{fingerprint[:16]}.{data_version}"
