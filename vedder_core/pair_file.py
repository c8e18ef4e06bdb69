"""A pair's file: a YAML header in the first block comment, then one SELECT.

Deliberately not here: whether header and SQL agree about parameters (`pair_parameters`), whether the SQL holds in the
warehouse (the engine's binder judges that).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from vedder_core.cluster import Pair
from vedder_core.cluster_shape import fit
from vedder_core.pair_parameters import check_parameters
from vedder_core.problem import Problems, did_you_mean
from vedder_core.sql.parse import ParameterUse, SqlProblem, parameters_in, parse_query
from vedder_core.sql.references import references
from vedder_core.written_file import WrittenFile, read_written
from vedder_core.yaml_lines import read_yaml
from vedder_core.yaml_tree import Node

BEFORE_HEADER = re.compile(r"(?:[ \t]*(?:--[^\n]*)?\n)*[ \t]*/\*")
"""Blank lines and `--` comments may stand before the header."""
WIDEST = 100
"""Most characters of a line that are shown for a problem in it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a pair is read against: its cluster's dataset names (None: unreadable), the SQL dialect, the latest date
    on which it can have been vetted."""

    listed: tuple[str, ...] | None
    dialect: str
    today: date


@dataclass(frozen=True, slots=True)
class WrittenPair:
    """A header and its file; `pair` is None where the header does not fit. `sql_line` is where the SQL begins."""

    file: WrittenFile
    header: Node
    pair: Pair | None
    sql_line: int


def read_pair(path: Path, problems: Problems, around: Surroundings) -> WrittenPair | None:
    """The pair in a file, with everything wrong in it reported; None where not even its header can be read."""
    file = read_written(path, problems)
    parts = _split(file) if file is not None else None
    if file is None or parts is None:
        return None
    sql = _read_sql(file, parts, around)
    header = read_yaml(file, parts.header, first_line=parts.header_line)
    if header is None:
        return None
    pair = fit(Pair, header, file, given={"slug": path.stem, "sql": parts.sql})
    check_parameters(header, sql, file, listed=around.listed)
    _check_vetted_on(header, pair, file, around.today)
    return WrittenPair(file, header, pair, parts.sql_line)


@dataclass(frozen=True, slots=True)
class _Parts:
    header: str
    header_line: int
    sql: str
    sql_line: int


def _split(file: WrittenFile) -> _Parts | None:
    begin = BEFORE_HEADER.match(file.text)
    if begin is None:
        file.report(
            "The pair does not begin with its header.",
            line=1,
            hint="Begin the file with `/*`, the YAML keys `question`, `teaches`, `vetted_by`, `vetted_on`, then `*/`.",
        )
        return None
    end = file.text.find("*/", begin.end())
    header_line = file.text.count("\n", 0, begin.end()) + 1
    if end < 0:
        file.report("The header is never closed.", line=header_line, hint="Write `*/` behind its last line.")
        return None
    header, rest = file.text[begin.end() : end], file.text[end + 2 :]
    sql_begin = end + 2 + len(rest) - len(rest.lstrip())
    if not header.partition("\n")[0].strip():
        header = header[header.find("\n") + 1 :]
        header_line += 1
    return _Parts(header.lstrip(" \t"), header_line, rest.strip(), file.text.count("\n", 0, sql_begin) + 1)


def _read_sql(file: WrittenFile, parts: _Parts, around: Surroundings) -> tuple[ParameterUse, ...] | None:
    """The uses of parameters, their lines counted in the file; None where the SQL cannot be read."""
    if not parts.sql:
        file.report("There is no SQL below the header.", line=parts.sql_line, hint="Write one SELECT behind the `*/`.")
        return None
    try:
        query = parse_query(parts.sql, dialect=around.dialect)
        uses = parameters_in(parts.sql, dialect=around.dialect, query=query)
        tables = references(query, dialect=around.dialect).tables
    except SqlProblem as problem:
        _report_sql(file, parts, problem)
        return None
    if around.listed is not None:
        _check_tables(tables, around.listed, file, parts)
    return tuple(ParameterUse(use.name, parts.sql_line + use.line - 1, use.column) for use in uses)


def _report_sql(file: WrittenFile, parts: _Parts, problem: SqlProblem) -> None:
    line = max(problem.line, 1)
    spot = _spot(parts.sql.split("\n")[line - 1], problem.column - 1) if problem.column else ""
    file.report(problem.message, line=parts.sql_line + line - 1, hint=problem.hint + spot)


def _spot(line: str, column: int) -> str:
    """The line, or what of it is near, with a mark below the place; tabs stay, so that the mark stays below it."""
    begin = max(column - WIDEST + 20, 0)
    before = re.sub(r"[^\t]", " ", line[begin:column])
    return f"\n        {line[begin : begin + WIDEST]}\n        {before}^"


def _check_tables(tables: Iterable[str], listed: tuple[str, ...], file: WrittenFile, parts: _Parts) -> None:
    known = {name.casefold() for name in listed}
    for table in sorted(tables):
        if table.casefold() not in known:
            file.report(
                f"The SQL reads `{table}`, which cluster.yaml does not list under `datasets`.",
                line=parts.sql_line + _line_of(table, parts.sql),
                hint=did_you_mean(table, listed),
            )


def _line_of(table: str, sql: str) -> int:
    """How many lines down in the SQL a table is named first; 0 where its spelling differs."""
    found = re.search(rf"\b{re.escape(table)}\b", sql, re.IGNORECASE)
    return sql.count("\n", 0, found.start()) if found else 0


def _check_vetted_on(header: Node, pair: Pair | None, file: WrittenFile, today: date) -> None:
    found = header.at(("vetted_on",))
    day = pair.vetted_on if pair is not None else found.content
    if isinstance(day, date) and not isinstance(day, datetime) and day > today:
        hint = "Write when it was vetted."
        file.report(f"{found.written} lies in the future.", line=found.line, key="vetted_on", hint=hint)
