"""What a view reads, found in its SQL: tables, files, and whether it passes its source on as it is.

Nothing is asked of the engine here; the files that a pattern stands for are listed in `duckdb_changes`.
"""

from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

FILE_FUNCTIONS = ("read_parquet", "parquet_scan", "read_csv", "read_csv_auto", "read_json", "read_json_auto", "read_ndjson", "read_ndjson_auto")  # fmt: skip  # noqa: E501
FILE_ENDINGS = (".parquet", ".csv", ".json", ".ndjson", ".csv.gz", ".tsv")
PASSES_ON = ("expressions", "from_", "kind")


@dataclass(frozen=True, slots=True)
class Sources:
    """`tables` are dotted parts as written, `patterns` the files read. `known` is False where something else is read
    too. `plain` views read one source and pass on all of its rows; `outputs` are then the columns passed on under
    their own name, None for all.
    """

    tables: tuple[tuple[str, ...], ...] = ()
    patterns: tuple[str, ...] = ()
    known: bool = True
    plain: bool = False
    outputs: frozenset[str] | None = None
    hive: bool = True


@lru_cache(maxsize=4096)
def read_sources(definition: str) -> Sources:
    """The sources of a view. SQL that cannot be read has none, and `known` says so."""
    try:
        created = parse_one(definition, dialect="duckdb")
    except SqlglotError:
        return Sources(known=False)
    query = created.expression if isinstance(created, exp.Create) else None
    if not isinstance(query, exp.Query):
        return Sources(known=False)
    tables, patterns, known = _all(query)
    plain = isinstance(created.this, exp.Table) and _is_plain(query) and len(tables) + bool(patterns) == 1
    return Sources(
        tables=tuple(tables),
        patterns=tuple(patterns),
        known=known,
        plain=plain,
        outputs=_outputs(query) if plain else frozenset(),
        hive=not any(_is_hive_off(option) for option in query.find_all(exp.EQ)),
    )


def _all(query: exp.Query) -> tuple[list[tuple[str, ...]], list[str], bool]:
    local = {cte.alias.casefold() for cte in query.find_all(exp.CTE)}
    tables: list[tuple[str, ...]] = []
    patterns: list[str] = []
    known = True
    for table in query.find_all(exp.Table):
        source = table.this
        if isinstance(source, exp.Identifier):
            parts = tuple(part.name for part in table.parts)
            if len(parts) == 1 and parts[0].casefold().endswith(FILE_ENDINGS):
                patterns.append(parts[0])
            elif len(parts) > 1 or parts[0].casefold() not in local:
                tables.append(parts)
        elif found := _patterns(source):
            patterns.extend(found)
        elif not isinstance(source, (exp.GenerateSeries, exp.Unnest, exp.Explode)):
            known = False
    return tables, patterns, known


def _patterns(function: exp.Expr) -> list[str]:
    name = (
        function.name
        if isinstance(function, exp.Anonymous)
        else function.sql_name()
        if isinstance(function, exp.Func)
        else ""
    )
    if name.casefold() not in FILE_FUNCTIONS or not function.expressions:
        return []
    first = function.expressions[0]
    files = first.expressions if isinstance(first, exp.Array) else [first]
    return [file.name for file in files] if all(isinstance(f, exp.Literal) and f.is_string for f in files) else []


def _is_plain(query: exp.Query) -> bool:
    """One SELECT with nothing but its columns and one FROM: no filter, join, grouping, order, limit or sample."""
    if not isinstance(query, exp.Select) or any(value for part, value in query.args.items() if part not in PASSES_ON):
        return False
    source = query.args["from_"].this if query.args.get("from_") else None
    return isinstance(source, exp.Table) and not source.args.get("sample") and not source.args.get("joins")


def _outputs(query: exp.Query) -> frozenset[str] | None:
    passed: set[str] = set()
    for item in query.expressions:
        if isinstance(item, exp.Star):
            if not any(item.args.values()):
                return None
            return frozenset()
        if isinstance(item, exp.Column) and not isinstance(item.this, exp.Star):
            passed.add(item.name.casefold())
    return frozenset(passed)


def _is_hive_off(option: exp.EQ) -> bool:
    off = isinstance(option.expression, exp.Boolean) and not option.expression.this
    return off and option.this.name.casefold() == "hive_partitioning"
