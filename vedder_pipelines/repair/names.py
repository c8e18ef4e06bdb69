"""How a name is written in SQL so that the engine reads exactly that name: bare where it may be, else in quotes."""

import re

from vedder_core.sql.names import LOWERING

PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
PLAIN_LOWER = re.compile(r"[a-z_][a-z0-9_]*")

RESERVED = frozenset(
    """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check
    collate collation column columns concurrently constraint create cross current_catalog current_date current_role
    current_schema current_time current_timestamp current_user date day default deferrable desc describe distinct do
    else end except exists extract false fetch filter first for foreign freeze from full generated glob grant group
    groups having hour if ilike in initially inner intersect interval into is isnull join lambda lateral leading left
    like limit localtime localtimestamp map minute month natural not notnull null nulls offset on only or order outer
    over overlaps partition pivot pivot_longer pivot_wider placing position positional primary qualify range
    references replace returning right row rows second select semi session_user set show similar some struct
    substring summarize symmetric table tablesample then time timestamp to trailing trim true try_cast tuple union
    unique unpack unpivot user using values variadic verbose when where window with within year
    """.split()  # noqa: SIM905
)
"""Words that an engine or the parser may read as something else. One word too many costs two quotes."""


def written(name: str, *, dialect: str, quotes: bool = False) -> str:
    """The name as SQL; `quotes` where it stood in quotes before."""
    plain = PLAIN_LOWER if dialect in LOWERING else PLAIN
    if not quotes and plain.fullmatch(name) and name.casefold() not in RESERVED:
        return name
    mark = "`" if dialect == "bigquery" else '"'
    return f"{mark}{name.replace(mark, mark * 2)}{mark}"
