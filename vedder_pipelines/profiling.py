"""Profiles of a cluster's datasets; a dataset in which nothing changed is not scanned again.

How a table is profiled is each engine's part, and what may be told of it is in `vedder_core.privacy`.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from vedder_core.cluster import Cluster, Dataset
from vedder_core.errors import WarehouseError
from vedder_core.privacy import RULES
from vedder_core.profile import Profile
from vedder_core.schema import Catalog, Table
from vedder_core.warehouse.warehouse import Warehouse


@dataclass(frozen=True)
class ProfilingReport:
    """`profiles` by dataset name, and of which datasets they are new, reused, or missing: not there or not readable."""

    profiles: Mapping[str, Profile]
    profiled: tuple[str, ...]
    reused: tuple[str, ...]
    missing: tuple[str, ...]


def profile_cluster(
    cluster: Cluster,
    catalog: Catalog,
    warehouse: Warehouse,
    remembered: Mapping[str, Profile],
    progress: Callable[[str], None],
) -> ProfilingReport:
    """Profile each dataset whose schema, data or curation is not the one its remembered profile was made with.

    `progress` is told a sentence as each dataset is done. A view that cannot be read counts as missing; for a table
    that cannot be read, WarehouseError is raised.
    """
    tables = {dataset.name: catalog.find(dataset.name) for dataset in cluster.datasets}
    versions = warehouse.data_versions(table for table in tables.values() if table is not None)
    profiles: dict[str, Profile] = {}
    profiled: list[str] = []
    for dataset in cluster.datasets:
        table = tables[dataset.name]
        if table is None or table.name not in versions:
            progress(f"{dataset.name}: not in the warehouse")
            continue
        before, version = remembered.get(dataset.name), versions[table.name]
        if before is not None and _is_current(before, table, dataset, version):
            profiles[dataset.name] = before
            progress(f"{dataset.name}: unchanged since its last profile")
            continue
        started = time.monotonic()
        try:
            fresh = warehouse.profile(table, dataset, version)
        except WarehouseError as error:
            if table.kind == "table":
                raise
            # What a view stands on may have changed under it. That is one dataset's matter, and no one else's.
            progress(f"{dataset.name}: {error.message}")
            continue
        profiles[dataset.name] = replace(fresh, curation=_curation(dataset))
        profiled.append(dataset.name)
        progress(_done(fresh, time.monotonic() - started))
    return ProfilingReport(
        profiles=profiles,
        profiled=tuple(profiled),
        reused=tuple(name for name in profiles if name not in profiled),
        missing=tuple(name for name in tables if name not in profiles),
    )


def _is_current(before: Profile, table: Table, dataset: Dataset, version: str) -> bool:
    made_with = (before.fingerprint, before.data_version, before.curation)
    return made_with == (table.fingerprint, version, _curation(dataset))


def _curation(dataset: Dataset) -> str:
    """A digest of all that decides which values may be told: a new rule or a column made sensitive takes effect."""
    told = {
        "rules": RULES,
        "hidden": sorted(name.casefold() for name in dataset.hidden_columns()),
        "unsampled": sorted(name.casefold() for name in dataset.unsampled_columns()),
        "min_rows_per_value": dataset.min_rows_per_value,
    }
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def _done(profile: Profile, seconds: float) -> str:
    rows, columns = profile.rows.value, len(profile.columns)
    return (
        f"{profile.dataset}: {rows:,} row{'s' * (rows != 1)}, {columns} column{'s' * (columns != 1)}, {seconds:.1f} s"
    )
