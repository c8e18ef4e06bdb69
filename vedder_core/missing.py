"""What a pair that does not bind is missing, and what became of it: a `Broken` with the place and the probable name.

What became of a table or column is said by the schema diff, with its confidence. Where the diff knows nothing the
nearest name is told, without one. A hidden column is never named.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from vedder_core.cluster import Pair, Parameter
from vedder_core.problem import nearest
from vedder_core.schema import Catalog, Column
from vedder_core.schema_change import (
    ColumnGone,
    ColumnMoved,
    ColumnRenamed,
    ColumnRetyped,
    SchemaDiff,
    TableGone,
    TableRenamed,
)
from vedder_core.sql.below import below
from vedder_core.sql.granted import Granted
from vedder_core.sql.guard import GuardedQuery
from vedder_core.sql.places import place_of, place_of_name
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import Unbound

UNCHANGED = SchemaDiff()


@dataclass(frozen=True)
class Known:
    """What is known of the ground that a pair stood on. `had` are the columns (`dataset.column`) that it used when it
    last held; `changes` are those since then.
    """

    catalog: Catalog
    granted: Granted
    had: Collection[str] = ()
    changes: SchemaDiff = field(default=UNCHANGED)

    def visible(self, dataset: str) -> tuple[Column, ...]:
        """The columns of a dataset that are not hidden; none where the warehouse does not have it."""
        table = self.catalog.find(dataset)
        hidden = self.granted.hidden_of(table) if table else frozenset()
        return tuple(column for column in (table.columns if table else ()) if column.name.casefold() not in hidden)

    def became(self, dataset: str, column: str) -> ColumnRenamed | ColumnMoved | None:
        """What became of a column; None also where that is hidden now."""
        change = self.changes.column_now(dataset, column)
        match change:
            case ColumnRenamed():
                renamed = self.changes.table_now(dataset)
                place, now = renamed.now if renamed else dataset, change.now
            case ColumnMoved():
                place, now = change.to_table, change.to_column
            case None:
                return None
        table = self.catalog.find(place)
        is_hidden = table is not None and now.casefold() in self.granted.hidden_of(table)
        return None if is_hidden else change


def missing_table(pair: Pair, name: str, known: Known) -> Broken:
    """A table that the pair names is not there."""
    line, column = place_of_name(pair.sql, name, dialect=known.catalog.dialect) or (None, None)
    renamed = known.changes.table_now(name)
    return Broken(
        f"The warehouse has no table `{name}`{_told_of_table(name, known)}.",
        missing_table=name,
        probably=renamed.now if renamed else nearest(name, known.catalog.tables),
        line=line,
        column=column,
        confidence=renamed.confidence if renamed else None,
    )


def missing_values(name: str, parameter: Parameter, known: Known) -> Broken | None:
    """A parameter whose column is gone or hidden could never be filled."""
    dataset, column = source_of(parameter, known.catalog)
    names = [visible.name for visible in known.visible(dataset)]
    if column.casefold() in map(str.casefold, names):
        return None
    reason = f"The parameter `{name}` takes its values from `{dataset}.{column}`, which is not there"
    return _without_column(reason, dataset, column, known, nearest(column, names))


def source_of(parameter: Parameter, catalog: Catalog) -> tuple[str, str]:
    """Dataset and column that a parameter takes its values from, the dataset as the warehouse spells it."""
    dataset, _, column = (parameter.values or "").rpartition(".")
    table = catalog.find(dataset)
    return (table.name if table else dataset), column


def unbound(pair: Pair, query: GuardedQuery, binding: Unbound, known: Known) -> Broken:
    """The engine would not run the pair."""
    dialect, missing = known.catalog.dialect, binding.missing
    place = None if binding.offset is None else place_of(pair.sql, query.sql, binding.offset, dialect=dialect)
    line, column = place or (None, None)
    if missing is None or binding.missing_kind not in ("column", "table"):
        return Broken(f"{binding.reason}{_retyped(query, known)}", line=line, column=column)
    if (deeper := _below(missing, binding.missing_kind, query, known)) is not None:
        return deeper
    if binding.missing_kind == "table" or place_of_name(pair.sql, missing, dialect=dialect) is None:
        return Broken(binding.reason, line=line, column=column)
    dataset = _dataset_of(missing, query.datasets, known)
    if dataset is None:
        return Broken(binding.reason, missing_column=missing, line=line, column=column)
    near = _likely_name(missing, dataset, known) if known.became(dataset, missing) is None else None
    return _without_column(f"`{dataset}` has no column `{missing}`", dataset, missing, known, near, line, column)


def _without_column(
    reason: str,
    dataset: str,
    column: str,
    known: Known,
    near: str | None,
    line: int | None = None,
    place: int | None = None,
) -> Broken:
    change = known.became(dataset, column)
    probably = near
    match change:
        case ColumnRenamed():
            reason, probably = f"{reason}; it is probably called `{change.now}` now", change.now
        case ColumnMoved():
            reason = f"{reason}; it is probably in `{change.to_table}` now, as `{change.to_column}`"
            probably = f"{change.to_table}.{change.to_column}"
    return Broken(
        f"{reason}.",
        missing_column=f"{dataset}.{column}",
        probably=probably,
        line=line,
        column=place,
        confidence=change.confidence if change else None,
    )


def _told_of_table(name: str, known: Known) -> str:
    """What the diff says of a missing table: its new name, or where its columns went."""
    renamed = known.changes.table_now(name)
    if renamed is not None:
        return f"; it is probably called `{renamed.now}` now"
    moved = [c for c in known.changes.changes if isinstance(c, ColumnMoved) and c.table.casefold() == name.casefold()]
    used = {one.casefold() for one in known.had}
    shown = [c for c in moved if f"{name}.{c.column}".casefold() in used] or moved
    said = [f"`{c.column}` is now in `{c.to_table}` as `{c.to_column}`" for c in shown if known.became(name, c.column)]
    return f"; {', '.join(said[:5])}" if said else ""


def _below(missing: str, kind: str, query: GuardedQuery, known: Known) -> Broken | None:
    """What is missing is not named by the pair but by a view below it, or by what that calls."""
    for dataset in sorted(query.datasets):
        view = known.catalog.find(dataset)
        if view is None or view.definition is None:
            continue
        for table in _lost(kind, missing, below([dataset], known.catalog).tables - {view.name}, known):
            if kind == "column":
                reason = f"The view `{dataset}` reads `{table}.{missing}`, which is not there"
                return _without_column(reason, table, missing, known, None)
            renamed = known.changes.table_now(table)
            return Broken(
                f"The view `{dataset}` reads `{table}`, which is not there{_told_of_table(table, known)}.",
                missing_table=table,
                probably=renamed.now if renamed else None,
                confidence=renamed.confidence if renamed else None,
            )
    return None


def _lost(kind: str, missing: str, tables: frozenset[str], known: Known) -> list[str]:
    """Those of the tables that are gone under this name, or that lost a column of this name."""
    names = {name.casefold() for name in tables}
    wanted = missing.rpartition(".")[2].casefold()
    changes = [change for change in known.changes.changes if change.table.casefold() in names]
    if kind == "table":
        gone = [change.table for change in changes if isinstance(change, TableGone | TableRenamed)]
        return [name for name in gone if name.rpartition(".")[2].casefold() == wanted]
    lost = [change for change in changes if isinstance(change, ColumnGone | ColumnRenamed | ColumnMoved)]
    return [change.table for change in lost if change.column.casefold() == wanted]


def _retyped(query: GuardedQuery, known: Known) -> str:
    """A sentence for each column that the pair used, or a view below it reads, and that has another type now."""
    read = {name.casefold() for name in below(query.datasets, known.catalog).tables}
    used = {one.casefold() for one in known.had}
    direct = {name.casefold() for name in query.datasets}
    said = [
        f" `{c.table}.{c.column}` was {c.was} and is {c.now} now."
        for c in known.changes.changes
        if isinstance(c, ColumnRetyped) and c.table.casefold() in read
        if c.table.casefold() not in direct or f"{c.table}.{c.column}".casefold() in used
        if c.column.casefold() in {one.name.casefold() for one in known.visible(c.table)}
    ]
    return "".join(said[:3])


def _dataset_of(column: str, datasets: frozenset[str], known: Known) -> str | None:
    """The dataset that lost a column: the one that had it at the last judgement, or the only one that it can be."""
    before = {name.casefold() for name in known.had}
    owners = [name for name in datasets if f"{name}.{column}".casefold() in before and not _has(name, column, known)]
    if len(owners) == 1:
        return owners[0]
    if len(datasets) == 1:
        return next(iter(datasets))
    lost = [name for name in datasets if known.changes.column_now(name, column) is not None]
    if len(lost) == 1:
        return lost[0]
    near = [name for name in datasets if nearest(column, (c.name for c in known.visible(name)))]
    return near[0] if len(near) == 1 else None


def _has(dataset: str, column: str, known: Known) -> bool:
    return column.casefold() in (one.name.casefold() for one in known.visible(dataset))


def _likely_name(column: str, dataset: str, known: Known) -> str | None:
    """The nearest name in the dataset, of the columns that the pair did not use before: a used one was no new name."""
    used = {name.rpartition(".")[2] for name in known.had if name.startswith(f"{dataset}.")}
    return nearest(column, (c.name for c in known.visible(dataset) if c.name not in used))
