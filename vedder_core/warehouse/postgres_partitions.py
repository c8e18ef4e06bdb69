"""How a partitioned table is cut, from the bounds that the catalog keeps of its parts; no data is read.

A part of a range is told as `day=2026-01-01..2026-02-01`, one of a list as `month=1`; hashed parts have no order.
"""

import re
from collections.abc import Sequence

import psycopg

from vedder_core.profile import Partitions
from vedder_core.warehouse.postgres_tables import Found

KEY = """
    SELECT p.partstrat,
           ARRAY(SELECT a.attname::text
                 FROM pg_catalog.unnest(p.partattrs::int2[]) WITH ORDINALITY k (n, i)
                 LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = k.n ORDER BY k.i),
           pg_catalog.pg_get_partkeydef(p.partrelid)
    FROM pg_catalog.pg_partitioned_table p WHERE p.partrelid = %s"""
BOUNDS = """
    SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s"""
STRATEGIES = {"r": "range", "l": "list", "h": "hash"}
VALUE = re.compile(r"'((?:[^']|'')*)'|MINVALUE|MAXVALUE|[^\s,()']+")

Ends = tuple[list[str], list[str]]


def partitions_of(connection: psycopg.Connection, table: Found) -> Partitions | None:
    """None for a table that is not cut."""
    key = connection.execute(KEY, [table.oid]).fetchone()
    if key is None:
        return None
    strategy, columns, definition = key
    bounds = [str(bound) for (bound,) in connection.execute(BOUNDS, [table.oid])]
    named = [name for name in columns if name is not None]
    names = tuple(named) if len(named) == len(columns) else (_expression(definition),)
    kind = STRATEGIES.get(strategy, str(strategy))
    parts = [ends for bound in bounds if (ends := _ends(bound)) is not None]
    numeric = _all_numbers(parts)
    parts.sort(key=lambda ends: _order(ends, numeric=numeric))
    if not parts or len(names) != len(columns):
        return Partitions(names, kind, len(bounds))
    return Partitions(names, kind, len(bounds), _told(names, parts[0]), _told(names, parts[-1]))


def _all_numbers(parts: Sequence[Ends]) -> bool:
    """Are all values of the bounds whole numbers, so that they are ordered as such?"""
    values = [value for low, high in parts for value in (*low, *high)]
    return all(value.lstrip("-").isdecimal() for value in values if value not in ("MINVALUE", "MAXVALUE"))


def _ends(bound: str) -> Ends | None:
    """The values that a part begins and ends with; None for the default part and for hashed ones."""
    if bound.startswith("FOR VALUES IN"):
        values = _values(bound.removeprefix("FOR VALUES IN"))
        return values[:1], values[-1:] if len(values) > 1 else []
    low, found, high = bound.removeprefix("FOR VALUES FROM").partition(") TO (")
    return (_values(low), _values(high)) if found else None


def _values(text: str) -> list[str]:
    return [
        found[1].replace("''", "'") if found[1] is not None else found[0]
        for found in VALUE.finditer(text)
        if not found[0].startswith("::")
    ]


def _order(ends: Ends, *, numeric: bool) -> list[tuple[int, int, str]]:
    return [
        (-1, 0, "") if value == "MINVALUE" else (1, 0, "") if value == "MAXVALUE"
        else (0, int(value) if numeric else 0, value)
        for value in ends[0]
    ]  # fmt: skip


def _told(names: Sequence[str], ends: Ends) -> str:
    low, high = ends
    whole = [*high, *[""] * (len(names) - len(high))]
    return "/".join(f"{name}={a}..{b}" if b else f"{name}={a}" for name, a, b in zip(names, low, whole, strict=False))


def _expression(definition: str) -> str:
    """What a table is cut by where it is more than columns: `date_trunc('month', at)`."""
    return definition.partition("(")[2].removesuffix(")")
