"""A table's profile: exact where one scan of it is bearable, else from the server's statistics and a sample.

The planner's guess of rows and cost decides which; it is never told as a count. Within `WHOLE_ROWS`: one pass for rows,
NULLs and bounds; a sample of some thousand rows, which says which columns have few values; those exactly, by one scan
with GROUPING SETS; the other distinct counts by counting up to `COUNTED_ROWS`, else from statistics. Beyond: the
statistics of ANALYZE, marked approximate, bounds where an index gives them, and common values of the sample, marked so.
Of the statistics only shares and counts are read, never the values that the server keeps.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
import psycopg
import pyarrow as pa

from vedder_core.cluster import Dataset
from vedder_core.privacy import withheld_before_looking
from vedder_core.profile import Figure, Mark, Profile
from vedder_core.schema import Table
from vedder_core.warehouse import postgres_profile_sql as sql
from vedder_core.warehouse.measured import FEW, Measured, partitions_told
from vedder_core.warehouse.postgres_partitions import partitions_of
from vedder_core.warehouse.postgres_tables import Found, list_unique_columns
from vedder_core.warehouse.value_groups import Groups, Sampled

SAMPLE_ROWS = 8_192
SAMPLE_CELLS = 100_000
WHOLE_ROWS = 5_000_000
WHOLE_COST = 1_000_000.0
COUNTED_ROWS = 500_000


def profile_table(
    connection: psycopg.Connection,
    found: Found,
    table: Table,
    dataset: Dataset,
    data_version: str,
    *,
    whole_rows: int = WHOLE_ROWS,
) -> Profile:
    """The profile, in one transaction. Tables of more than `whole_rows`, as the planner guesses, are not scanned."""
    measuring = _Measuring(connection, found, table, dataset, whole_rows)
    measuring.run()
    columns = tuple(column.profile() for column in measuring.columns)
    return Profile(
        dataset=dataset.name,
        engine="postgresql",
        fingerprint=table.fingerprint,
        data_version=data_version,
        rows=measuring.rows,
        columns=columns,
        partitions=partitions_told(partitions_of(connection, found), columns, dataset),
        bytes=found.bytes,
        key_candidates=tuple(column.name for column in measuring.columns if measuring.is_key(column)),
        profiled_at=datetime.now(UTC),
    )


@dataclass
class _Measuring:
    """One run of the plan; each step leaves what it found in the columns."""

    connection: psycopg.Connection
    found: Found
    table: Table
    dataset: Dataset
    whole_rows: int
    columns: list[Measured] = field(default_factory=list)
    rows: Figure = field(default_factory=lambda: Figure(0, "exact"))
    unique: frozenset[str] = frozenset()

    def run(self) -> None:
        self.columns = self._columns()
        self.unique = list_unique_columns(self.connection, self.found)
        guess, cost = self._guess()
        statistics = self._statistics()
        whole = guess <= self.whole_rows and cost <= WHOLE_COST
        if whole:
            self._pass()
        else:
            self._take_statistics(guess, statistics)
        if self.rows == Figure(0, "exact"):
            for column in self.columns:
                column.is_empty()
            return
        self._sample([column for column in self.columns if column.readable], statistics)
        if whole:
            self._group([c for c in self.columns if c.readable and not c.prose and _has_few(c)])
            self._count(statistics)

    def is_key(self, column: Measured) -> bool:
        """Every row has a value of its own: counted, or kept so by an index."""
        kept = column.name in self.unique and not column.column.nullable and self.rows.value > 0
        return kept or (self.rows.mark == "exact" and column.is_key(self.rows.value))

    def _columns(self) -> list[Measured]:
        hidden = {name.casefold() for name in self.dataset.hidden_columns()}
        kinds = {name: rest for name, *rest in self.connection.execute(sql.KINDS, [self.found.oid])}
        return [
            Measured(
                column,
                sql.kind_of(*kinds.get(column.name, ("", ""))),
                self.dataset.min_rows_per_value,
                withheld_before_looking(self.dataset, column),
                whole=kinds.get(column.name, ("", ""))[1] in sql.WHOLE_NUMBERS,
            )
            for column in self.table.columns
            if column.name.casefold() not in hidden
        ]

    def _guess(self) -> tuple[int, float]:
        ((explained,),) = self.connection.execute(sql.explain(self.found.written()).encode()).fetchall()
        plan = explained[0]["Plan"]
        return int(plan["Plan Rows"]), float(plan["Total Cost"])

    def _statistics(self) -> Mapping[str, tuple[float, float]]:
        """Share of NULLs and how many values ANALYZE guessed, negative as a share of the rows."""
        whole_tree = self.found.kind == "p" or self.found.parent
        asked = [self.found.schema, self.found.name, whole_tree]
        return {name: (nulls, values) for name, nulls, values in self.connection.execute(sql.STATISTICS, asked)}

    def _pass(self) -> None:
        """Rows, NULLs and bounds in one scan."""
        items = ["count(*)"]
        for column in self.columns:
            items.append(sql.present(column.name))
            items += sql.bounds(column.name, column.kind) if column.readable else []
        told = self._row(sql.one_row(items, self.found.written()))
        self.rows = Figure(_int(next(told)), "exact")
        for column in self.columns:
            column.nulls = Figure(self.rows.value - _int(next(told)), "exact")
            if column.readable:
                column.bound(next(told), next(told))

    def _take_statistics(self, guess: int, statistics: Mapping[str, tuple[float, float]]) -> None:
        self.rows = Figure(guess, "approximate")
        indexed = {name for (name,) in self.connection.execute(sql.INDEXED, [self.found.oid])}
        for column in self.columns:
            if not column.column.nullable:
                column.nulls = Figure(0, "exact")
            elif column.name in statistics:
                column.nulls = Figure(round(statistics[column.name][0] * guess), "approximate")
            column.distinct = _guessed(statistics.get(column.name), guess)
            if column.readable and column.name in indexed and column.kind in ("number", "time"):
                column.bound(*self._row(sql.one_row(sql.bounds(column.name, column.kind), self.found.written())))

    def _sample(self, columns: Sequence[Measured], statistics: Mapping[str, tuple[float, float]]) -> None:
        if not columns:
            return
        wanted = max(SAMPLE_ROWS // 4, min(SAMPLE_ROWS, SAMPLE_CELLS // len(columns)))
        share = 1.0 if self.rows.value <= wanted else wanted / self.rows.value
        names = [column.name for column in columns]
        self.connection.execute("SELECT pg_catalog.setseed(0.42)")
        statement = sql.sample(names, self.found.written(), share=share, most=2 * wanted, by_blocks=self.found.stored)
        seen = self.connection.execute(statement.encode()).fetchall()
        for number, column in enumerate(columns):
            values = pa.chunked_array([pa.array([row[number] for row in seen], pa.string())])
            sampled = Sampled.of(values, look=column.kind == "text")
            column.take_sample(sampled, rows=self.rows.value)
            told = _guessed(statistics.get(column.name), self.rows.value)
            repeats = sampled.distinct * 3 <= sampled.present
            column.guess = told.value if told else sampled.distinct if repeats else None

    def _group(self, columns: Sequence[Measured]) -> None:
        """Exact values of columns that have few; a column that turns out to have very many is left open."""
        for start in range(0, len(columns), sql.GROUPS_AT_ONCE):
            batch = list(enumerate(columns[start : start + sql.GROUPS_AT_ONCE]))
            statement = sql.groups([(number, column.name) for number, column in batch], self.found.written())
            told = self.connection.execute(statement.encode()).fetchall()
            if len(told) >= sql.most_groups(len(batch)):
                continue
            numbers, texts, counts = zip(*told, strict=True)
            values = np.ma.array(np.array(texts, dtype=np.object_), mask=[text is None for text in texts])
            found = Groups.of({"numbers": list(numbers), "texts": values, "rows": list(counts)})
            for number, column in batch:
                column.take_groups(found.one(number, in_full=column.kind == "text"))

    def _count(self, statistics: Mapping[str, tuple[float, float]]) -> None:
        """Distinct counts of the columns that were not grouped."""
        for column in self.columns:
            if column.name in self.unique and column.nulls is not None:
                column.distinct = Figure(self.rows.value - column.nulls.value, "exact")
        waiting = [c for c in self.columns if c.kind != "opaque" and (c.distinct is None or c.distinct.mark != "exact")]
        if self.rows.value <= COUNTED_ROWS and waiting:
            told = self._row(sql.one_row([sql.distinct(c.name) for c in waiting], self.found.written()))
            for column, count in zip(waiting, told, strict=True):
                column.distinct = Figure(_int(count), "exact")
            return
        for column in waiting:
            column.distinct = _guessed(statistics.get(column.name), self.rows.value) or column.distinct

    def _row(self, statement: str) -> Iterator[object]:
        return iter(self.connection.execute(statement.encode()).fetchall()[0])


def _has_few(column: Measured) -> bool:
    if column.distinct is not None and column.distinct.mark == "exact":
        return column.distinct.value <= FEW
    return column.kind == "flag" or column.seems_few


def _guessed(statistics: tuple[float, float] | None, rows: int, mark: Mark = "approximate") -> Figure | None:
    if statistics is None or statistics[1] == 0:
        return None
    values = statistics[1] if statistics[1] > 0 else -statistics[1] * rows
    return Figure(round(values), mark)


def _int(value: object) -> int:
    return int(str(value))
