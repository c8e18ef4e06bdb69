"""What of a pair's facts may be kept and said: of columns that are hidden, sensitive or personal nothing but counts.

It is asked again at every look, so that what was kept before a curator, or a rule, withheld a column goes then.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from vedder_core.cluster import Cluster, Dataset, Pair
from vedder_core.privacy import RULES, withheld_before_looking
from vedder_core.profile import ColumnProfile, Partitions, Profile
from vedder_core.schema import Catalog, Column, Table
from vedder_core.sql.resolved import BaseColumn
from vedder_core.verdict import Drift
from vedder_core.warehouse.measured import partitions_told
from vedder_pipelines.drift.baseline import ColumnFacts, DatasetFacts, Facts, ResultFacts
from vedder_pipelines.drift.statements import QUANTILES
from vedder_pipelines.drift.uses import Uses

DEPRECATED = re.compile(r"\bDEPRECATED\b[\s:.,;-]*(.{0,200})", re.DOTALL)


class Telling:
    """What a cluster, and what its data look like, let be told."""

    def __init__(self, cluster: Cluster, catalog: Catalog, profiles: Mapping[str, Profile]) -> None:
        self._cluster, self._catalog = cluster, catalog
        self._profiles = {name.casefold(): profile for name, profile in profiles.items()}

    def may_not_tell(self, column: BaseColumn) -> bool:
        """Are the values of this column hidden, sensitive or personal?"""
        table, dataset = self._catalog.find(column.dataset), self._cluster.dataset(column.dataset)
        known = table.column(column.column) if table else None
        if known is None or dataset is None or withheld_before_looking(dataset, known) is not None:
            return True
        seen = self.profile_of(column)
        return seen is None or seen.withheld is not None

    def is_withheld(self, column: BaseColumn) -> bool:
        """Is something known that keeps its values from being told? A column that is gone, or was not profiled, is as
        it was when it was measured.
        """
        table, dataset = self._catalog.find(column.dataset), self._cluster.dataset(column.dataset)
        known, seen = table.column(column.column) if table else None, self.profile_of(column)
        if dataset is None or (seen is not None and seen.withheld is not None):
            return True
        return withheld_before_looking(dataset, known or Column(column.column, "")) is not None

    def profile_of(self, column: BaseColumn) -> ColumnProfile | None:
        """What was seen of a column."""
        profile = self._profiles.get(column.dataset.casefold())
        return profile.column(column.column) if profile else None

    def uses(self, uses: Uses) -> Uses:
        """The same, its conditions marked by whether their constants may be told, and from how many rows on."""
        conditions = tuple(
            replace(one, told=not self.may_not_tell(one.column), least=self._least(one.column.dataset))
            for one in uses.conditions
        )
        return replace(uses, conditions=conditions)

    def mark(self, name: str) -> str:
        """All that decides what is told of a dataset."""
        dataset, profile = self._cluster.dataset(name), self._profiles.get(name.casefold())
        seen = sorted(column.name for column in profile.columns if column.withheld) if profile else None
        if dataset is None:
            return ""
        hidden, unsampled = sorted(dataset.hidden_columns()), sorted(dataset.unsampled_columns())
        return f"{RULES} {hidden} {unsampled} {dataset.min_rows_per_value} {seen}"

    def deprecation(self, name: str) -> str:
        """Who says that a dataset is not to be used any more, and what to use; "" where nobody does."""
        dataset, table = self._cluster.dataset(name), self._catalog.find(name)
        return _deprecation(dataset, table) if table is not None else ""

    def partitions(self, name: str, partitions: Partitions | None) -> Partitions | None:
        """How a dataset is cut, as far as its profile may say so."""
        dataset, profile = self._cluster.dataset(name), self._profiles.get(name.casefold())
        if dataset is None or partitions is None:
            return None
        told = partitions_told(partitions, profile.columns if profile else (), dataset)
        return told if told is None or profile is not None else replace(told, first=None, last=None)

    def facts(self, facts: Facts, pair: Pair, uses: Uses | None) -> Facts:
        """What may be kept of facts; `uses` are those of `uses`, None of a pair that binds no more."""
        return replace(
            facts,
            datasets={name: self._dataset(name, one) for name, one in facts.datasets.items()},
            columns={place: self._column(place, one) for place, one in facts.columns.items()},
            held=_renamed(facts.held, uses) if uses is not None else self._held(facts.held),
            common={},
            result=self._result(facts.result, pair, uses) if facts.result is not None else None,
        )

    def drift(self, drift: Drift) -> Drift:
        """A finding of an earlier look, without what may not be told any more."""
        if drift.column is None or not self.is_withheld(BaseColumn(drift.dataset, drift.column)):
            return drift
        said = f"The data of `{drift.dataset}` had drifted at the last look, in a column that is withheld by now."
        return Drift(drift.detector, said, drift.dataset)

    def _least(self, name: str) -> int:
        dataset = self._cluster.dataset(name)
        return dataset.min_rows_per_value if dataset is not None else 1

    def _dataset(self, name: str, facts: DatasetFacts) -> DatasetFacts:
        parts = facts.parts
        if parts is not None and any(self.is_withheld(BaseColumn(name, column)) for column in parts.columns):
            parts = None
        if parts is not None:
            least = self._least(name)
            parts = replace(parts, rows={part: rows for part, rows in parts.rows.items() if rows >= least})
        return replace(facts, partitions=self.partitions(name, facts.partitions), parts=parts)

    def _column(self, place: str, facts: ColumnFacts) -> ColumnFacts:
        column = self._named(place)
        if column is None or self.is_withheld(column):
            return replace(facts, quantity=None, unit="", periods={})
        least, quantity = self._least(column.dataset), facts.quantity
        few = quantity is not None and quantity.values * QUANTILES[0] < least - 1
        periods = {period: rows for period, rows in facts.periods.items() if rows >= least}
        return replace(facts, quantity=None if few else quantity, periods=periods)

    def _named(self, place: str) -> BaseColumn | None:
        for dataset in self._cluster.datasets:
            start = f"{dataset.name}."
            if place.casefold().startswith(start.casefold()):
                return BaseColumn(place[: len(dataset.name)], place[len(start) :])
        return None

    def _held(self, held: Mapping[str, int]) -> dict[str, int]:
        """Of a pair that binds no more: without the comparisons that name a withheld column."""
        withheld = [
            (f"{dataset.name}: ".casefold(), f'"{column}"'.casefold())
            for dataset, column in self._columns()
            if self.is_withheld(BaseColumn(dataset.name, column))
        ]
        return {
            key: rows
            for key, rows in held.items()
            if not any(key.casefold().startswith(start) and name in key.casefold() for start, name in withheld)
        }

    def _columns(self) -> Iterator[tuple[Dataset, str]]:
        for dataset in self._cluster.datasets:
            table = self._catalog.find(dataset.name)
            there = {column.name for column in table.columns} if table is not None else set()
            yield from ((dataset, column) for column in sorted(there | dataset.unsampled_columns()))

    def _result(self, result: ResultFacts, pair: Pair, uses: Uses | None) -> ResultFacts | None:
        for parameter in pair.parameters.values():
            column = self._named(parameter.values or "")
            if parameter.default is None and column is not None and self.is_withheld(column):
                return None  # the value that filled the blank was read from the data
        if uses is None:
            return None if self._hides_of(pair) else result
        return replace(result, digest=None) if self.is_secret(uses) else result

    def is_secret(self, uses: Uses) -> bool:
        """May what a pair returns not be told, so that not even a digest is kept?"""
        return uses.query is None or any(self.may_not_tell(column) for column in uses.returned)

    def _hides_of(self, pair: Pair) -> bool:
        words = {word.casefold() for word in re.findall(r"\w+", pair.sql)}
        hidden = (name for dataset in self._cluster.datasets for name in dataset.hidden_columns())
        return any(name.casefold() in words or not name.isidentifier() for name in hidden)


def _renamed(held: Mapping[str, int], uses: Uses) -> dict[str, int]:
    """Counts under the names that their conditions have, as far as there still are such conditions."""
    names = {replace(one, told=True).key: one.key for one in uses.conditions}
    return {names.get(key, key): rows for key, rows in held.items() if key in names or key in names.values()}


def _deprecation(dataset: Dataset | None, table: Table) -> str:
    if dataset is not None and dataset.deprecated_by:
        return f"its cluster says to use `{dataset.deprecated_by}`"
    found = DEPRECATED.search(table.comment or "")
    if found is None:
        return ""
    words = set(re.findall(r"\w+", found[0].casefold()))
    hidden = {name.casefold() for name in dataset.hidden_columns()} if dataset is not None else set()
    return "its comment says DEPRECATED" if words & hidden else f"its comment says: {found[0].strip()}"
