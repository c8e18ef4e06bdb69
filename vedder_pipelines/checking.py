"""What experts expect of their data: which expectations must be checked again, on which rows, and what became of them.

Plain code without Dagster. Great Expectations, which does the checking, is known to `expectations` alone.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
from pydantic import JsonValue
from sqlglot import exp

from vedder_core.cluster import Cluster, Dataset, Expectation
from vedder_core.errors import VedderError
from vedder_core.profile import Profile
from vedder_core.schema import Catalog, Table
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.expectations import CANNOT, Frames, frame_of, validate

LIMITS = Limits(seconds=120, rows=500_000, bytes=256_000_000)
"""As much of a dataset as is looked at; a dataset with more rows is checked in part, and the result says so."""

COUNTED = re.compile(r"[\d,]+ of [\d,]+ values unexpected")
NUMBER = re.compile(r"-?[\d,]+(\.\d+)?")
COLUMN_ARGUMENTS = ("column", "column_A", "column_B")
HIDDEN = "a hidden column"


@dataclass(frozen=True, slots=True)
class Checked:
    """One expectation and what became of it. `whole` is false where only the first `rows` rows were looked at.

    An expectation that could not be checked has not passed; `found` says why. Where values may not be told `found`
    holds counts at most, and a hidden column is not named.
    """

    expect: str
    about: str
    passed: bool
    found: str
    rows: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Guarded:
    """The columns, case-folded, whose values may not be told; of the `hidden` ones not even the names."""

    hidden: frozenset[str]
    columns: frozenset[str]

    @classmethod
    def of(cls, dataset: Dataset, profile: Profile) -> "Guarded":
        withheld = (column.name for column in profile.columns if column.withheld)
        columns = frozenset(name.casefold() for name in (*dataset.unsampled_columns(), *withheld))
        return cls(frozenset(name.casefold() for name in dataset.hidden_columns()), columns)

    def concern(self, expectation: Expectation) -> bool:
        """Is it about such a column, by name or in a condition, or about all columns where some are hidden?"""
        if frame_of(expectation) == "columns" and self.hidden:
            return True
        written = "\n".join(_texts(expectation.arguments)).casefold()
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", written) for name in self.columns)

    def hides_a_word_of(self, text: str) -> bool:
        """Does a text name a hidden column?"""
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text.casefold()) for name in self.hidden)

    def about(self, expectation: Expectation) -> str:
        """The columns that an expectation is about, for people."""
        named = _columns(expectation) or [n for n in (expectation.arguments.get("column"),) if isinstance(n, str)]
        told = dict.fromkeys(HIDDEN if name.casefold() in self.hidden else name for name in named)
        return ", ".join(told) or "the table"


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
        guarded = Guarded.of(dataset, profile)
        mark = _mark(dataset, profile, guarded)
        last = remembered.get(dataset.name)
        if last is not None and last.mark == mark:
            results[dataset.name] = last
            continue
        results[dataset.name] = _check(dataset, table, profile, warehouse, guarded=guarded, mark=mark, limits=limits)
        validated.append(dataset.name)
    return ExpectationReport(results, tuple(validated), tuple(name for name in results if name not in validated))


def _mark(dataset: Dataset, profile: Profile, guarded: Guarded) -> str:
    written = "\n".join(expectation.model_dump_json() for expectation in dataset.expectations)
    untold = f"hidden {sorted(guarded.hidden)} guarded {sorted(guarded.columns)}"
    whole = f"{profile.fingerprint}\n{profile.data_version}\n{untold}\n{written}"
    return hashlib.sha256(whole.encode()).hexdigest()


def failures(dataset: Dataset, profile: Profile | None, last: DatasetChecked | None) -> tuple[str, ...]:
    """The expectations that do not hold, in sentences for everyone who asks: with counts, and with no value or name
    that may not be told. None for results of other data or other expectations than the present ones.
    """
    if profile is None or last is None or not dataset.expectations:
        return ()
    guarded = Guarded.of(dataset, profile)
    if last.mark not in ("", _mark(dataset, profile, guarded)):
        return ()
    told = dict.fromkeys(_sentence(one) for one in last.checked if not one.passed)
    return tuple(sentence for sentence in told if not guarded.hides_a_word_of(sentence))


def _sentence(failed: Checked) -> str:
    """Examples are left out: a value that few rows hold, or that looks personal, could be among them."""
    about = failed.about if failed.about in ("the table", HIDDEN) else f"`{failed.about}`"
    counted = COUNTED.match(failed.found) or NUMBER.fullmatch(failed.found)
    if failed.found.startswith(CANNOT):
        found = "cannot be checked"
    elif counted is None:
        found = "does not hold"
    else:
        found = counted[0] if "of" in counted[0] else f"found {counted[0]}"
    part = "" if failed.whole else f", in the first {failed.rows:,} rows"
    return f"{failed.expect} ({about}): {found}{part}"


def _check(
    dataset: Dataset,
    table: Table,
    profile: Profile,
    warehouse: Warehouse,
    *,
    guarded: Guarded,
    mark: str,
    limits: Limits,
) -> DatasetChecked:
    counts_only = tuple(expectation for expectation in dataset.expectations if guarded.concern(expectation))
    try:
        rows, whole = _rows(dataset.expectations, table, warehouse, limits)
    except VedderError as error:
        # All columns are read at once, so that the error may quote any of them.
        found = CANNOT if counts_only else f"{CANNOT}: {error.message}"
        unread = (
            Checked(e.expect, guarded.about(e), passed=False, found=found, rows=0, whole=False)
            for e in dataset.expectations
        )
        # Without a mark nothing is remembered as checked, so that the next run tries again.
        return DatasetChecked("", tuple(unread))
    frames = Frames(rows, tuple(column.name for column in table.columns), profile.rows.value)
    outcomes = validate(dataset.expectations, frames, counts_only=counts_only)
    checked = (
        Checked(e.expect, guarded.about(e), passed, found, rows.num_rows, whole=whole or frame_of(e) != "values")
        for e, (passed, found) in zip(dataset.expectations, outcomes, strict=True)
    )
    return DatasetChecked(mark, tuple(checked))


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


def written_in(expectation: Expectation, profile: Profile) -> tuple[str, ...]:
    """The columns that its result may tell of: all where it is about the table, else those that it names anywhere."""
    columns, about = [column.name for column in profile.columns], _columns(expectation)
    if not about:
        return tuple(columns)
    written = "\n".join(_texts(expectation.arguments)).casefold()
    named = [name for name in columns if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", written)]
    return tuple(dict.fromkeys((*about, *named)))


def _texts(value: JsonValue) -> Iterator[str]:
    """All texts in the arguments of an expectation, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
