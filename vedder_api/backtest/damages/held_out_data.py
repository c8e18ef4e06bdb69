"""Damage to the data that the signals were never made for: written after them, run once, then reported.

What happens to a warehouse whose people are busy. A kind that is found badly stays here and is told as it is.
"""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from vedder_api.backtest.damages.damage import Change, named, table_of
from vedder_api.backtest.damages.of_data import scaled
from vedder_api.backtest.subject import TEXT, Subject
from vedder_core.sql.resolved import BaseColumn
from vedder_core.warehouse.duckdb_copy import quoted

MOST_CODES = 30
"""A column with more values is no list of codes."""


class DaysMissing:
    """A reload left out every second day (every second row where a table has no days), for a share of the tables."""

    name, harmful = "days missing", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(f"DELETE FROM {table_of(name)} WHERE {self._half(subject, name)}" for name in tables))  # noqa: S608

    @staticmethod
    def _half(subject: Subject, dataset: str) -> str:
        days = _days(subject, dataset)
        return f"hash(left(CAST({quoted(days[0])} AS VARCHAR), 10)) % 2 = 0" if days else "rowid % 2 = 1"


class LoadsStopped:
    """The newest fifth of the rows never came, for a share of the tables."""

    name, harmful = "loads stopped", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(self._cut(subject, name) for name in tables))

    @staticmethod
    def _cut(subject: Subject, dataset: str) -> str:
        table, days = table_of(dataset), _days(subject, dataset)
        if days:
            day = quoted(days[0])
            return f"DELETE FROM {table} WHERE {day} > (SELECT quantile_disc({day}, 0.8) FROM {table})"  # noqa: S608
        return f"DELETE FROM {table} WHERE rowid >= (SELECT 0.8 * count(*) FROM {table})"  # noqa: S608


class RowsBackfilledTwice:
    """A botched backfill: a third of the rows are there twice, in a share of the tables."""

    name, harmful = "backfilled twice", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = map(table_of, subject.victims(self.name, share, of=tuple(subject.tables())))
        return Change(tuple(f"INSERT INTO {t} SELECT * FROM {t} WHERE rowid % 3 = 0" for t in tables))  # noqa: S608


class CodesRenumbered:
    """Codes mean each other: a list of codes was renumbered and nobody said so. The column holds the same values."""

    name, harmful = "codes renumbered", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=lambda column: _is_code(subject, column))
        return Change(tuple(_turned_round(column) for column in chosen))


class KeysIssuedAnew:
    """A reload gave the rows other keys out of the same ones, in a share of the tables that are joined.

    Joins still find rows, of somebody else.
    """

    name, harmful = "keys issued anew", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        keys = {name: key for name in subject.joined() if (key := _number_key(subject, name)) is not None}
        chosen = subject.victims(self.name, share, of=tuple(keys))
        return Change(tuple(_turned_round(BaseColumn(name, keys[name])) for name in chosen))


class ViewsEmpty:
    """A table was replaced by a view that has not been filled yet, a share of the cluster's."""

    name, harmful = "empty views", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        tables = subject.victims(self.name, share, of=tuple(subject.tables()))
        return Change(tuple(statement for name in tables for statement in became_view(name, where="false")))


def became_view(dataset: str, *, where: str) -> Iterator[str]:
    """The table under another name, and a view over some of its rows in its place."""
    bare = dataset.rpartition(".")[2]
    kept = quoted(*dataset.split(".")[-2:-1], f"{bare}_base")
    yield f"ALTER TABLE {table_of(dataset)} RENAME TO {quoted(f'{bare}_base')}"
    yield f"CREATE VIEW {table_of(dataset)} AS SELECT * FROM {kept} WHERE {where}"  # noqa: S608 (quoted)


class TimeZoneMoved:
    """Days and times are told nine hours earlier, in columns that a share of the pairs reads."""

    name, harmful = "time zone moved", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=lambda c: c.column in _days(subject, c.dataset))
        return Change(tuple(self._moved(column) for column in chosen))

    @staticmethod
    def _moved(column: BaseColumn) -> str:
        table, name = named(column)
        earlier = f"TRY_CAST({name} AS TIMESTAMP) - INTERVAL 9 HOUR"
        day, time = (f"strftime({earlier}, '{form}')" for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S"))
        moved = f"CASE WHEN length(CAST({name} AS VARCHAR)) > 10 THEN {time} ELSE {day} END"
        return f"UPDATE {table} SET {name} = {moved} WHERE TRY_CAST({name} AS TIMESTAMP) IS NOT NULL"  # noqa: S608


class CurrencyChanged:
    """Amounts are told in another currency, nine in a hundred more, in columns that a share of the pairs reads."""

    name, harmful = "currency changed", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=lambda column: _is_amount(subject, column))
        return Change(tuple(statement for column in chosen for statement in scaled(column, 1.09)))


