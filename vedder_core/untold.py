"""What of a dataset may not be told: hidden columns, sensitive ones, values that too few rows hold.

What one cluster says of a dataset holds in every cluster that lists it: whoever may open both would else be told by the
one what the other keeps. Deliberately not here: which columns look personal; that is in `privacy`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vedder_core.cluster import Cluster, ColumnNote, Dataset


@dataclass(frozen=True, slots=True)
class Untold:
    """Of one dataset: columns in lower case, and how many rows must hold a value that is told."""

    hidden: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    least: int = 1

    def __or__(self, other: "Untold") -> "Untold":
        return Untold(self.hidden | other.hidden, self.sensitive | other.sensitive, max(self.least, other.least))


def untold_of(dataset: Dataset) -> Untold:
    """What a cluster itself says of its dataset."""
    hidden = frozenset(name.casefold() for name in dataset.hidden_columns())
    unsampled = frozenset(name.casefold() for name in dataset.unsampled_columns())
    return Untold(hidden, unsampled - hidden, dataset.min_rows_per_value)


def untold_by(clusters: Iterable[Cluster]) -> dict[str, Untold]:
    """By a dataset's name in lower case, what these clusters together say of it; without those of which none does."""
    found: dict[str, Untold] = {}
    for cluster in clusters:
        for dataset in cluster.datasets:
            if (said := untold_of(dataset)) != Untold():
                name = dataset.name.casefold()
                found[name] = found.get(name, Untold()) | said
    return found


def with_untold(cluster: Cluster, untold: Mapping[str, Untold]) -> Cluster:
    """The cluster as if it had said so itself."""
    datasets = tuple(_saying(dataset, untold.get(dataset.name.casefold(), Untold())) for dataset in cluster.datasets)
    return cluster.model_copy(update={"datasets": datasets})


def _saying(dataset: Dataset, said: Untold) -> Dataset:
    if untold_of(dataset) | said == untold_of(dataset):
        return dataset
    columns = dict(dataset.columns)
    spelled = {name.casefold(): name for name in columns}
    for folded in sorted(said.hidden | said.sensitive):
        name = spelled.get(folded, folded)
        note = columns.get(name, ColumnNote())
        flags = {
            "hidden": note.hidden or folded in said.hidden,
            "sensitive": note.sensitive or folded in said.sensitive,
        }
        columns[name] = note.model_copy(update=flags)
    least = max(dataset.min_rows_per_value, said.least)
    return dataset.model_copy(update={"columns": columns, "min_rows_per_value": least})
