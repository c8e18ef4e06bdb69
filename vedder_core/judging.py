"""May one pair teach? It is guarded and bound; what it is missing where it does not bind is said in `missing`.

The engine's own binder judges. Whoever asks brings the ground, a catalog with what is granted of it, and what binds:
the pipelines bind in the warehouse, a check before a change in an empty shadow of what the warehouse will be.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Protocol

from sqlglot import exp

from vedder_core.cluster import Cluster, Pair, Parameter
from vedder_core.errors import QueryRefused
from vedder_core.missing import UNCHANGED, Known, missing_table, missing_values, source_of, unbound
from vedder_core.schema import Catalog, Table
from vedder_core.schema_change import SchemaDiff
from vedder_core.sql.below import below
from vedder_core.sql.guard import Granted, GuardedQuery, ParameterValue, guard
from vedder_core.sql.parse import parse_query
from vedder_core.sql.references import columns_named, tables_named
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

    def hash_of(self, datasets: tuple[str, ...], names: Collection[str] | None = None) -> str:
        """Over the fingerprints of the tables, of all tables and routines below them, and over what is hidden.

        With `names` (in small letters), a plain table that is no view's counts with its columns of these names alone.
        """
        digest = hashlib.sha256()
        ground = below(datasets, self.catalog)
        in_part = self._plain(datasets) if names is not None else frozenset()
        for name in sorted(ground.routines):
            routine = self.catalog.routines.get(name)
            digest.update(f"{name}()={routine.fingerprint if routine else None}\n".encode())
        for name in sorted(ground.tables):
            table = self.catalog.find(name)
            if table is not None and name in in_part:
                table = replace(table, columns=tuple(c for c in table.columns if c.name.casefold() in (names or ())))
            hidden = sorted(self.granted.hidden.get(name, ()))
            known = f"{table.fingerprint if table else None}-{self.files.get(name, '')}-{name in self.granted.tables}"
            digest.update(f"{name}={known}-{hidden}\n".encode())
        return digest.hexdigest()

    def _plain(self, datasets: tuple[str, ...]) -> frozenset[str]:
        """Those that are no views, and that no view among them reads."""
        views = {name for name in datasets if (table := self.catalog.find(name)) and table.definition is not None}
        return frozenset(datasets) - below(views, self.catalog).tables


def granted_to(cluster: Cluster, catalog: Catalog) -> Granted:
    """What the pairs of a cluster may read: its datasets as the warehouse has them, less their hidden columns."""
    tables: dict[str, Table] = {}
    hidden: dict[str, frozenset[str]] = {}
    for dataset in cluster.datasets:
        table = catalog.find(dataset.name)
        if table is not None:
            tables[table.name] = table
            hidden[table.name] = hidden.get(table.name, frozenset()) | dataset.hidden_columns()
    return Granted(tables, hidden)


@dataclass(frozen=True)
class Touched:
    """What a pair names. `datasets` are spelled as in the warehouse, and also those of its parameters.

    `query` is the tree of its SQL, which is read once; `tables` are those of the datasets that it reads and that exist.
    """

    query: exp.Query
    dialect: str
    datasets: tuple[str, ...]
    tables: Sequence[Table]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """As `dataset.column`. Found when asked for: it takes as long as reading the SQL."""
        found = columns_named(self.query, self.tables, dialect=self.dialect)
        return tuple(sorted(f"{table}.{column}" for table, column in found))


def touched_by(pair: Pair, catalog: Catalog) -> Touched:
    """What a pair rests on in this catalog. Raises SqlProblem where its SQL cannot be read."""
    query = parse_query(pair.sql, dialect=catalog.dialect)
    names, tables = tables_named(query, dialect=catalog.dialect, catalog=catalog)
    sources = {source_of(parameter, catalog)[0] for parameter in pair.parameters.values() if parameter.values}
    return Touched(query, catalog.dialect, tuple(sorted(names | sources)), tables)


def judge_pair(
    pair: Pair,
    touched: Touched,
    ground: Ground,
    binder: Binder,
    had: Collection[str] = (),
    changes: SchemaDiff = UNCHANGED,
) -> Valid | Broken:
    """Would this pair run? `had` are the columns (`dataset.column`) that it used when it last did, and `changes` what
    happened to the warehouse since then.
    """
    catalog = ground.catalog
    known = Known(catalog, ground.granted, had, changes)
    gone = [name for name in touched.datasets if catalog.find(name) is None]
    if gone:
        return missing_table(pair, gone[0], known)
    for name, parameter in pair.parameters.items():
        if parameter.values and (broken := missing_values(name, parameter, known)) is not None:
            return broken
    try:
        query = guard(touched.query, ground.granted, dialect=catalog.dialect, parameters=_samples(pair, catalog))
    except QueryRefused as refused:
        return Broken(f"{refused.message} {refused.hint}")
    binding = binder.bind(query)
    if isinstance(binding, Unbound):
        return unbound(pair, query, binding, known)
    return Valid(binding.columns)


def _samples(pair: Pair, catalog: Catalog) -> dict[str, ParameterValue]:
    """A value of the right type for every parameter, so that the engine binds the pair as it will run."""
    return {name: _sample(parameter, catalog) for name, parameter in pair.parameters.items()}


def _sample(parameter: Parameter, catalog: Catalog) -> ParameterValue:
    if parameter.type is not None:
        return SAMPLE_OF_TYPE[parameter.type]
    table_name, column_name = source_of(parameter, catalog)
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