class ZerosWritten:
    """Where a number is not known a new loader writes 0: a third of the rows, in columns that a share of the pairs
    reads."""

    name, harmful = "zeros written", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=lambda column: _is_amount(subject, column))
        return Change(tuple(f"UPDATE {t} SET {name} = 0 WHERE rowid % 3 = 0" for t, name in map(named, chosen)))  # noqa: S608


class TextsInCapitals:
    """A new loader writes texts in capitals, in columns that a share of the pairs reads."""

    name, harmful = "texts in capitals", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=lambda column: _is_text(subject, column))
        return Change(tuple(f"UPDATE {t} SET {name} = upper({name})" for t, name in map(named, chosen)))  # noqa: S608


class NumbersAsText:
    """A new loader takes numbers for text, in columns that a share of the pairs reads."""

    name, harmful = "numbers as text", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        chosen = subject.read_by(share, part=self.name, among=subject.is_number)
        return Change(tuple(f"ALTER TABLE {t} ALTER COLUMN {name} TYPE VARCHAR" for t, name in map(named, chosen)))


class ColumnsExchanged:
    """A loader writes two columns of one type into each other's place; a share of the pairs reads one of them."""

    name, harmful = "columns exchanged", True

    def change(self, subject: Subject, share: float, clusters: Path) -> Change:  # noqa: ARG002
        done: set[BaseColumn] = set()
        statements = []
        for one in subject.read_by(share, part=self.name, among=lambda c: _partner(subject, c) is not None):
            other = _partner(subject, one)
            if other is None or done & {one, other}:
                continue
            done |= {one, other}
            (table, first), (_, second) = named(one), named(other)
            statements.append(f"UPDATE {table} SET {first} = {second}, {second} = {first}")  # noqa: S608 (quoted)
        return Change(tuple(statements))


def _turned_round(column: BaseColumn) -> str:
    """Each value becomes the next one, the last the first."""
    table, name = named(column)
    values = f"SELECT DISTINCT {name} AS was FROM {table} WHERE {name} IS NOT NULL"  # noqa: S608 (quoted)
    turned = f"SELECT was, coalesce(lead(was) OVER (ORDER BY was), min(was) OVER ()) AS becomes FROM ({values})"  # noqa: S608
    return f"UPDATE {table} SET {name} = turned.becomes FROM ({turned}) AS turned WHERE {name} = turned.was"  # noqa: S608


def _days(subject: Subject, dataset: str) -> tuple[str, ...]:
    """The columns of a dataset that hold days or times, however they are typed."""
    profile = subject.profile(dataset)
    columns = profile.columns if profile is not None else ()
    return tuple(one.name for one in columns if _is_day(one.minimum) and _is_day(one.maximum))


def _is_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(datetime.fromisoformat(value))
    except ValueError:
        return False


def _is_text(subject: Subject, column: BaseColumn) -> bool:
    return subject.type_of(column).startswith(TEXT)


def _is_code(subject: Subject, column: BaseColumn) -> bool:
    profile = subject.profile(column.dataset)
    known = profile.column(column.column) if profile is not None else None
    distinct = known.distinct.value if known is not None and known.distinct is not None else 0
    rows = profile.rows.value if profile is not None else 0
    return 2 <= distinct <= min(MOST_CODES, rows - 1) and (_is_text(subject, column) or subject.is_number(column))


def _is_amount(subject: Subject, column: BaseColumn) -> bool:
    """A number that tells no rows apart."""
    profile = subject.profile(column.dataset)
    keys = profile.key_candidates if profile is not None else ()
    return subject.is_number(column) and column.column not in keys


def _number_key(subject: Subject, dataset: str) -> str | None:
    profile = subject.profile(dataset)
    keys = profile.key_candidates if profile is not None else ()
    return next((key for key in keys if subject.is_number(BaseColumn(dataset, key))), None)


def _partner(subject: Subject, column: BaseColumn) -> BaseColumn | None:
    """The next column of the table with the same type."""
    columns = subject.tables()[column.dataset].columns if column.dataset in subject.tables() else ()
    place = next((number for number, one in enumerate(columns) if one.name == column.column), None)
    if place is None:
        return None
    around = (*columns[place + 1 :], *columns[:place])
    other = next((one for one in around if one.type == columns[place].type), None)
    return BaseColumn(column.dataset, other.name) if other is not None else None
