"""By which columns of its result a query orders its rows, as far as the result shows them.

Deliberately not here: comparing results (`vedder_api.evaluation`), and whether an order is a total one.
"""

from collections.abc import Sequence

from sqlglot import exp

from vedder_core.sql.parse import parse_query


def sort_places(sql: str, columns: Sequence[str], *, dialect: str) -> tuple[int, ...]:
    """The places among `columns` of the outermost ORDER BY's keys, the first key first.

    It ends at the first key that is no column of the result: what comes after that orders only where the key before it
    is equal, and nobody can see where. Raises SqlProblem.
    """
    query = parse_query(sql, dialect=dialect)
    order = query.args.get("order")
    found: list[int] = []
    for ordered in order.expressions if order is not None else ():
        key = ordered.this if isinstance(ordered, exp.Ordered) else ordered
        if isinstance(key, exp.Var) and key.name.upper() == "ALL":
            return (*found, *range(len(columns)))
        place = _place(key, query, [name.casefold() for name in columns])
        if place is None:
            break
        found.append(place)
    return tuple(found)


def _place(key: exp.Expr, query: exp.Query, columns: Sequence[str]) -> int | None:
    """By number, by name, or by being written like a column of the result."""
    if isinstance(key, exp.Literal) and not key.is_string:
        number = int(key.name) if key.name.isdigit() else 0
        return number - 1 if 1 <= number <= len(columns) else None
    if isinstance(key, exp.Column) and not key.table and columns.count(key.name.casefold()) == 1:
        return columns.index(key.name.casefold())
    selects = [one.unalias() for one in query.selects]
    if any(one.is_star for one in selects):
        name = key.name.casefold() if isinstance(key, exp.Column) else ""
        return columns.index(name) if columns.count(name) == 1 else None
    alike = [place for place, one in enumerate(selects) if one == key or _is_same_column(one, key)]
    return alike[0] if alike and alike[0] < len(columns) else None


def _is_same_column(one: exp.Expr, key: exp.Expr) -> bool:
    """`origin` and `f.origin` are one column, as far as names tell."""
    if not (isinstance(one, exp.Column) and isinstance(key, exp.Column)):
        return False
    tables = {one.table.casefold(), key.table.casefold()}
    return one.name.casefold() == key.name.casefold() and (len(tables) == 1 or "" in tables)
