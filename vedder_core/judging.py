"""May one pair teach? It is guarded and bound; where it does not bind, this says what is missing and its likely name.

The engine's own binder judges. Whoever asks brings the ground, a catalog with what is granted of it, and what binds:
the pipelines bind in the warehouse, a check before a change in an empty shadow of what the warehouse will be.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from vedder_core.cluster import Cluster, Pair, Parameter
from vedder_core.errors import QueryRefused
from vedder_core.problem import nearest
from vedder_core.schema import Catalog, Column
from vedder_core.sql.below import below
from vedder_core.sql.guard import Granted, GuardedQuery, ParameterValue, guard
from vedder_core.sql.places import place_of, place_of_name
from vedder_core.sql.references import references
from vedder_core.verdict import Broken, Valid
from vedder_core.warehouse.warehouse import Bound, Unbound


class Binder(Protocol):
    """Whatever tells if a query would run: a warehouse, or a shadow of one."""

    def bind(self, query: GuardedQuery) -> Bound | Unbound: ...


@dataclass(frozen=True)
class Ground:
    """What a cluster's pairs stand on. `files` are the marks of the views that read files, by name."""

    catalog: Catalog
    granted: Granted
    files: Mapping[str, str] = field(default_factory=dict)

    def hash_of(self, datasets: tuple[str, ...]) -> str:
        """Over the fingerprints of the tables, of all tables and routines below them, and over what is hidden."""
        digest = hashlib.sha256()
        ground = below(datasets, self.catalog)
        for name in sorted(ground.routines):
            routine = self.catalog.routines.get(name)
            digest.update(f"{name}()={routine.fingerprint if routine else None}\n".encode())
        for name in sorted(ground.tables):
            table = self.catalog.find(name)
            hidden = sorted(self.granted.hidden.get(name, ()))
            known = f"{table.fingerprint if table else None}-{self.files.get(name, '')}-{name in self.granted.tables}"
            digest.update(f"{name}={known}-{hidden}\n".encode())
        return digest.hexdigest()

    def visible(self, dataset: str) -> tuple[Column, ...]:
        """The columns of a dataset that are not hidden; none where the warehouse does not have it."""
        table = self.catalog.find(dataset)
        hidden = self.granted.hidden_of(table) if table else frozenset()
        return tuple(column for column in (table.columns if table else ()) if column.name.casefold() not in hidden)


