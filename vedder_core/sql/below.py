"""What lies below a table: through the SQL of views and of the macros and functions that they call.

A change of any of it can change what a query above says. More may be found than the engine would read, never less: a
name that could mean two things counts as both.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from vedder_core.schema import Catalog, Routine, Table
from vedder_core.sql.names import dotted_name, fold_names
from vedder_core.sql.scope import table_uses


@dataclass(frozen=True, slots=True)
class Below:
    """Names of tables, views and routines, in the catalog's spelling where it has them."""

    tables: frozenset[str]
    routines: frozenset[str]

    def isdisjoint(self, names: Collection[str]) -> bool:
        return self.tables.isdisjoint(names) and self.routines.isdisjoint(names)


def below(names: Iterable[str], catalog: Catalog) -> Below:
    """The named tables, and every table, view and routine below them."""
    tables: set[str] = set()
    routines: set[str] = set()
    waiting: list[tuple[str, str]] = [("table", name) for name in names]
    while waiting:
        kind, name = waiting.pop()
        reached, found = (tables, catalog.find(name)) if kind == "table" else (routines, catalog.routines.get(name))
        key = found.name if found is not None else name
        if key in reached:
            continue
        reached.add(key)
        for read in _reads_of(found, catalog.dialect):
            waiting.extend(("table", name) for name in _tables(read, key, catalog))
            waiting.extend(("routine", name) for name in _routines(read, catalog))
    return Below(frozenset(tables), frozenset(routines))


def with_tables_below(names: Iterable[str], catalog: Catalog) -> frozenset[str]:
    """The names and every table and view below them."""
    return below(names, catalog).tables


def standing_on(changed: Collection[str], catalog: Catalog) -> frozenset[str]:
    """These tables and routines, and every view that stands on one of them. No plain table is looked at."""
    grounds = {name: below([name], catalog) for name in catalog.views}
    above = (name for name, ground in grounds.items() if not ground.isdisjoint(changed))
    return frozenset((*changed, *above))


def read_outside(names: Iterable[str], catalog: Catalog) -> tuple[Table, ...]:
    """The views, of these and of those below them, that read what is in no catalog: files, or table functions.

    The schema of such a view can change without its definition.
    """
    found = (catalog.find(name) for name in with_tables_below(names, catalog))
    views = (table for table in found if table is not None and table.definition is not None)
    return tuple(view for view in views if not _stands_on_catalog(view, catalog))


def _stands_on_catalog(view: Table, catalog: Catalog) -> bool:
    reads = list(_reads_of(view, catalog.dialect))
    for name in below([view.name], catalog).routines:
        reads.extend(_reads_of(catalog.routines.get(name), catalog.dialect))
    return all(
        read.complete
        and all(_called(name, catalog) for name in read.table_functions)
        and all(catalog.find(name) is not None for name in _tables(read, view.name, catalog))
        for read in reads
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """What a piece of SQL names, as written. `complete`: no more is read than that."""

    tables: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    table_functions: tuple[str, ...] = ()
    complete: bool = True


def _reads_of(thing: Table | Routine | None, dialect: str) -> Iterator[_Read]:
    if isinstance(thing, Table) and thing.definition is not None:
        yield _read(thing.definition, dialect)
    elif isinstance(thing, Routine):
        yield from (_read(body, dialect) for body in thing.bodies)


def _tables(read: _Read, reader: str, catalog: Catalog) -> Iterator[str]:
    """Names without a schema are looked for beside the reader, then in every schema: engines search several."""
    for name in read.tables:
        beside = f"{reader.rpartition('.')[0]}.{name}"
        if "." in name or catalog.find(beside) is not None:
            yield name if "." in name else beside
            continue
        yield from catalog.named(name) or (beside,)


def _routines(read: _Read, catalog: Catalog) -> Iterator[str]:
    for name in read.functions:
        yield from _called(name, catalog)


def _called(name: str, catalog: Catalog) -> list[str]:
    folded = name.casefold()
    ending = folded if "." in folded else f".{folded}"
    return [one for one in catalog.routines if f".{one.casefold()}".endswith(ending)]


@lru_cache(maxsize=4096)  # many pairs stand on one view
def _read(sql: str, dialect: str) -> _Read:
    functions = tuple(_function_names(sql, dialect))
    try:
        created = parse_one(sql, read=dialect)
    except SqlglotError:
        return _Read(functions=functions, complete=False)  # what only its engine can read
    query = created.expression if isinstance(created, exp.Create) else created
    if isinstance(created, exp.Create) and not isinstance(query, exp.Query):
        return _Read(functions=functions, complete=False)
    uses = [use.node for use in table_uses(fold_names(query, dialect), dialect) if use.cte is None]
    tables = [dotted_name(node) for node in uses if isinstance(node.this, exp.Identifier)]
    others = [node for node in uses if not isinstance(node.this, exp.Identifier)]
    called = tuple(_function_of(node) for node in others)
    return _Read(tuple(dict.fromkeys(tables)), functions, tuple(name for name in called if name), all(called))


def _function_of(node: exp.Table) -> str:
    """The name of a table function; empty where the source is something else."""
    return ".".join(part.name for part in (*node.parts[:-1], node.this)) if isinstance(node.this, exp.Anonymous) else ""


def _function_names(sql: str, dialect: str) -> Iterator[str]:
    """Every name before an opening bracket, with its schema where it is written; read by token, so that none is lost
    to a parser that knows some functions by class.
    """
    try:
        tokens = Tokenizer(dialect=dialect).tokenize(sql)
    except SqlglotError:
        return
    seen = set()
    for place, token in enumerate(tokens):
        if token.token_type == TokenType.L_PAREN and place:
            name = ".".join(reversed(list(_dotted(tokens, place - 1))))
            if name and name not in seen:
                seen.add(name)
                yield name


def _dotted(tokens: list[Token], place: int) -> Iterator[str]:
    yield tokens[place].text
    while place >= 2 and tokens[place - 1].token_type == TokenType.DOT:
        place -= 2
        yield tokens[place].text
