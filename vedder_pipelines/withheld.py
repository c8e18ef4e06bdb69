"""A column that is hidden and gone may be there under another name: until its curator says, what is new is hidden, too.

cluster.yaml names the old column, so that nothing would hide the new one. Plain code without Dagster.
"""

from collections.abc import Iterator, Mapping

from vedder_core.cluster import Cluster, ColumnNote, Dataset
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.schema import Catalog, Table
from vedder_pipelines.remembered import HELD, WITHHELD

Columns = tuple[str, ...]


def look_for_renamed(memory: Memory, catalogs: Catalogs, cluster: Cluster, catalog: Catalog) -> None:
    """Remember, for each dataset one of whose hidden or sensitive columns is gone, the columns that are new since then.

    They stay withheld until cluster.yaml names no column any more that is not there.
    """
    names = [dataset.name for dataset in cluster.datasets]
    before = WITHHELD.recall_in(memory, cluster.name, names)
    gone = {dataset.name: _gone(dataset, table) for dataset, table in _tables(cluster, catalog)}
    ailing = {name for name, columns in gone.items() if columns}
    found: dict[str, Columns] = {}
    if ailing:
        held = HELD.recall(memory, [cluster.name]).get(cluster.name)
        former = catalogs.get(held) if held is not None else None
        found = {name: _new(name, former, catalog, before.get(name, ())) for name in sorted(ailing)}
    WITHHELD.remember_in(
        memory,
        cluster.name,
        {name: columns for name, columns in found.items() if before.get(name) != columns},
        forget=set(before) - ailing,
    )


def with_withheld(cluster: Cluster, withheld: Mapping[str, Columns]) -> Cluster:
    """The cluster with what is withheld of its datasets hidden."""
    datasets = tuple(_hiding(dataset, withheld.get(dataset.name, ())) for dataset in cluster.datasets)
    return cluster.model_copy(update={"datasets": datasets})


def hiding_all(cluster: Cluster, hidden: Mapping[str, frozenset[str]]) -> Cluster:
    """The cluster with these columns hidden as well (by dataset, in lower case), whatever it says of them itself."""
    datasets = []
    for dataset in cluster.datasets:
        others = hidden.get(dataset.name.casefold(), frozenset()) - dataset.hidden_columns()
        notes = {name: ColumnNote(hidden=True) for name in sorted(others)}
        datasets.append(dataset.model_copy(update={"columns": {**dataset.columns, **notes}}) if notes else dataset)
    return cluster.model_copy(update={"datasets": tuple(datasets)})


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
