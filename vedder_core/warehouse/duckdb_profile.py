"""A table's profile with as few scans as possible: metadata first, then only what metadata does not tell.

The SQL here is the adapter's own, built as trees from the catalog's names, and runs on the adapter's own cursor; it is
never made from text that came from outside, and so it does not pass the door for queries.

The plan for a table: row count and bounds (folded from metadata); the engine's guess of how many values a column has,
used to choose and never published; an exact GROUP BY for each column with few values, many in one statement; a few
thousand rows of the rest as a sample; one pass of sketches over what is still open. Prose in a long table is not read
through: its distinct count stays what the sample showed, and is marked so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp

from vedder_core.cluster import Dataset
from vedder_core.privacy import withheld_before_looking
from vedder_core.profile import Figure
from vedder_core.schema import Table
from vedder_core.warehouse import duckdb_profile_sql as sql
from vedder_core.warehouse.duckdb_columns import INTEGERS, kind_of
from vedder_core.warehouse.measured import Measured
from vedder_core.warehouse.value_groups import Groups, Sampled

SAMPLE_ROWS = 8_192
SAMPLE_CELLS = 100_000
PROVABLE_ROWS = 500_000
"""Up to here uniqueness is proved by counting where nothing cheaper proves it."""


@dataclass(frozen=True)
class Source:
    """What is profiled. `unique` are columns that a constraint keeps unique; `cheap` sources may be read often."""

    tree: exp.Table
    table: Table
    unique: frozenset[str] = frozenset()
    cheap: bool = True

    @property
    def stored(self) -> bool:
        return self.table.kind == "table"

    @property
    def has_row_ids(self) -> bool:
        return self.stored and self.table.column("rowid") is None


def measure(cursor: duckdb.DuckDBPyConnection, source: Source, dataset: Dataset) -> tuple[int, list[Measured]]:
    """The exact row count and what was found of each column that is not hidden."""
    hidden = {name.casefold() for name in dataset.hidden_columns()}
    columns = [
        Measured(
            column,
            kind_of(column.type),
            dataset.min_rows_per_value,
            withheld_before_looking(dataset, column),
            whole=column.type in INTEGERS,
        )
        for column in source.table.columns
        if column.name.casefold() not in hidden
    ]
    measuring = _Measuring(cursor, source, columns)
    measuring.run()
    return measuring.rows, columns


class _Measuring:
    """One run of the plan; each step leaves what it found in the columns."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, source: Source, columns: list[Measured]) -> None:
        self._cursor = cursor
        self._source = source
        self._columns = columns
        self.rows = 0

    def run(self) -> None:
        if self._source.stored:
            self._read_metadata()
        else:
            self._pass(self._columns)
        if self.rows == 0:
            for column in self._columns:
                column.is_empty()
            return
        if self._source.stored:
            self._group([c for c in self._open() if c.seems_few])
            self._sample(self._open())
            self._pass([c for c in self._columns if c.nulls is None or c.counts_open or c.bounds_open])
        self._group([c for c in self._open(sketched=True) if c.proves_few])
        if not self._source.stored:
            self._sample(self._open(sketched=True))
        self._prove_unique()

    def _open(self, *, sketched: bool = False) -> list[Measured]:
        """Columns whose values may be read and are not known yet."""
        return [c for c in self._columns if c.readable and not c.grouped and (sketched or c.distinct is None)]

    def _read_metadata(self) -> None:
        """What the engine knows without a scan: its statistics, and then the row count and bounds folded from them.

        A single item that cannot be folded (a longer text) would make all of the second statement scan.
        """
        asked = [sql.stored(c.name) for c in self._columns]  # nothing where all columns are hidden
        told = self._cursor.execute(sql.first_row(asked, self._source.tree)).fetchall() if asked else []
        for known in told:
            for column, stored in zip(self._columns, known, strict=True):
                column.take_stored(stored)
        bounded = [c for c in self._columns if c.readable and c.folds]
        items = [sql.rows(), *(item for c in bounded for item in sql.bounds(c.name, text=c.kind == "time"))]
        found = self._row(sql.one_row(items, self._source.tree))
        self.rows = int(str(next(found)))
        for column in bounded:
            column.bound(next(found), next(found))

    def _group(self, columns: Sequence[Measured]) -> None:
        """Exact values of columns that have few; a column that turns out to have very many is left open."""
        for start in range(0, len(columns), sql.GROUPS_AT_ONCE):
            batch = list(enumerate(columns[start : start + sql.GROUPS_AT_ONCE]))
            names = [(number, column.name) for number, column in batch]
            statement = sql.groups(names, self._source.tree, read_once=not self._source.cheap)
            found = Groups.of(self._cursor.execute(statement).fetchnumpy())
            for number, column in batch:
                groups = found.one(number, in_full=column.kind == "text")
                if groups.distinct <= sql.MOST_GROUPS:
                    column.take_groups(groups)

    def _sample(self, columns: Sequence[Measured]) -> None:
        if not columns:
            return
        wanted = max(SAMPLE_ROWS // 4, min(SAMPLE_ROWS, SAMPLE_CELLS // len(columns)))
        statement = sql.sample(
            [c.column for c in columns],
            self._source.tree,
            total=self.rows,
            wanted=wanted,
            by_row_id=self._source.has_row_ids,
        )
        seen = self._cursor.sql(statement).to_arrow_table()
        for column, values in zip(columns, seen.columns, strict=True):
            column.take_sample(Sampled.of(values, look=column.kind == "text"), rows=self.rows)

    def _pass(self, columns: Sequence[Measured]) -> None:
        """Null counts, sketches and bounds, as far as metadata, groups and sample have not told them."""
        items: list[exp.Expr] = [sql.rows()]
        for column in columns:
            items += [sql.present(column.name)] if column.nulls is None else []
            if column.counts_open:
                items.append(sql.distinct(column.name) if column.seems_few else sql.sketch(column.name))
            if column.bounds_open:
                items += sql.bounds(column.name, text=column.kind in ("time", "text"))
        found = self._row(sql.one_row(items, self._source.tree))
        self.rows = int(str(next(found)))
        for column in columns:
            bounds_open = column.bounds_open
            if column.nulls is None:
                column.nulls = Figure(self.rows - int(str(next(found))), "exact")
            if column.counts_open:
                counted = min(int(str(next(found))), self.rows - column.nulls.value)
                column.distinct = Figure(counted, "exact" if column.seems_few else "approximate")
            if bounds_open:
                column.bound(next(found), next(found))

    def _prove_unique(self) -> None:
        """Make the count of a likely key exact: by its constraint, by its order, or by counting where that is cheap."""
        for column in self._columns:
            if column.name in self._source.unique and column.nulls is not None:
                column.distinct = Figure(self.rows - column.nulls.value, "exact")
        likely = [c for c in self._columns if c.is_likely_key(self.rows)]
        ordered = [c for c in likely if c.kind != "text" and self._source.stored]
        if ordered:
            rising = self._row(sql.always_rises([c.name for c in ordered], self._source.tree))
            for column, rises in zip(ordered, rising, strict=True):
                if rises:
                    column.distinct = Figure(self.rows, "exact")
        likely = [c for c in likely if c.is_likely_key(self.rows)]
        if likely and self.rows * (1 if self._source.cheap else 4) <= PROVABLE_ROWS:
            counted = self._row(sql.one_row([sql.distinct(c.name) for c in likely], self._source.tree))
            for column, count in zip(likely, counted, strict=True):
                column.distinct = Figure(int(str(count)), "exact")

    def _row(self, statement: str) -> Iterator[object]:
        return iter(self._cursor.execute(statement).fetchall()[0])
