"""The statements of a profile. Names come quoted from the catalog; no text from outside is in them.

When which of them runs is decided in `postgres_profile`.
"""

from collections.abc import Sequence

from sqlglot import exp

from vedder_core.warehouse.measured import Kind

GROUPS_AT_ONCE = 30
MOST_GROUPS = 50_000
LONG_TEXT = 1_000
SEED = 42

KINDS = """
    SELECT a.attname, t.typcategory, b.typname FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    JOIN pg_catalog.pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped"""
STATISTICS = """
    SELECT attname, null_frac, n_distinct FROM pg_catalog.pg_stats
    WHERE schemaname = %s AND tablename = %s AND inherited = %s"""
INDEXED = """
    SELECT DISTINCT a.attname FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN pg_catalog.pg_am m ON m.oid = c.relam
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = %s AND m.amname = 'btree' AND i.indpred IS NULL AND i.indisvalid"""
CATEGORIES: dict[str, Kind] = {"N": "number", "S": "text", "E": "text", "I": "text", "D": "time", "B": "flag"}
WHOLE_NUMBERS = ("int2", "int4", "int8", "oid")


def kind_of(category: str, base: str) -> Kind:
    """How a type can be profiled, from its category and the name of the type that a domain stands on."""
    if base == "uuid":
        return "text"
    return "opaque" if base in ("money", "interval") else CATEGORIES.get(category, "opaque")


def quoted(name: str) -> str:
    """A column's name as SQL writes it."""
    return exp.to_identifier(name, quoted=True).sql("postgres")


def explain(table: str) -> str:
    """The planner's guess of rows and cost of reading all."""
    return f"EXPLAIN (FORMAT JSON) SELECT * FROM {table}"  # noqa: S608 - quoted


def bounds(name: str, kind: Kind) -> list[str]:
    """The smallest and the largest value, of texts by their bytes."""
    column = quoted(name)
    if kind == "flag":
        return [f"bool_and({column})", f"bool_or({column})"]
    if kind == "text":
        return [f'{end}({column}::text COLLATE "C")' for end in ("min", "max")]
    return [f"{end}({column}){'::text' if kind == 'time' else ''}" for end in ("min", "max")]


def present(name: str) -> str:
    """How many rows in which the column is not NULL."""
    return f"count({quoted(name)})"


def distinct(name: str) -> str:
    """How many different values, counted."""
    return f"count(DISTINCT {quoted(name)})"


def one_row(items: Sequence[str], table: str) -> str:
    """Aggregates over all rows."""
    return f"SELECT {', '.join(items)} FROM {table}"  # noqa: S608 - quoted


def groups(columns: Sequence[tuple[int, str]], table: str) -> str:
    """Number, value as text and rows for each value of each column, in one scan."""
    names = [(number, quoted(name)) for number, name in columns]
    own = [f"WHEN grouping({column}) = 0 THEN" for _, column in names]
    numbers = " ".join(f"{when} {number}" for when, (number, _) in zip(own, names, strict=True))
    values = " ".join(f"{when} {column}::text" for when, (_, column) in zip(own, names, strict=True))
    sets = ", ".join(f"({column})" for _, column in names)
    return (
        f"SELECT CASE {numbers} END, CASE {values} END, count(*) FROM {table} "  # noqa: S608 - quoted
        f"GROUP BY GROUPING SETS ({sets}) LIMIT {most_groups(len(names))}"
    )


def most_groups(columns: int) -> int:
    """So many groups are asked for at most."""
    return (MOST_GROUPS + 1) * columns


def sample(columns: Sequence[str], table: str, *, share: float, most: int, by_blocks: bool) -> str:
    """A share of the rows, the same ones each time; a long text as its beginning and a digest of the whole."""
    items = []
    for column in map(quoted, columns):
        text = f"{column}::text"
        items.append(
            f"CASE WHEN length({text}) > {LONG_TEXT} THEN left({text}, {LONG_TEXT}) || md5({text}) ELSE {text} END"
        )
    if share >= 1:
        part = ""
    elif by_blocks:
        part = f"TABLESAMPLE SYSTEM ({100 * share}) REPEATABLE ({SEED})"
    else:
        part = f"WHERE random() < {share}"
    return f"SELECT {', '.join(items)} FROM {table} {part} LIMIT {most}"  # noqa: S608 - quoted
