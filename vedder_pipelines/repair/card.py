"""`cluster.yaml` and its cluster as a repair would leave them: datasets and columns under their new names.

What is hidden stays hidden under its new name, and its name is never told: where a difference would show it, the
difference is left out, and a sentence says what the owner has to do.
"""

from collections.abc import Iterator, Mapping

import yaml

from vedder_core.cluster import Cluster, ColumnNote, Dataset
from vedder_core.cluster_check import COLUMN_ARGUMENTS
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnMoved
from vedder_core.sql.resolved import BaseColumn
from vedder_pipelines.repair.before import Became
from vedder_pipelines.repair.files import Lines, as_yaml
from vedder_pipelines.repair.reading import Edit, Unclear


def cluster_now(cluster: Cluster, became: Became, before: Catalog, joined: frozenset[str]) -> Cluster:
    """The cluster with its datasets under their new names; `joined` are tables that it lists only now."""
    datasets = [_dataset_now(dataset, became, before) for dataset in cluster.datasets]
    listed = {dataset.name.casefold() for dataset in datasets}
    added = [_added(name, cluster, became) for name in sorted(joined) if name.casefold() not in listed]
    return cluster.model_copy(update={"datasets": (*datasets, *added)})


def _dataset_now(dataset: Dataset, became: Became, before: Catalog) -> Dataset:
    table = before.find(dataset.name)
    if table is None:
        return dataset
    columns = {}
    for name, note in dataset.columns.items():
        column = table.column(name)
        now = became.column_now(BaseColumn(table.name, column.name)).column if column else name
        columns[now] = note
        if note.hidden:
            columns[name] = note  # as strict as it was, whatever the column is called
    name = became.table_now(table.name) if table.name in became.tables else dataset.name
    return dataset.model_copy(update={"name": name, "columns": columns})


def _added(name: str, cluster: Cluster, became: Became) -> Dataset:
    """A table that columns moved to; what was hidden where they came from is hidden here."""
    came = [move for move in became.moved.values() if move.to_table == name]
    hidden = {move.to_column: note for move in came if (note := _note(cluster, move)) is not None and note.hidden}
    said = ", ".join(sorted(f"{move.table}.{move.column}" for move in came if move.to_column not in hidden))
    return Dataset(name=name, description=f"Holds what was {said}.", columns=hidden)


def _note(cluster: Cluster, move: ColumnMoved) -> ColumnNote | None:
    dataset = cluster.dataset(move.table)
    notes = {name.casefold(): note for name, note in dataset.columns.items()} if dataset else {}
    return notes.get(move.column.casefold())


def hidden_names(cluster: Cluster, became: Became) -> frozenset[str]:
    """Names of hidden columns, as they were and as they are."""
    hidden = {name.casefold() for dataset in cluster.datasets for name in dataset.hidden_columns()}
    now = {one.now.casefold() for base, one in became.columns.items() if base.column.casefold() in hidden}
    moved = {one.to_column.casefold() for base, one in became.moved.items() if base.column.casefold() in hidden}
    return frozenset(hidden | now | moved)


def card_edits(lines: Lines, became: Became, added: tuple[Dataset, ...]) -> Iterator[Edit]:
    """Edits of `cluster.yaml`: names of renamed tables and columns, and entries for tables that it lists only now."""
    try:
        tree = yaml.compose(lines.text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise Unclear("cluster.yaml is no YAML.") from error
    listed = _value(tree, "datasets")
    if not isinstance(listed, yaml.SequenceNode) or listed.flow_style or not listed.value:
        raise Unclear("cluster.yaml lists its datasets in an unusual form.")
    tables = {name.casefold(): renamed for name, renamed in became.tables.items()}
    for item in listed.value:
        name = _value(item, "name")
        if not isinstance(name, yaml.ScalarNode):
            continue
        renamed = tables.get(name.value.casefold())
        if renamed is not None:
            yield Edit(name.start_mark.index, name.end_mark.index, renamed.now)
        yield from _column_edits(item, _columns_now(name.value, became))
    last = listed.value[-1]
    end = len(lines.text[: last.end_mark.index].rstrip())
    margin = " " * (last.start_mark.column - 2)
    for dataset in added:
        entry = f"\n{margin}- name: {dataset.name}\n{margin}  description: {dataset.description}"
        yield Edit(end, end, entry)


def _columns_now(table: str, became: Became) -> Mapping[str, str]:
    """The new names of the table's columns, by their old ones in lower case."""
    own = (
        (base.column, one.now) for base, one in became.columns.items() if base.dataset.casefold() == table.casefold()
    )
    return {was.casefold(): now for was, now in own}


def _column_edits(dataset: yaml.Node, now: Mapping[str, str]) -> Iterator[Edit]:
    """Notes, freshness and expectations under the new names; what is hidden is its curator's to name."""
    named = [node for node in _column_names(dataset) if isinstance(node, yaml.ScalarNode)] if now else []
    taken = {node.value.casefold() for node in named} - now.keys()  # a note that somebody wrote already
    for node in named:
        new = now.get(node.value.casefold())
        if new is not None and new.casefold() not in taken and node.style in (None, "'", '"'):
            yield Edit(node.start_mark.index, node.end_mark.index, as_yaml(new, node.style))


def _column_names(dataset: yaml.Node) -> Iterator[yaml.Node]:
    """Every place in which a dataset names a column of its own."""
    notes = _value(dataset, "columns")
    for key, note in notes.value if isinstance(notes, yaml.MappingNode) else ():
        hidden = _value(note, "hidden")
        if hidden is None or hidden.value.casefold() != "true":
            yield key
    named = [_value(_value(dataset, "freshness"), "column")]
    expectations = _value(dataset, "expectations")
    for one in expectations.value if isinstance(expectations, yaml.SequenceNode) else ():
        named += [_value(_value(one, "arguments"), argument) for argument in COLUMN_ARGUMENTS]
    for node in named:
        yield from node.value if isinstance(node, yaml.SequenceNode) else ([node] if node is not None else [])


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    entries = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in entries if name.value == key), None)
