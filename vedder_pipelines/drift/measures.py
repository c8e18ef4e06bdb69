"""Measuring what pairs rely on: few statements for each dataset, for all pairs that are looked at together.

Each statement passes the guard and the limits as every other. What fails is left out and said in `untold`; then the
detectors know nothing of it, and stay silent. Values are read of columns alone whose values may be told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlglot import exp

from vedder_core.cluster import Cluster
from vedder_core.errors import VedderError
from vedder_core.privacy import personal_value
from vedder_core.profile import CommonValue, Partitions, Profile
from vedder_core.schema import Catalog
from vedder_core.sql.guard import Granted, guard
from vedder_core.sql.periods import unit_named
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.drift.baseline import ColumnFacts, DatasetFacts, Facts, Quantity, key_named, name_of_key
from vedder_pipelines.drift.measured import Measured
from vedder_pipelines.drift.periods import folded, unit_of
from vedder_pipelines.drift.statements import (
    MOST_PERIODS,
    QUANTILES,
    Row,
    Wanted,
    aggregates_of,
    finite,
    is_number,
    is_text,
    parts_of,
    periods_of,
    values_of,
    whole,
)
from vedder_pipelines.drift.telling import Telling
from vedder_pipelines.drift.uses import Key, Uses

LIMITS = Limits(seconds=60, rows=MOST_PERIODS, bytes=16_000_000)
CLOCKS_OF_DATASET = 3
"""In one look a dataset is asked for its aggregates, for so many columns of times at most, and once for its parts."""

COMMON_VALUES = 200
MOST_PARTS = 1_000
OWN_KEYS = 4
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d.*")


class Measures:
    """`want` what pairs rely on, `measure` it once, then take the facts of each pair. `queries` counts statements."""

    def __init__(
        self,
        cluster: Cluster,
        catalog: Catalog,
        granted: Granted,
        warehouse: Warehouse,
        profiles: Mapping[str, Profile],
        telling: Telling,
    ) -> None:
        self._cluster, self._catalog, self._granted, self._warehouse = cluster, catalog, granted, warehouse
        self._profiles = {name.casefold(): profile for name, profile in profiles.items()}
        self._telling = telling
        self._wanted: dict[str, Wanted] = {}
        self._measured: dict[str, Measured] = {}
        self.queries = 0
        self.untold: dict[str, str] = {}
        """By dataset: why something of it could not be measured."""

    def want(self, uses: Uses, like: Facts | None = None) -> None:
        """Everything that one pair relies on is to be measured, and all keys that its baseline knows."""
        for name in uses.datasets:
            table = self._catalog.find(name)
            if table is not None and name not in self._wanted:
                self._wanted[name] = Wanted(table)
        for column in uses.columns | {one.column for one in uses.conditions}:
            self._want_column(column, uses)
        for condition in uses.conditions:
            self._wanted[condition.column.dataset].conditions[condition.key] = condition
        for dataset, names in self._keys(uses, like):
            wanted = self._wanted.get(dataset)
            if wanted is not None and all(wanted.table.column(name) for name in names):
                wanted.keys.add(names)  # case-folded: `statements` spells them as the table does

    def _keys(self, uses: Uses, like: Facts | None) -> set[Key]:
        """What joins need to be unique, and what tells the rows of the joined datasets apart."""
        joined = {dataset for dataset, _ in uses.keys}
        profiles = {name: self._profiles.get(name.casefold()) for name in joined}
        own = {
            (name, candidate) for name, one in profiles.items() if one for candidate in one.key_candidates[:OWN_KEYS]
        }
        known = {key for name in (like.keys if like is not None else ()) if (key := key_named(name)) is not None}
        return {*uses.keys, *known, *((name, frozenset({candidate.casefold()})) for name, candidate in own)}

    def _want_column(self, column: BaseColumn, uses: Uses) -> None:
        wanted = self._wanted[column.dataset]
        known = wanted.table.column(column.column)
        if known is None:
            return
        wanted.columns.add(known.name)
        if column in uses.chosen and not known.type.upper().startswith("BOOL"):
            wanted.varied.add(known.name)
        if self._telling.may_not_tell(column):
            return
        if column in uses.counted and is_number(known.type):
            wanted.quantities.add(known.name)
        if column in uses.chosen and self._is_time(column):
            wanted.times.add(known.name)

    def _is_time(self, column: BaseColumn) -> bool:
        seen = self._telling.profile_of(column)
        kind = seen.type.upper() if seen else ""
        if kind.startswith(("DATE", "TIMESTAMP")):
            return True
        if is_number(kind):
            return unit_named(column.column.rpartition("_")[2]) == "year"  # also `season_year`
        ends = (seen.minimum, seen.maximum) if seen else ()
        return is_text(kind) and all(isinstance(end, str) and ISO_DAY.fullmatch(end) for end in ends)

    def measure(self) -> None:
        """Ask the warehouse, dataset by dataset."""
        for name, wanted in self._wanted.items():
            if name not in self._measured:
                self._measured[name] = self._measure(name, wanted)

    def _measure(self, name: str, wanted: Wanted) -> Measured:
        found = Measured()
        try:
            found.partitions = self._warehouse.partitions(wanted.table)
        except VedderError as error:
            self.untold[name] = error.message
        row = self._aggregates(name, wanted)
        if row is None:
            return found
        found.numbers, found.rows = dict(row), whole(row["rows"])
        cut_by = self._cut_by(name, wanted, found.partitions)
        found.cut_by = cut_by or tuple(self._fresh(name, wanted))
        if cut_by and not self._is_clock(name, cut_by) and self._are_few(name, cut_by):
            parts = self._run(name, parts_of(wanted.table, cut_by, MOST_PARTS + 1)) or []
            found.take_parts(parts if len(parts) <= MOST_PARTS else ())
        for clock in self._clocks(name, wanted, cut_by)[:CLOCKS_OF_DATASET]:
            select, named = periods_of(wanted, clock)
            rows = self._run(name, select)
            if rows is not None and len(rows) < MOST_PERIODS:
                found.take_periods(clock, rows, named)
        return found

    def _aggregates(self, name: str, wanted: Wanted) -> Row | None:
        for conditions in (True, False):  # a constant that does not fit its column's type fails the whole statement
            select, named = aggregates_of(wanted, conditions=conditions)
            rows = self._run(name, select)
            if rows:
                self.untold.pop(name, None)
                return {named[short]: value for short, value in rows[0].items()}
            if not wanted.conditions:
                break
        return None

    def _cut_by(self, name: str, wanted: Wanted, partitions: Partitions | None) -> tuple[str, ...]:
        """The columns of its partitions; none where the values of one may not be told, or it is no column."""
        known = [wanted.table.column(column) for column in partitions.columns] if partitions is not None else []
        told = [c.name for c in known if c is not None and not self._telling.may_not_tell(BaseColumn(name, c.name))]
        return tuple(told) if len(told) == len(known) else ()

    def _is_clock(self, name: str, columns: Sequence[str]) -> bool:
        return len(columns) == 1 and self._is_time(BaseColumn(name, columns[0]))

    def _are_few(self, name: str, columns: Sequence[str]) -> bool:
        """Are there no more values than parts can be told? A range of numbers would be counted one by one."""
        seen = [self._telling.profile_of(BaseColumn(name, column)) for column in columns]
        return all(one is not None and one.distinct is not None and one.distinct.value <= MOST_PARTS for one in seen)

    def _clocks(self, name: str, wanted: Wanted, cut_by: Sequence[str]) -> list[str]:
        """The columns of times; first the one that says how fresh the dataset is, then the one that cuts it."""
        cutting = cut_by if self._is_clock(name, cut_by) else ()
        return list(dict.fromkeys((*self._fresh(name, wanted), *cutting, *sorted(wanted.times))))

    def _fresh(self, name: str, wanted: Wanted) -> list[str]:
        dataset = self._cluster.dataset(name)
        fresh = dataset.freshness.column.casefold() if dataset is not None and dataset.freshness is not None else ""
        column = wanted.table.column(fresh) if fresh else None
        return [column.name] if column and not self._telling.may_not_tell(BaseColumn(name, column.name)) else []

    def _run(self, name: str, select: exp.Select) -> list[dict[str, object]] | None:
        self.queries += 1
        try:
            query = guard(select, self._granted, dialect=self._warehouse.dialect)
            rows: list[dict[str, object]] = self._warehouse.run(query, LIMITS).table.to_pylist()
        except VedderError as error:
            self.untold[name] = error.message
            return None
        return rows

    def facts(self, uses: Uses, like: Facts | None = None) -> Facts:
        """What was measured for one pair; periods as long as those of the facts that they are compared with."""
        held, keys = {}, {}
        for condition in uses.conditions:
            counted = self._number(condition.column.dataset, f"held {condition.key}")
            if counted is not None:
                held[condition.key] = counted
        for dataset, names in sorted(self._keys(uses, like), key=lambda key: (key[0], sorted(key[1]))):
            surplus = self._number(dataset, f"surplus {', '.join(sorted(names))}")
            if surplus is not None:
                keys[name_of_key(dataset, names)] = surplus
        return Facts(
            datasets=dict(self._datasets(uses, like)), columns=dict(self._columns(uses, like)), held=held, keys=keys
        )

    def _number(self, dataset: str, what: str) -> int | None:
        found = self._measured.get(dataset)
        return whole(found.numbers[what]) if found is not None and what in found.numbers else None

    def _datasets(self, uses: Uses, like: Facts | None) -> Iterator[tuple[str, DatasetFacts]]:
        for name in uses.datasets:
            found = self._measured.get(name)
            if found is not None and found.rows is not None:
                cut, before = (
                    self._telling.partitions(name, found.partitions),
                    like.datasets.get(name) if like else None,
                )
                parts = found.parts_like(before.parts if before is not None else None)
                yield name, DatasetFacts(found.rows, cut, self._telling.deprecation(name), parts)

    def _columns(self, uses: Uses, like: Facts | None) -> Iterator[tuple[str, ColumnFacts]]:
        for column in sorted(uses.columns):
            place = f"{column.dataset}.{column.column}"
            found = self._measured.get(column.dataset)
            if found is not None and f"values {column.column}" in found.numbers and found.rows is not None:
                before = like.columns.get(place) if like is not None else None
                yield place, self._column(column, found, uses, before)

    def _column(self, column: BaseColumn, found: Measured, uses: Uses, like: ColumnFacts | None) -> ColumnFacts:
        name, numbers, rows = column.column, found.numbers, found.rows or 0
        days = found.days.get(name, {}) if column in uses.chosen else {}
        unit = (like.unit if like is not None else "") or (unit_of(days) if days else "")
        known = self._catalog.tables[column.dataset].column(name)
        return ColumnFacts(
            type=known.type if known else "",
            rows=rows,
            nulls=rows - whole(numbers[f"values {name}"]),
            varied=bool(numbers[f"varied {name}"]) if f"varied {name}" in numbers else None,
            quantity=self._quantity(column, found) if column in uses.counted else None,
            unit=unit,
            periods=folded(days, unit) if unit else {},
            newest=found.newest(name),
        )

    def _quantity(self, column: BaseColumn, found: Measured) -> Quantity | None:
        name, numbers = column.column, found.numbers
        if f"negative {name}" not in numbers:
            return None
        values = whole(numbers[f"values {name}"])
        quantiles = [finite(numbers[f"quantile {share} {name}"]) for share in QUANTILES]
        dataset = self._cluster.dataset(column.dataset)
        few = dataset is not None and values * QUANTILES[0] < dataset.min_rows_per_value - 1
        told = [one for one in quantiles if one is not None]
        if few or len(told) < len(quantiles):
            return None
        return Quantity(values, whole(numbers[f"negative {name}"]), tuple(told))

    def common(self, columns: Iterable[BaseColumn]) -> dict[str, tuple[CommonValue, ...]]:
        """The common values of columns whose values may be told: of a profile that lists all, else asked for."""
        return {
            f"{one.dataset}.{one.column}": self._common(one) for one in columns if not self._telling.may_not_tell(one)
        }

    def _common(self, column: BaseColumn) -> tuple[CommonValue, ...]:
        table, dataset = self._catalog.find(column.dataset), self._cluster.dataset(column.dataset)
        if table is None or dataset is None:
            return ()
        rows = self._run(column.dataset, values_of(table, column.column, COMMON_VALUES)) or []
        values = (CommonValue(str(row["v"]), whole(row["r"])) for row in rows if row["v"] is not None)
        enough = (one for one in values if one.rows >= dataset.min_rows_per_value)
        return tuple(one for one in enough if personal_value(one.value) is None)
