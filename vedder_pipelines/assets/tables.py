"""The warehouse tables that clusters list, as external assets: what they are, and the event of a change."""

import re
from collections.abc import Iterable

import dagster as dg

from vedder_core.cluster import Cluster
from vedder_core.schema import Table


def table_key(dataset: str) -> dg.AssetKey:
    """Clusters may spell a table in different cases; it is one asset."""
    return dg.AssetKey(["warehouse", *dataset.casefold().split(".")])


def table_specs(clusters: Iterable[Cluster], dialect: str) -> list[dg.AssetSpec]:
    """One external asset for each table that some cluster lists; the rest of the warehouse is not in the graph."""
    described: dict[str, list[str]] = {}
    for cluster in clusters:
        for dataset in cluster.datasets:
            lines = described.setdefault(dataset.name.casefold(), [])
            lines.append(f"In **{cluster.title}** (`{cluster.name}`): {dataset.description}")
    return [
        dg.AssetSpec(
            table_key(name),
            description="\n\n".join(lines),
            group_name=_group(name),
            kinds={"table", dialect},
        )
        for name, lines in sorted(described.items())
    ]


def table_changed(table: Table, mark: str) -> dg.AssetMaterialization:
    """The event that a table is not what it was; `mark` is its data version, so that equal marks mean no change."""
    columns = [
        dg.TableColumn(
            column.name,
            column.type,
            description=column.comment,
            constraints=dg.TableColumnConstraints(nullable=column.nullable),
        )
        for column in table.columns
    ]
    metadata: dict[str, dg.MetadataValue] = {
        "dagster/column_schema": dg.MetadataValue.table_schema(dg.TableSchema(columns=columns)),
        "kind": dg.MetadataValue.text(table.kind),
    }
    if table.rows is not None:
        metadata["dagster/row_count"] = dg.MetadataValue.int(table.rows)
    return dg.AssetMaterialization(
        table_key(table.name),
        description=table.comment or f"Schema or data of {table.name} changed.",
        metadata=metadata,
        tags={"dagster/data_version": mark},
    )


def _group(dataset: str) -> str:
    schema = dataset.rpartition(".")[0] or "main"
    return f"wh_{re.sub(r'[^A-Za-z0-9_]', '_', schema)}"
