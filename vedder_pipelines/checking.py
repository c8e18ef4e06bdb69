"""What experts expect of their data: which expectations must be checked again, on which rows, and what became of them.

Plain code without Dagster. Great Expectations, which does the checking, is known to `expectations` alone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
from sqlglot import exp

from vedder_core.cluster import Cluster, Dataset, Expectation
from vedder_core.errors import VedderError
from vedder_core.profile import Profile
from vedder_core.schema import Catalog, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.expectations import Frames, frame_of, validate

LIMITS = Limits(seconds=120, rows=500_000, bytes=256_000_000)
"""As much of a dataset as is looked at; a dataset with more rows is checked in part, and the result says so."""

COLUMN_ARGUMENTS = ("column", "column_A", "column_B")


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation and what became of it. `whole` is false where only the first `rows` rows were looked at.

    An expectation that could not be checked has not passed; `found` says why.
    """

    expect: str
    about: str
    passed: bool
    found: str
    rows: int
    whole: bool


@dataclass(frozen=True, slots=True)
class DatasetChecked:
    """The results for one dataset, and the mark of the data and of the expectations that they hold for."""

    mark: str
    checked: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class ExpectationReport:
    """Results by dataset; which datasets were validated now, and of which the last results still hold."""

    results: Mapping[str, DatasetChecked]
    validated: tuple[str, ...]
    reused: tuple[str, ...]


def check_cluster(
    cluster: Cluster,
    catalog: Catalog,
    warehouse: Warehouse,
    profiles: Mapping[str, Profile],
    remembered: Mapping[str, DatasetChecked],
    *,
    limits: Limits = LIMITS,
) -> ExpectationReport:
    """Check the expectations of every dataset that is there, unless neither its data nor they changed."""
    results: dict[str, DatasetChecked] = {}
    validated: list[str] = []
    for dataset in cluster.datasets:
        table, profile = catalog.find(dataset.name), profiles.get(dataset.name)
        if not dataset.expectations or table is None or profile is None:
            continue
        mark = _mark(dataset, profile)
        last = remembered.get(dataset.name)
        if last is not None and last.mark == mark:
            results[dataset.name] = last
            continue
        results[dataset.name] = _check(dataset, table, profile, warehouse, mark=mark, limits=limits)
        validated.append(dataset.name)
    return ExpectationReport(results, tuple(validated), tuple(name for name in results if name not in validated))


def _mark(dataset: Dataset, profile: Profile) -> str:
    written = "\n".join(expectation.model_dump_json() for expectation in dataset.expectations)
    whole = f"{profile.fingerprint}\n{profile.data_version}\n{written}"
    return hashlib.sha256(whole.encode()).hexdigest()


def _check(
    dataset: Dataset, table: Table, profile: Profile, warehouse: Warehouse, *, mark: str, limits: Limits
) -> DatasetChecked:
    try:
        rows, whole = _rows(dataset.expectations, table, warehouse, limits)
    except VedderError as error:
        # Without a mark nothing is remembered as checked, so that the next run tries again.
        return DatasetChecked("", tuple(_unread(expectation, error) for expectation in dataset.expectations))
    frames = Frames(rows, tuple(column.name for column in table.columns), profile.rows.value)
    outcomes = zip(dataset.expectations, validate(dataset.expectations, frames), strict=True)
    checked = (
        Checked(e.expect, _about(e), passed, found, rows.num_rows, whole=whole or frame_of(e) != "values")
        for e, (passed, found) in outcomes
    )
    return DatasetChecked(mark, tuple(checked))


def _unread(expectation: Expectation, error: VedderError) -> Checked:
    found = f"that it cannot be checked: {error.message}"
    return Checked(expectation.expect, _about(expectation), passed=False, found=found, rows=0, whole=False)


def _rows(
    expectations: Iterable[Expectation], table: Table, warehouse: Warehouse, limits: Limits
) -> tuple[pa.Table, bool]:
    """The columns that the expectations name, spelled as they spell them; and whether these are all rows."""
    named = dict.fromkeys(name for expectation in expectations for name in _columns(expectation))
    columns = [(column.name, name) for name in named if (column := table.column(name)) is not None]
    if not columns:
        return pa.table({}), True
    source = exp.Table(**_quoted_parts(table.name))
    select = exp.select(*(exp.column(real, quoted=True).as_(name, quoted=True) for real, name in columns))
    query = guard(select.from_(source), Granted({table.name: table}), dialect=warehouse.dialect)
    result = warehouse.run(query, limits)
    return result.table, not result.truncated


def _quoted_parts(name: str) -> dict[str, exp.Identifier]:
    parts = [exp.to_identifier(part, quoted=True) for part in reversed(name.split("."))]
    return dict(zip(("this", "db", "catalog"), parts, strict=False))


def _columns(expectation: Expectation) -> list[str]:
    """The columns whose values an expectation is about; none where it is about the table as a whole."""
    if frame_of(expectation) != "values":
        return []
    written = [expectation.arguments.get(key) for key in COLUMN_ARGUMENTS]
    several = expectation.arguments.get("column_list")
    return [name for name in (*written, *(several if isinstance(several, list) else ())) if isinstance(name, str)]


def _about(expectation: Expectation) -> str:
    columns = _columns(expectation)
    named = expectation.arguments.get("column")
    return ", ".join(columns) or (named if isinstance(named, str) else "the table")
