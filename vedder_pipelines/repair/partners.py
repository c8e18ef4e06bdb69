"""Do rows have exactly one partner in another table? Asked of the data themselves, before a join is written."""

from vedder_core.errors import QueryFailed, QueryRefused, QueryTimeout
from vedder_core.sql.guard import Granted, guard
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.repair.names import written

ONE_ROW = Limits(seconds=30, rows=1, bytes=1_000_000)


def leads_to_one(table: str, other: str, columns: tuple[str, ...], granted: Granted, warehouse: Warehouse) -> bool:
    """No row of a table is without a partner in the other, and none has two. Where one of several columns is enough for
    that, the data do not tell which of them relate the tables, and a join by all may lose rows tomorrow.
    """
    fewer = len(columns) > 1 and any(_leads_to_one(table, other, (one,), granted, warehouse) for one in columns)
    return bool(columns) and not fewer and _leads_to_one(table, other, columns, granted, warehouse)


def _leads_to_one(table: str, other: str, columns: tuple[str, ...], granted: Granted, warehouse: Warehouse) -> bool:
    dialect = warehouse.dialect
    left, right = (".".join(written(part, dialect=dialect) for part in name.split(".")) for name in (table, other))
    names = [written(column, dialect=dialect) for column in columns]
    joined, listed = " AND ".join(f"a.{name} = b.{name}" for name in names), ", ".join(names)
    twice = f"SELECT 1 AS twice FROM {right} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"  # noqa: S608
    met = f"{left} AS a LEFT JOIN {right} AS b ON {joined}"
    alone = f"SELECT 1 AS alone FROM {met} WHERE b.{names[0]} IS NULL LIMIT 1"  # noqa: S608
    return _is_empty(twice, granted, warehouse) and _is_empty(alone, granted, warehouse)


def _is_empty(sql: str, granted: Granted, warehouse: Warehouse) -> bool:
    try:
        query = guard(sql, granted, dialect=warehouse.dialect)
        return warehouse.run(query, ONE_ROW).table.num_rows == 0
    except (QueryFailed, QueryRefused, QueryTimeout):
        return False
