"""The external asset `warehouse_catalog`: the whole catalog of the warehouse, and the event of a change of it.

Its key has one part, so that no table's and no cluster's can collide with it.
"""

from collections.abc import Iterator

import dagster as dg

from vedder_core.schema_change import TableAdded, TableGone
from vedder_pipelines.assets.cluster_asset import Cell, table
from vedder_pipelines.change_rows import CHANGE_COLUMNS, change_rows
from vedder_pipelines.observing import CatalogChange

WAREHOUSE_CATALOG = dg.AssetKey(["warehouse_catalog"])
MOST_ROWS = 500
"""More changes than this are counted and not listed: an event is for people to read."""


def catalog_spec(dialect: str) -> dg.AssetSpec:
    """The asset; nothing depends on it."""
    return dg.AssetSpec(
        WAREHOUSE_CATALOG,
        description="Everything that the warehouse holds, also what no cluster lists. An event tells what changed "
        "since the last one: renames and moves with how sure they are, and which clusters and pairs stand on it.",
        group_name="all_clusters",
        kinds={dialect},
    )


def catalog_changed(change: CatalogChange) -> dg.AssetMaterialization:
    """The event that the catalog is not what it was."""
    catalog, changes = change.catalog, change.changes.changes
    rows = list(_rows(change))
    return dg.AssetMaterialization(
        WAREHOUSE_CATALOG,
        description=f"{len(rows):,} changes" if rows else "The catalog as it was first seen.",
        metadata={
            "tables": len(catalog.tables),
            "macros_and_functions": len(catalog.routines),
            "changes": len(rows),
            "tables_changed": len(change.changes.tables()),
            "tables_added": sum(isinstance(one, TableAdded) for one in changes),
            "tables_gone": sum(isinstance(one, TableGone) for one in changes),
            "pairs_touched": len({pair for pairs in change.pairs.values() for pair in pairs}),
            "changed": table({**CHANGE_COLUMNS, "clusters": "string", "pairs": "string"}, rows[:MOST_ROWS]),
            "digest": catalog.digest,
        },
        tags={"dagster/data_version": catalog.digest},
    )


def _rows(change: CatalogChange) -> Iterator[tuple[Cell, ...]]:
    """What somebody stands on comes first."""
    rows = change_rows(change.changes.changes, change.changes.routines)
    for row in sorted(rows, key=lambda row: (row[0] not in change.pairs, row[0] not in change.clusters)):
        yield (*row, ", ".join(change.clusters.get(row[0], ())), _few(change.pairs.get(row[0], ())))


def _few(names: tuple[str, ...], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
