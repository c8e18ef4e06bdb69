"""What the warehouse says about clusters: every dataset and column that they name and it does not have.

Deliberately not here: whether a pair's SQL holds; the engine's binder judges that, and the verdict tells.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from vedder_core.cluster import Cluster, Dataset
from vedder_core.cluster_files import Loaded
from vedder_core.pair_parameters import dataset_of
from vedder_core.problem import Problem, did_you_mean
from vedder_core.schema import Catalog, Table

COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list", "column_set")
"""Arguments of Great Expectations' expectations that name columns of the dataset."""


def check_against(
    loaded: Loaded, catalog: Catalog | None, called_now: Callable[[str], str | None] = lambda _: None
) -> tuple[Problem, ...]:
    """Every name in the loaded clusters that the warehouse does not have, in the order of files and lines.

    Without a catalog only `deprecated_by` is judged, by what the clusters list. Problems of `loaded` are not repeated.
    `called_now` gives the new name of a dataset or of a column (`dataset.column`) where one is known.
    """
    check = _Check(loaded, catalog, called_now)
    return tuple(sorted({problem for cluster in loaded.clusters for problem in check.cluster(cluster)}))


@dataclass(frozen=True, slots=True)
class _Check:
    loaded: Loaded
    catalog: Catalog | None
    called_now: Callable[[str], str | None]

    def cluster(self, cluster: Cluster) -> Iterator[Problem]:
        file = f"{cluster.name}/cluster.yaml"
        for dataset in cluster.datasets:
            yield from self._deprecation(file, dataset)
            if self.catalog is None:
                continue
            table = self.catalog.find(dataset.name)
            if table is None:
                yield self._problem(
                    file,
                    f"datasets[{dataset.name}].name",
                    f"The warehouse has no `{dataset.name}`.",
                    self._hint(dataset.name) or did_you_mean(dataset.name, self.catalog.tables),
                )
            else:
                yield from self._columns(file, dataset, table)
        if self.catalog is not None:
            yield from self._parameters(cluster, self.catalog)

    def _deprecation(self, file: str, dataset: Dataset) -> Iterator[Problem]:
        successor = dataset.deprecated_by
        if successor is None:
            return
        key = f"datasets[{dataset.name}].deprecated_by"
        known = {name.casefold(): name for name in self.loaded.datasets}
        if self.catalog is not None:
            known |= {name.casefold(): name for name in self.catalog.tables}
        if successor.casefold() == dataset.name.casefold():
            yield self._problem(file, key, "A dataset cannot be deprecated by itself.", "")
        elif successor.casefold() not in known:
            nowhere = "in no cluster" if self.catalog is None else "neither in a cluster nor in the warehouse"
            yield self._problem(file, key, f"`{successor}` is {nowhere}.", did_you_mean(successor, known.values()))

    def _columns(self, file: str, dataset: Dataset, table: Table) -> Iterator[Problem]:
        at = f"datasets[{dataset.name}]"
        named = [(f"{at}.columns.{name}", name) for name in dataset.columns]
        if dataset.freshness is not None:
            named.append((f"{at}.freshness.column", dataset.freshness.column))
        for number, expectation in enumerate(dataset.expectations, start=1):
            for argument in COLUMN_ARGUMENTS:
                value = expectation.arguments.get(argument)
                names = value if isinstance(value, list) else [value]
                key = f"{at}.expectations[{number}].arguments.{argument}"
                named += [(key, name) for name in names if isinstance(name, str)]
        for key, name in named:
            if table.column(name) is None:
                yield self._no_column(file, key, name, table)

    def _parameters(self, cluster: Cluster, catalog: Catalog) -> Iterator[Problem]:
        listed = [dataset.name for dataset in cluster.datasets]
        for pair in cluster.pairs:
            file = f"{cluster.name}/pairs/{pair.slug}.sql"
            for name, parameter in pair.parameters.items():
                found = dataset_of(parameter.values or "", listed)
                table = catalog.find(found[0]) if found is not None else None
                if found is None or table is None:
                    continue
                key = f"parameters.{name}.values"
                if table.column(found[1]) is None:
                    yield self._no_column(file, key, found[1], table)
                elif (mark := self._mark(cluster, *found)) is not None:
                    yield self._problem(
                        file,
                        key,
                        f"The values of `{found[1]}` are never read, so the parameter could never be filled.",
                        f"{mark}; give the parameter a `type` instead.",
                    )

    def _mark(self, cluster: Cluster, dataset: str, column: str) -> str | None:
        """Where it is said that no value of a column may be told, by the cluster itself or by any other."""
        for saying in (cluster, *(one for one in self.loaded.clusters if one.name != cluster.name)):
            listed = next((one for one in saying.datasets if one.name.casefold() == dataset.casefold()), None)
            marked = listed.unsampled_columns() if listed is not None else ()
            written = next((name for name in marked if name.casefold() == column.casefold()), None)
            if listed is None or written is None:
                continue
            if saying is cluster:
                return "In cluster.yaml it is hidden or sensitive"
            file = f"{saying.name}/cluster.yaml"
            line = self.loaded.lines.get((file, f"datasets[{listed.name}].columns.{written}"), 0)
            owner = f"{saying.owner.team} ({saying.owner.contact})"
            return f"{file}:{line} of {owner} hides it or makes it sensitive, which holds in all clusters"
        return None

    def _no_column(self, file: str, key: str, name: str, table: Table) -> Problem:
        columns = [column.name for column in table.columns]
        hint = self._hint(f"{table.name}.{name}") or did_you_mean(name, columns)
        return self._problem(file, key, f"`{table.name}` has no column `{name}`.", hint)

    def _hint(self, name: str) -> str:
        now = self.called_now(name)
        return f"Probably `{now}` now." if now is not None else ""

    def _problem(self, file: str, key: str, message: str, hint: str) -> Problem:
        return Problem(file, self.loaded.lines.get((file, key), 0), key, message, hint)
