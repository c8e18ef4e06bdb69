"""What a cluster's context is made of, in a form that can be compared: which clusters must be built again?

Plain code without Dagster, used by the sensors and by the command line alike. The answer rests on what was really
built and not on what was once noticed, so that a run that failed or was never started is not forgotten.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from vedder_core.cluster import Cluster
from vedder_core.privacy import RULES
from vedder_core.schema import Catalog, Table
from vedder_core.sql.below import below
from vedder_core.warehouse.warehouse import Warehouse

GONE = "gone"
"""The mark of a table that a cluster lists and the warehouse does not have. With it stands a digest of the names that
there are, so that its successor is looked for when a table comes later.
"""

UNKNOWN = "unknown"
"""In the mark of a view of which the engine cannot say whether its data changed, and so gives a new mark whenever it
is asked. Taken at its word it would be built every minute; so it is built at night, and when its schema changes."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The digest of a cluster's files, the mark of each of its datasets by name, what it was made with, and the mark of
    what other clusters forbid to tell of its datasets.
    """

    files: str
    tables: Mapping[str, str]
    made_with: str = ""
    forbidden: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """What a cluster's context and health were built from, and when."""

    inputs: Inputs
    at: datetime


@dataclass(frozen=True)
class Listing:
    """One look at the warehouse: its catalog, and a mark for each listed table that changes with schema or data, or
    with what else there is where it is gone.
    """

    catalog: Catalog
    marks: Mapping[str, str]

    def mark(self, dataset: str) -> str:
        return self.marks.get(dataset.casefold(), GONE)


def list_tables(clusters: Collection[Cluster], catalog: Catalog, warehouse: Warehouse) -> Listing:
    """The catalog, and the marks of all tables that some cluster lists, without a scan of any."""
    listed = catalog.only({dataset.name for cluster in clusters for dataset in cluster.datasets})
    versions = dict(warehouse.data_versions(listed.tables.values()))
    views = [table for table in listed.tables.values() if table.kind == "view"]
    for name, version in warehouse.data_versions(views).items() if views else ():
        if versions[name] != version:
            versions[name] = UNKNOWN
    marks = {name.casefold(): f"{_ground(listed.tables[name], catalog)[:16]}.{v}" for name, v in versions.items()}
    gone = {dataset.name for cluster in clusters for dataset in cluster.datasets if catalog.find(dataset.name) is None}
    if gone:
        waiting = f"{GONE} among {_names(catalog)}"
        marks |= {name.casefold(): waiting for name in sorted(gone)}
    return Listing(catalog, marks)


def _names(catalog: Catalog) -> str:
    return hashlib.sha256("\n".join(sorted(catalog.fingerprints)).encode()).hexdigest()[:16]


def _ground(table: Table, catalog: Catalog) -> str:
    """The fingerprint of a table; of a view also those of everything below it, macros too."""
    if table.definition is None:
        return table.fingerprint
    found = below([table.name], catalog)
    parts = [one.fingerprint for name in sorted(found.tables) if (one := catalog.find(name)) is not None]
    parts += [catalog.routines[name].fingerprint for name in sorted(found.routines)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def made_with(embedder: str) -> str:
    """What makes a context, besides files and tables: another embedder or stricter rules build it again."""
    return f"{embedder}, privacy rules {RULES}"


def inputs_of(cluster: Cluster, digest: str, listing: Listing, *, embedder: str, forbidden: str) -> Inputs:
    """What the cluster is built from, with files of this digest, such neighbours, and a warehouse like this."""
    tables = {dataset.name: listing.mark(dataset.name) for dataset in cluster.datasets}
    return Inputs(digest, tables, made_with(embedder), forbidden)


def touched(now: Mapping[str, Inputs], built: Mapping[str, Built]) -> tuple[str, ...]:
    """The clusters that were never built, or built from something else."""
    return tuple(name for name, inputs in now.items() if name not in built or built[name].inputs != inputs)


def changed_tables(listing: Listing, observed: Mapping[str, str]) -> tuple[Table, ...]:
    """The listed tables whose mark is not the one that was observed last."""
    found = (listing.catalog.find(name) for name, mark in listing.marks.items() if observed.get(name) != mark)
    return tuple(table for table in found if table is not None)
