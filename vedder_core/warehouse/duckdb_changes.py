"""Marks of a table's data, and the partitions of Parquet folders, which come from file names alone.

A mark changes when rows were added, removed or updated, also where the whole file was built anew; not when another
table changed or a column was renamed. It costs one scan for each state of the file and process (some 0.05 s for a
million rows of eight columns). Tables too long for that count as changed whenever the file did.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import duckdb
from sqlglot import exp

from vedder_core.profile import Partitions
from vedder_core.schema import Table
from vedder_core.sql.below import below
from vedder_core.warehouse.duckdb_catalog import Listing, Place
from vedder_core.warehouse.duckdb_file import Opened
from vedder_core.warehouse.duckdb_views import Sources, read_sources

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
TABLES_AT_ONCE = 50
SCANNED_ROWS = 50_000_000
"""Longer tables are not scanned for their mark."""

MARK = """
    SELECT {number}, concat(bit_xor(md5_number(s::VARCHAR)), '/', ({rows}))
    FROM (SELECT * EXCLUDE (column_name) FROM pragma_storage_info({name})) AS s"""
ROWS = "SELECT count(*) FROM {table}"
ROWS_AND_VALUES = "SELECT concat(count(*), '/', sum(hash(hash(*COLUMNS(*)))::HUGEINT)) FROM {table}"
"""A sum, since rows that come twice would cancel out under XOR; hashed twice, since one hash only XORs the columns."""


class Changes:
    """Answers for one state of the file, through one cursor."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, opened: Opened, listing: Listing) -> None:
        self._cursor = cursor
        self._opened = opened
        self._listing = listing
        self._known = opened.fact("marks", dict[Place, str])

    def marks(self, tables: Iterable[Table]) -> Mapping[str, str]:
        """A mark for each table; a table that the warehouse does not hold has none."""
        held = [table for name in tables if (table := self._listing.catalog.find(name.name)) is not None]
        self._read_tables(held)
        return {table.name: self._mark(table) for table in held}

    def partitions(self, table: Table) -> Partitions | None:
        """How the Parquet folder behind a view is cut; None for all else."""
        sources = read_sources(table.definition) if table.definition else Sources()
        if not sources.plain:
            return None
        if sources.patterns:
            return _hive(self.files(table)) if sources.hive else None
        below = self._resolve(sources.tables[0], table)
        found = self.partitions(below) if below is not None else None
        if found is None or sources.outputs is None:
            return found
        return found if {name.casefold() for name in found.columns} <= sources.outputs else None

    def files(self, table: Table) -> tuple[Path, ...]:
        """The files that a view reads itself, in order; none where they lie outside of the allowed folders."""
        sources = read_sources(table.definition) if table.definition else Sources()
        listed: list[Path] = []
        for pattern in sources.patterns:
            try:
                found = self._cursor.sql("SELECT file FROM glob($pattern) ORDER BY 1", params={"pattern": pattern})
            except duckdb.PermissionException:  # no query can read them either, and binding one says so
                continue
            listed.extend(Path(file) for (file,) in found.fetchall())
        return tuple(listed)

    def _read_tables(self, tables: Sequence[Table]) -> None:
        """Read the marks of all tables that these stand on, many in one statement."""
        stored = {self._listing.place(table.name): table for table in self._below(tables) if table.kind == "table"}
        places = sorted(set(stored) - set(self._known), key=str)
        for batch in _batches(places, TABLES_AT_ONCE):
            statement = " UNION ALL ".join(
                _mark_statement(number, place, scan=_is_scanned(stored[place])) for number, place in enumerate(batch)
            )
            for number, mark in self._cursor.sql(statement).fetchall():
                self._known[batch[number]] = mark

    def _below(self, tables: Iterable[Table]) -> list[Table]:
        found: dict[str, Table] = {}
        waiting = list(tables)
        while waiting:
            table = waiting.pop()
            if table.name in found:
                continue
            found[table.name] = table
            if table.definition:
                resolved = (self._resolve(parts, table) for parts in read_sources(table.definition).tables)
                waiting.extend(below for below in resolved if below is not None)
        return list(found.values())

    def _mark(self, table: Table) -> str:
        file, log = self._opened.identity
        if table.kind == "table":
            state = log if _is_scanned(table) else (file, log)
            return _digest([self._known[self._listing.place(table.name)], repr(state)])
        catalog = self._listing.catalog
        parts = [table.definition or ""]
        parts += [catalog.routines[name].fingerprint for name in below([table.name], catalog).routines]
        for each in self._below([table]):
            parts.append(f"{each.name}={each.fingerprint}")  # a view says something else when a name below it moves
            if each.kind == "table":
                parts.append(self._mark(each))
                continue
            sources = read_sources(each.definition or "")
            complete = all(self._resolve(name, each) is not None for name in sources.tables)
            if not sources.known or not complete:
                return uuid.uuid4().hex  # what it reads is unknown, so its data may have changed
            parts.extend(_file_mark(file) for file in self.files(each))
        return _digest(sorted(parts))

    def _resolve(self, parts: tuple[str, ...], view: Table) -> Table | None:
        """The table that a name inside a view means: with its own schema first, like the engine."""
        place = self._listing.place(view.name)
        tries = [parts, (place.schema, *parts), ("main", *parts)]
        if parts[0].casefold() == place.database.casefold():
            tries.append(parts[1:])
        found = (self._listing.catalog.find(".".join(each)) for each in tries)
        return next((table for table in found if table is not None), None)


