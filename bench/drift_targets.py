"""What pairs rely on, read from their SQL by simple means of this file's own, never by the code that is measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import duckdb
from sqlglot import exp, parse_one

from bench.drift_worlds import World

Engine = duckdb.DuckDBPyConnection
JOINED = "joined"


@dataclass(frozen=True)
class Seen:
    """A column of a table as a pair's SQL uses it."""

    slug: str
    table: str
    column: str
    role: str
    value: str = ""


@dataclass
class Targets:
    """All uses of columns in the pairs of a world, and the tables' columns with their types."""

    types: Mapping[str, Mapping[str, str]]
    uses: list[Seen] = field(default_factory=list)
    readers: dict[str, set[str]] = field(default_factory=dict)

    def of(self, *roles: str) -> list[tuple[str, str]]:
        return sorted({(one.table, one.column) for one in self.uses if one.role in roles})

    def slugs(self, table: str, column: str, *roles: str, value: str | None = None) -> frozenset[str]:
        return frozenset(
            one.slug
            for one in self.uses
            if (one.table, one.column) == (table, column)
            and (not roles or one.role in roles)
            and (value is None or one.value == value)
        )


def targets_of(world: World, engine: Engine) -> Targets:
    """Where each pair's SQL names a column, by aliases and by names that one table alone has."""
    types: dict[str, dict[str, str]] = {}
    for dataset in world.cluster.datasets:
        schema, _, table = dataset.name.partition(".")
        types[dataset.name] = {row[0]: row[1] for row in engine.execute(f'DESCRIBE "{schema}"."{table}"').fetchall()}
    found = Targets(types)
    folded = {name.casefold(): name for name in types}
    for pair in world.cluster.pairs:
        tree = parse_one(pair.sql, read="duckdb")
        for select in tree.find_all(exp.Select):
            _take(found, pair.slug, select, folded)
    return found


def _take(found: Targets, slug: str, select: exp.Select, folded: Mapping[str, str]) -> None:
    levels: list[dict[str, str]] = []
    at: exp.Expr | None = select
    while at is not None:  # an inner SELECT sees its own tables first, then the outer one's
        if isinstance(at, exp.Select):
            levels.append(dict(_sources(at, folded)))
        at = at.parent
    for name in levels[0].values():
        found.readers.setdefault(name, set()).add(slug)
    for column in select.find_all(exp.Column):
        if column.find_ancestor(exp.Select) is not select:
            continue
        place = next((place for level in levels if (place := _place(column, level, found.types))), None)
        if place is not None:
            for role, value in _roles(column):
                if role != JOINED or _is_joined(column, levels[0]):
                    found.uses.append(Seen(slug, *place, role, value))


def _is_joined(column: exp.Column, sources: Mapping[str, str]) -> bool:
    """Is it set equal to a column of the same SELECT? What an inner one compares with the outer one joins nothing."""
    equal = column.parent
    sides = (equal.this, equal.expression) if isinstance(equal, exp.EQ) else ()
    return bool(sides) and all(not one.table or one.table.casefold() in sources for one in sides)


def _sources(select: exp.Select, folded: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for node in (select.args.get("from_"), *(select.args.get("joins") or ())):
        table = node.this if node is not None else None
        name = folded.get(f"{table.db}.{table.name}".casefold()) if isinstance(table, exp.Table) else None
        if isinstance(table, exp.Table) and name is not None:
            yield table.alias_or_name.casefold(), name


def _place(
    column: exp.Column, sources: Mapping[str, str], types: Mapping[str, Mapping[str, str]]
) -> tuple[str, str] | None:
    qualifier = column.table.casefold()
    tables = [sources[qualifier]] if qualifier in sources else list(sources.values()) if not qualifier else []
    found = [(t, c) for t in dict.fromkeys(tables) for c in types[t] if c.casefold() == column.name.casefold()]
    return found[0] if len(found) == 1 else None


def _roles(column: exp.Column) -> Iterator[tuple[str, str]]:
    parent = column.parent
    if isinstance(parent, exp.EQ) and isinstance(parent.this, exp.Column) and isinstance(parent.expression, exp.Column):
        yield JOINED, ""
        return
    yield "read", ""
    if isinstance(parent, exp.EQ) and isinstance(parent.expression, exp.Literal) and parent.expression.is_string:
        yield "literal", parent.expression.name
    if isinstance(parent, exp.In) and parent.this is column:
        for one in parent.expressions:
            if isinstance(one, exp.Literal) and one.is_string:
                yield "literal", one.name
    if column.find_ancestor(exp.Count) is None:
        yield "valued", ""
    if column.find_ancestor(exp.Where, exp.Group, exp.Having) is not None:
        yield "chosen", ""