def granted_to(cluster: Cluster, catalog: Catalog) -> Granted:
    """What the pairs of a cluster may read: its datasets as the warehouse has them, less their hidden columns."""
    tables = catalog.only(dataset.name for dataset in cluster.datasets).tables
    hidden = {name: dataset.hidden_columns() for name in tables if (dataset := cluster.dataset(name)) is not None}
    return Granted(tables, hidden)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a pair names: datasets as the warehouse spells them, also those of its parameters, and `dataset.column`."""

    datasets: tuple[str, ...]
    columns: tuple[str, ...]


def touched_by(pair: Pair, catalog: Catalog) -> Touched:
    """What a pair rests on in this catalog. Raises SqlProblem where its SQL cannot be read."""
    found = references(pair.sql, dialect=catalog.dialect, catalog=catalog)
    sources = {_source(parameter, catalog)[0] for parameter in pair.parameters.values() if parameter.values}
    columns = sorted(f"{table}.{column}" for table, column in found.columns)
    return Touched(tuple(sorted(found.tables | sources)), tuple(columns))


def judge_pair(
    pair: Pair, touched: Touched, ground: Ground, binder: Binder, had: Collection[str] = ()
) -> Valid | Broken:
    """Would this pair run? `had` are the columns (`dataset.column`) that it used when it last did."""
    catalog = ground.catalog
    gone = [name for name in touched.datasets if catalog.find(name) is None]
    if gone:
        return _missing_table(pair, gone[0], catalog)
    for name, parameter in pair.parameters.items():
        if parameter.values and (broken := _without_values(name, parameter, ground)) is not None:
            return broken
    try:
        query = guard(pair.sql, ground.granted, dialect=catalog.dialect, parameters=_samples(pair, catalog))
    except QueryRefused as refused:
        return Broken(f"{refused.message} {refused.hint}")
    binding = binder.bind(query)
    if isinstance(binding, Unbound):
        return _broken(pair, query, binding, had, ground)
    return Valid(binding.columns)


def _source(parameter: Parameter, catalog: Catalog) -> tuple[str, str]:
    """Dataset and column that a parameter takes its values from, the dataset as the warehouse spells it."""
    dataset, _, column = (parameter.values or "").rpartition(".")
    table = catalog.find(dataset)
    return (table.name if table else dataset), column


def _without_values(name: str, parameter: Parameter, ground: Ground) -> Broken | None:
    """A parameter whose column is gone or hidden could never be filled."""
    dataset, column = _source(parameter, ground.catalog)
    known = [visible.name for visible in ground.visible(dataset)]
    if column.casefold() in map(str.casefold, known):
        return None
    reason = f"The parameter `{name}` takes its values from `{dataset}.{column}`, which is not there."
    return Broken(reason, missing_column=f"{dataset}.{column}", probably=nearest(column, known))


def _missing_table(pair: Pair, name: str, catalog: Catalog) -> Broken:
    line, column = place_of_name(pair.sql, name, dialect=catalog.dialect) or (None, None)
    probably = nearest(name, catalog.tables)
    reason = f"The warehouse has no table `{name}`."
    return Broken(reason, missing_table=name, probably=probably, line=line, column=column)


def _broken(pair: Pair, query: GuardedQuery, binding: Unbound, had: Collection[str], ground: Ground) -> Broken:
    dialect = ground.catalog.dialect
    place = None if binding.offset is None else place_of(pair.sql, query.sql, binding.offset, dialect=dialect)
    line, column = place or (None, None)
    if binding.missing is None or binding.missing_kind != "column":
        return Broken(binding.reason, line=line, column=column)
    dataset = _dataset_of(binding.missing, query.datasets, had, ground)
    if dataset is None:
        return Broken(binding.reason, missing_column=binding.missing, line=line, column=column)
    return Broken(
        f"`{dataset}` has no column `{binding.missing}`.",
        missing_column=f"{dataset}.{binding.missing}",
        probably=_likely_name(binding.missing, dataset, had, ground.visible(dataset)),
        line=line,
        column=column,
    )


def _dataset_of(column: str, datasets: frozenset[str], had: Collection[str], ground: Ground) -> str | None:
    """The dataset that lost a column: the one that had it at the last judgement, or the only one that it can be."""
    before = {name.casefold() for name in had}
    owners = [name for name in datasets if f"{name}.{column}".casefold() in before and not _has(name, column, ground)]
    if len(owners) == 1:
        return owners[0]
    if len(datasets) == 1:
        return next(iter(datasets))
    near = [name for name in datasets if nearest(column, (c.name for c in ground.visible(name)))]
    return near[0] if len(near) == 1 else None


def _has(dataset: str, column: str, ground: Ground) -> bool:
    return column.casefold() in (known.name.casefold() for known in ground.visible(dataset))


def _likely_name(column: str, dataset: str, had: Collection[str], columns: tuple[Column, ...]) -> str | None:
    """The nearest name in the dataset, of the columns that the pair did not use before: a used one was no new name."""
    used = {name.rpartition(".")[2] for name in had if name.startswith(f"{dataset}.")}
    return nearest(column, (c.name for c in columns if c.name not in used))


def _samples(pair: Pair, catalog: Catalog) -> dict[str, ParameterValue]:
    """A value of the right type for every parameter, so that the engine binds the pair as it will run."""
    return {name: _sample(parameter, catalog) for name, parameter in pair.parameters.items()}


def _sample(parameter: Parameter, catalog: Catalog) -> ParameterValue:
    if parameter.type is not None:
        return SAMPLE_OF_TYPE[parameter.type]
    table_name, column_name = _source(parameter, catalog)
    table = catalog.find(table_name)
    column = table.column(column_name) if table else None
    kind = column.type.upper() if column else "VARCHAR"
    return next((value for prefix, value in SAMPLE_OF_ENGINE_TYPE if kind.startswith(prefix)), "a")


SAMPLE_OF_TYPE: Mapping[str, ParameterValue] = {
    "integer": 1,
    "number": 1.5,
    "date": date(2000, 1, 1),
    "month": 1,
    "boolean": True,
}
SAMPLE_OF_ENGINE_TYPE: tuple[tuple[str, ParameterValue], ...] = (
    ("BOOL", True),
    ("DATE", date(2000, 1, 1)),
    ("TIMESTAMP", date(2000, 1, 1)),
    *((prefix, 1) for prefix in ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "UTINY", "USMALL", "UINT", "UBIG")),
    *((prefix, 1.5) for prefix in ("FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC")),
)