def modified(files: Iterable[Path]) -> tuple[int, datetime] | None:
    """Bytes in all, and when the newest was written; None where there are no files."""
    states = [file.stat() for file in files]
    if not states:
        return None
    newest = max(state.st_mtime for state in states)
    return sum(state.st_size for state in states), datetime.fromtimestamp(newest, UTC)


def _is_scanned(table: Table) -> bool:
    return table.rows is not None and table.rows <= SCANNED_ROWS


def _mark_statement(number: int, place: Place, *, scan: bool) -> str:
    """The segments of a table tell of inserts and updates, the count of rows of deletes, the values of a new file.

    The name of a column is no part of it: a rename changes the fingerprint, and no data.
    """
    table = place.tree().sql("duckdb")
    rows = (ROWS_AND_VALUES if scan else ROWS).format(table=table)
    return MARK.format(number=number, name=exp.Literal.string(table).sql("duckdb"), rows=rows)


def _file_mark(file: Path) -> str:
    state = file.stat()
    return f"{file}|{state.st_size}|{state.st_mtime_ns}"


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _hive(files: Sequence[Path]) -> Partitions | None:
    """The `key=value` folders that all files share; numbers are ordered as numbers."""
    cuts = [tuple(folder.split("=", 1) for folder in file.parts[:-1] if "=" in folder) for file in files]
    if not cuts or not cuts[0]:
        return None
    columns = tuple(key for key, _ in cuts[0])
    if any(tuple(key for key, _ in cut) != columns for cut in cuts):
        return None
    values = sorted({tuple(unquote(value) for _, value in cut) for cut in cuts})
    dated = [value for value in values if NULL_PARTITION not in value] or values
    numeric = [all(_is_integer(value[position]) for value in dated) for position in range(len(columns))]
    dated.sort(key=lambda value: tuple(int(v) if n else v for v, n in zip(value, numeric, strict=True)))
    first, last = (
        "/".join(f"{key}={value}" for key, value in zip(columns, end, strict=True)) for end in (dated[0], dated[-1])
    )
    return Partitions(columns, "hive", len(values), first, last)


def _is_integer(text: str) -> bool:
    return text.lstrip("-").isdecimal()


def _batches(items: Sequence[Place], size: int) -> list[Sequence[Place]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
