"""Running a pair as it would answer, with its defaults or example values, and what is remembered of the result.

Of the rows nothing is kept but a digest. It is equal for the same rows in any order, and for floats that differ only
in the last digits, which engines do not always give alike.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

import pyarrow as pa

from vedder_core.cluster import Pair, Parameter
from vedder_core.errors import QueryFailed, QueryRefused, QueryTimeout
from vedder_core.pair_parameters import MONTHS
from vedder_core.profile import Profile
from vedder_core.sql.guard import Granted, ParameterValue, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.drift.baseline import Filled, ResultFacts

LIMITS = Limits(seconds=30, rows=10_000, bytes=64_000_000)
DIGITS = 9
NO_VERSIONS: Mapping[str, str] = {}


def run_pair(
    pair: Pair,
    granted: Granted,
    warehouse: Warehouse,
    limits: Limits = LIMITS,
    *,
    parameters: Mapping[str, Filled],
    versions: Mapping[str, str] = NO_VERSIONS,
    secret: bool = False,
) -> ResultFacts | None:
    """The facts of a pair's result with these parameters (see `example_values`); None where it does not run.

    `secret`: its rows hold values that may not be told, so that there is no digest of them.
    """
    try:
        return try_pair(pair, granted, warehouse, limits, parameters=parameters, versions=versions, secret=secret)
    except (QueryFailed, QueryRefused, QueryTimeout):
        return None


def try_pair(
    pair: Pair,
    granted: Granted,
    warehouse: Warehouse,
    limits: Limits,
    *,
    parameters: Mapping[str, Filled],
    versions: Mapping[str, str],
    secret: bool,
) -> ResultFacts:
    """As `run_pair`; raises QueryFailed, QueryRefused or QueryTimeout."""
    values = typed(pair, parameters, granted)
    result = warehouse.run(guard(pair.sql, granted, dialect=warehouse.dialect, parameters=values), limits)
    table = result.table
    return ResultFacts(
        columns=tuple(table.column_names),
        rows=table.num_rows,
        truncated=result.truncated,
        digest=None if result.truncated or secret else digest_of(table),
        hollow=_is_hollow(table),
        parameters=parameters,
        versions=versions,
    )


def typed(pair: Pair, parameters: Mapping[str, Filled], granted: Granted) -> dict[str, ParameterValue]:
    """What fills the blanks, as the engine wants it."""
    return {name: _typed(parameters[name], pair.parameters[name], granted) for name in pair.parameters}


def example_values(pair: Pair, profiles: Mapping[str, Profile]) -> Mapping[str, Filled] | None:
    """What fills a pair's blanks: their defaults, else the most common value of the column, else one of the type.
    None where there is none, so that the pair cannot be run.
    """
    folded = {name.casefold(): profile for name, profile in profiles.items()}
    found = {name: _example(parameter, folded) for name, parameter in pair.parameters.items()}
    known = {name: value for name, value in found.items() if value is not None}
    return known if len(known) == len(found) else None


def _example(parameter: Parameter, profiles: Mapping[str, Profile]) -> Filled | None:
    if parameter.default is not None:
        default = parameter.default
        return default.isoformat() if isinstance(default, date) else default
    if parameter.type is not None:
        smallest = parameter.minimum
        if smallest is not None:
            return smallest.isoformat() if isinstance(smallest, date) else smallest
        return EXAMPLE_OF_TYPE[parameter.type]
    dataset, _, column = (parameter.values or "").rpartition(".")
    profile = profiles.get(dataset.casefold())
    seen = profile.column(column) if profile else None
    values = [one.value for one in (seen.common_values if seen else ()) if one.value not in parameter.without]
    return values[0] if values else None


EXAMPLE_OF_TYPE: Mapping[str, Filled] = {
    "integer": 10,
    "number": 10.0,
    "date": "2026-07-01",
    "month": 7,
    "boolean": True,
}
WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT", "HUGEINT", "UTINY", "USMALL", "UINT", "UBIG")
BROKEN = ("FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC")


def _typed(value: Filled, parameter: Parameter, granted: Granted) -> ParameterValue:
    """The value as the blank's type, or its column's, wants it."""
    if not isinstance(value, str):
        return value
    kind = _engine_type(parameter, granted)
    if parameter.type == "month" and value.strip().casefold() in MONTHS:
        return MONTHS.index(value.strip().casefold()) + 1
    try:
        if parameter.type == "date" or kind == "DATE":
            return date.fromisoformat(value)
        if kind.startswith(WHOLE) and not kind.startswith("INTERVAL"):
            return int(value)
        if kind.startswith(BROKEN):
            return float(value)
    except ValueError:
        return value  # not the column's own spelling; the engine says so
    return value.casefold() == "true" if kind.startswith("BOOL") else value


def _engine_type(parameter: Parameter, granted: Granted) -> str:
    dataset, _, column = (parameter.values or "").rpartition(".")
    table = granted.find(dataset)
    found = table.column(column) if table else None
    return found.type.upper() if found else ""


def digest_of(table: pa.Table) -> str:
    """Over all rows, in any order; names of columns are no part of it."""
    columns = [column.to_pylist() for column in table.columns]
    rows = sorted("\x1f".join(_plain(cell) for cell in row) for row in zip(*columns, strict=True))
    return hashlib.sha256("\x1e".join(rows).encode()).hexdigest()


def _plain(cell: object) -> str:
    """A cell as text: numbers are equal whatever their type, texts and numbers never are."""
    if cell is None:
        return "-"
    if isinstance(cell, bool):
        return f"b{cell}"
    if isinstance(cell, int | float | Decimal):
        return f"n{_number(cell)}"
    if isinstance(cell, dict):
        return "{" + ",".join(f"{key}:{_plain(value)}" for key, value in sorted(cell.items())) + "}"
    if isinstance(cell, list | tuple):
        return "[" + ",".join(map(_plain, cell)) + "]"
    return f"t{cell}"


def _number(cell: float | Decimal) -> str:
    """Whole numbers in full, others with as many digits as engines agree on."""
    whole = Decimal(cell).is_finite() and cell == int(cell)
    return str(int(cell)) if whole else f"{cell:.{DIGITS}g}"


def _is_hollow(table: pa.Table) -> bool:
    cells: Iterable[object] = (cell for column in table.columns for cell in column.to_pylist())
    return all(cell is None or (isinstance(cell, int | float | Decimal) and cell == 0) for cell in cells)
