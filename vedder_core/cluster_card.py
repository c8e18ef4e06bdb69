"""A cluster's own file, cluster.yaml: what it says by itself, before pairs, docs or the warehouse are looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from vedder_core.cluster import Cluster
from vedder_core.cluster_shape import fit
from vedder_core.problem import Problems
from vedder_core.sql.names import name_key
from vedder_core.written_file import WrittenFile, read_written
from vedder_core.yaml_lines import read_yaml
from vedder_core.yaml_tree import KeyPath, Node


@dataclass(frozen=True, slots=True)
class WrittenCard:
    """A cluster.yaml as written; `cluster` has no pairs and docs yet, and is None where something does not fit."""

    node: Node
    listed: tuple[str, ...]
    cluster: Cluster | None


def read_card(path: Path, problems: Problems, dialect: str) -> WrittenCard | None:
    """The cluster in a cluster.yaml, with everything wrong in it reported; None where it is not even YAML."""
    file = read_written(path, problems)
    node = read_yaml(file, file.text) if file is not None else None
    if file is None or node is None:
        return None
    if node.content is None:
        file.report("The file is empty.", hint="Write at least `title`, `summary`, `owner` and `datasets`.")
        return None
    cluster = fit(Cluster, node, file, given={"name": path.parent.name, "pairs": (), "docs": ()})
    names = _check_datasets(node, file, dialect)
    if cluster is not None and cluster.thresholds.degraded > cluster.thresholds.healthy:
        file.report("`degraded` must not be above `healthy`.", line=node.at(("thresholds",)).line, key="thresholds")
    return WrittenCard(node, names, cluster)


def _check_datasets(node: Node, file: WrittenFile, dialect: str) -> tuple[str, ...]:
    """The names of all datasets that have one."""
    datasets = node.at(("datasets",)).items() if node.has(("datasets",)) else ()
    named: list[tuple[KeyPath, str]] = []
    for index, dataset in enumerate(datasets):
        columns: list[tuple[KeyPath, str]] = [(("datasets", index, "columns", c), c) for c in _columns(dataset)]
        _check_once(node, columns, "column", file, dialect)
        name = dataset.entries().get("name")
        if name is not None and isinstance(name.content, str) and name.content.strip():
            named.append((("datasets", index, "name"), name.content.strip()))
            if "." not in name.content:
                file.report(
                    f"`{name.content}` is written without its schema.",
                    line=name.line,
                    key=node.key(("datasets", index, "name")),
                    hint=f"Write it as the warehouse does: `schema.{name.content}`.",
                )
    _check_once(node, named, "dataset", file, dialect)
    return tuple(name for _, name in named)


def _columns(dataset: Node) -> Iterable[str]:
    columns = dataset.entries().get("columns")
    return columns.entries() if columns is not None else ()


def _check_once(node: Node, named: list[tuple[KeyPath, str]], what: str, file: WrittenFile, dialect: str) -> None:
    """Names that differ by case alone are the same to some engines, and two to others."""
    first: dict[str, int] = {}
    for path, name in named:
        line, key = node.at(path).line, name_key(name, dialect)
        if key in first:
            file.report(
                f"The {what} `{name}` is already listed in line {first[key]}.",
                line=line,
                key=node.key(path),
                hint="Keep one.",
            )
        first.setdefault(key, line)
