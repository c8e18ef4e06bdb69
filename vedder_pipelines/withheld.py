"""A column that is hidden and gone may be there under another name: until its curator says, what is new is hidden, too.

cluster.yaml names the old column, so that nothing would hide the new one. Plain code without Dagster.
"""

from collections.abc import Collection, Iterator, Mapping

from vedder_core.cluster import Cluster, ColumnNote, Dataset
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.schema import Catalog, Table
from vedder_pipelines.remembered import HELD, WITHHELD

Columns = tuple[str, ...]


def look_for_renamed(memory: Memory, catalogs: Catalogs, cluster: Cluster, catalog: Catalog) -> None:
    """Remember what is withheld now."""
    before = WITHHELD.recall_in(memory, cluster.name, [dataset.name for dataset in cluster.datasets])
    found = withheld_now(memory, catalogs, cluster, catalog)
    fresh = {name: columns for name, columns in found.items() if before.get(name) != columns}
    WITHHELD.remember_in(memory, cluster.name, fresh, forget=before.keys() - found.keys())


def withheld_now(
    memory: Memory, catalogs: Catalogs, cluster: Cluster, catalog: Catalog, *, only: Collection[str] | None = None
) -> Mapping[str, Columns]:
    """For each dataset (or `only` those, in lower case) one of whose hidden or sensitive columns is gone: the columns
    that are new since the pairs last held. So until cluster.yaml names no column any more that is not there.
    """
    tables = [one for one in _tables(cluster, catalog) if only is None or one[0].name.casefold() in only]
    ailing = sorted(dataset.name for dataset, table in tables if _gone(dataset, table))
    if not ailing:
        return {}
    before = WITHHELD.recall_in(memory, cluster.name, ailing)
    held = HELD.recall(memory, [cluster.name]).get(cluster.name)
    former = catalogs.get(held) if held is not None else None
    return {name: _new(name, former, catalog, before.get(name, ())) for name in ailing}


def with_withheld(cluster: Cluster, withheld: Mapping[str, Columns]) -> Cluster:
    """The cluster with what is withheld of its datasets hidden."""
    datasets = tuple(_hiding(dataset, withheld.get(dataset.name, ())) for dataset in cluster.datasets)
    return cluster.model_copy(update={"datasets": datasets})


def withheld_of(memory: Memory, cluster: Cluster) -> Mapping[str, Columns]:
    """By dataset, what is withheld until its curator has looked."""
    return WITHHELD.recall_in(memory, cluster.name, [dataset.name for dataset in cluster.datasets])


def _tables(cluster: Cluster, catalog: Catalog) -> Iterator[tuple[Dataset, Table]]:
    for dataset in cluster.datasets:
        table = catalog.find(dataset.name)
        if table is not None:
            yield dataset, table


def _gone(dataset: Dataset, table: Table) -> Columns:
    return tuple(sorted(name for name in dataset.unsampled_columns() if table.column(name) is None))


def _new(name: str, former: Catalog | None, catalog: Catalog, before: Columns) -> Columns:
    """The columns that came since the pairs last held, and those that came before and were withheld then. Of a table
    that was not there then, all of them: it may be an old one that was away.
    """
    now = catalog.find(name)
    if now is None or former is None:
        return before
    was = former.find(name)
    known = {column.name for column in was.columns} - set(before) if was is not None else set()
    return tuple(sorted({column.name for column in now.columns} - known))


def _hiding(dataset: Dataset, columns: Columns) -> Dataset:
    if not columns:
        return dataset
    hidden = {name: ColumnNote(hidden=True) for name in columns if name not in dataset.columns}
    return dataset.model_copy(update={"columns": {**dataset.columns, **hidden}})
