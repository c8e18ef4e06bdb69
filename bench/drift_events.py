"""What `bench.drift` does to a database: drift of every kind with a known target, and benign changes.

An event is SQL on one schema, in DuckDB's words, and what it is aimed at. The targets are read from the pairs' SQL
by simple means of this file's own, never by the code that is measured.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
from sqlglot import exp, parse_one

from bench.drift_worlds import World

Engine = duckdb.DuckDBPyConnection
FEWEST_ROWS = 12
JOINED = "joined"
NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True)
class Event:
    """`statements` change the data. `kind` is a kind of drift, or `benign`; `table` and `column` are where it is.

    `aimed` are the pairs that rely on what is changed, in the role that the kind is about.
    """

    kind: str
    name: str
    statements: tuple[str, ...]
    table: str = ""
    column: str = ""
    aimed: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    deprecated_by: str = ""


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


@dataclass(frozen=True)
class Room:
    """What a planter has: a world, what its pairs use, its open file, and chance."""

    world: World
    targets: Targets
    engine: Engine
    rng: random.Random


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


def planted(room: Room, each: int) -> Iterator[Event]:
    """Some events of every kind that the database allows."""
    for make in PLANTERS:
        made = list(make(room))
        room.rng.shuffle(made)
        yield from made[:each]


def _literals(room: Room) -> Iterator[Event]:
    for table, column, value in sorted(
        {(s.table, s.column, s.value) for s in room.targets.uses if s.role == "literal"}
    ):
        held = _one(room.engine, f"SELECT count(*) FROM {_q(table)} WHERE {_c(column)} = {_l(value)}")
        spelled = room.rng.choice(
            [value.swapcase(), f"K{value}", value[:3].upper() + "_01", value.replace(" ", "_") + "."]
        )
        if not held or spelled == value or "VARCHAR" not in room.targets.types[table][column]:
            continue
        yield Event(
            "vanished_literal",
            f"{table}.{column}: {value} is {spelled}",
            (f"UPDATE {_q(table)} SET {_c(column)} = {_l(spelled)} WHERE {_c(column)} = {_l(value)}",),
            table,
            column,
            room.targets.slugs(table, column, "literal", value=value),
            room.targets.slugs(table, column),
        )


def _keys(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("joined"):
        c, t = _c(column), _q(table)
        rows, different = room.engine.execute(f"SELECT count({c}), count(DISTINCT {c}) FROM {t}").fetchall()[0]
        if rows < 4 or rows != different:
            continue
        yield Event(
            "lost_key",
            f"{table}.{column} comes twice",
            (f"INSERT INTO {t} SELECT * FROM {t} WHERE hash({c}, {room.rng.randint(0, 999)}) % 10 < 6",),
            table,
            column,
            room.targets.slugs(table, column, "joined"),
            frozenset(room.targets.readers[table]),
        )


UNITS: Sequence[tuple[str, str]] = (
    ("cents", "{c} * 100"),
    ("thousandths", "{c} * 1000"),
    ("thousands", "{c} / 1000.0"),
    ("whole units for cents", "{c} / 100.0"),
    ("kilometres", "{c} * 1.609344"),
    ("pounds", "{c} * 2.204623"),
    ("Fahrenheit", "{c} * 1.8 + 32"),
    ("the other sign", "-{c}"),
    ("minutes", "{c} / 60.0"),
)


def _units(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("valued"):
        c, t = _c(column), _q(table)
        if not room.targets.types[table][column].startswith(NUMERIC) or _is_a_name(
            room.world, room.targets, table, column
        ):
            continue
        values, different = room.engine.execute(f"SELECT count({c}), count(DISTINCT {c}) FROM {t}").fetchall()[0]
        if values < FEWEST_ROWS or different < 6:
            continue
        name, written = room.rng.choice(UNITS)
        yield Event(
            "unit_shift",
            f"{table}.{column} in {name}",
            (
                f"ALTER TABLE {t} ALTER {c} TYPE DOUBLE",
                f"UPDATE {t} SET {c} = {written.format(c=c)}",
            ),
            table,
            column,
            room.targets.slugs(table, column, "valued"),
            room.targets.slugs(table, column),
        )


def _is_a_name(world: World, targets: Targets, table: str, column: str) -> bool:
    """A key, or a year, has no unit."""
    joined = bool(targets.slugs(table, column, "joined"))
    named = column.casefold().endswith(("id", "key", "code", "number", "year", "no", "num"))
    return joined or named or column in world.keys.get(table, ())


def _nulls(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("read"):
        c, t = _c(column), _q(table)
        rows, values = room.engine.execute(f"SELECT count(*), count({c}) FROM {t}").fetchall()[0]
        if rows < FEWEST_ROWS or values < 0.8 * rows:
            continue
        tenths = room.rng.choice((10, 7, 5))
        yield Event(
            "null_burst",
            f"{table}.{column} is NULL in {tenths} of 10 rows",
            (f"UPDATE {t} SET {c} = NULL WHERE hash(rowid, {room.rng.randint(0, 999)}) % 10 < {tenths}",),
            table,
            column,
            room.targets.slugs(table, column, "read"),
            room.targets.slugs(table, column),
        )


def _partitions(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("chosen"):
        c, t = _c(column), _q(table)
        kind = room.targets.types[table][column]
        if not kind.startswith(("DATE", "TIMESTAMP")):
            continue
        months = room.engine.execute(
            f"SELECT date_trunc('month', {c})::DATE, count(*) FROM {t} WHERE {c} IS NOT NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
        full = [month for month, rows in months[1:-1] if rows >= 8]
        aimed, reads = room.targets.slugs(table, column, "chosen"), frozenset(room.targets.readers[table])
        if full:
            gone = room.rng.choice(full)
            where = f"date_trunc('month', {c}) = DATE '{gone}'"
            yield Event(
                "moved_partition", f"{t} lacks {gone}", (f"DELETE FROM {t} WHERE {where}",), table, column, aimed, reads
            )
        if len(months) > 4:
            last = months[-3][0]
            statement = f"DELETE FROM {t} WHERE {c} >= DATE '{last}'"
            yield Event("moved_partition", f"{t} ends in {last}", (statement,), table, column, aimed, reads)
        if sum(rows for _, rows in months) >= 20:
            constant = f"UPDATE {t} SET {c} = (SELECT max({c}) FROM {t})"
            yield Event("moved_partition", f"{t}.{c} is constant", (constant,), table, column, aimed, reads)


def _deprecations(room: Room) -> Iterator[Event]:
    for table in sorted(room.targets.readers):
        readers = frozenset(room.targets.readers[table])
        comment = f"COMMENT ON TABLE {_q(table)} IS 'DEPRECATED: use {table}_v2'"
        yield Event("deprecated_dataset", f"{table} by comment", (comment,), table, "", readers, readers)
        yield Event("deprecated_dataset", f"{table} by its cluster", (), table, "", readers, readers, f"{table}_v2")


def _collapses(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("joined"):
        c, t, kind = _c(column), _q(table), room.targets.types[table][column]
        change = f"'X-' || {c}" if kind == "VARCHAR" else f"{c} + 1000000" if kind.startswith(NUMERIC) else ""
        rows = _one(room.engine, f"SELECT count({c}) FROM {t}")
        if change and rows >= 5:
            yield Event(
                "result_collapsed",
                f"{table}.{column} meets nothing",
                (f"UPDATE {t} SET {c} = {change}",),
                table,
                column,
                room.targets.slugs(table, column, "joined"),
                frozenset(room.targets.readers[table]),
            )


Planter = Callable[[Room], Iterator[Event]]
PLANTERS: tuple[Planter, ...] = (_literals, _keys, _units, _nulls, _partitions, _deprecations, _collapses)


def benign(world: World, targets: Targets, engine: Engine, rng: random.Random) -> Iterator[Event]:
    """Changes of which every pair's answer is as true as it was."""
    yield Event("benign", "reload", tuple(_reload(table) for table in targets.types))
    yield Event(
        "benign", "append 10 %", tuple(s for t in targets.types for s in _grow(world, targets, engine, t, 0.1, rng))
    )
    yield Event("benign", "double", tuple(s for t in targets.types for s in _grow(world, targets, engine, t, 1.0, rng)))
    yield Event(
        "benign", "five times", tuple(s for t in targets.types for s in _grow(world, targets, engine, t, 4.0, rng))
    )
    yield Event("benign", "cleanup", tuple(_cleanup(table, rng) for table in targets.types))
    yield Event("benign", "vary", tuple(s for t in targets.types for s in _vary(world, targets, t)))
    yield Event(
        "benign",
        "clean up and append",
        (
            *(_cleanup(table, rng) for table in targets.types),
            *(s for t in targets.types for s in _grow(world, targets, engine, t, 0.2, rng)),
        ),
    )


def _reload(table: str) -> str:
    return f"CREATE OR REPLACE TABLE {_q(table)} AS SELECT * FROM {_q(table)} ORDER BY hash(rowid)"


def _cleanup(table: str, rng: random.Random) -> str:
    return f"DELETE FROM {_q(table)} WHERE hash(rowid, {rng.randint(0, 9999)}) % 100 < 3"


def _grow(
    world: World, targets: Targets, engine: Engine, table: str, share: float, rng: random.Random
) -> Iterator[str]:
    """New rows like the old: keys go on, times go on, amounts vary by some percent, all else is as it is there. Of a
    table whose rows two columns tell apart, the second goes on; where it is a text, both are drawn, and none is twice.
    """
    t, types = _q(table), targets.types[table]
    rows = _one(engine, f"SELECT count(*) FROM {t}")
    key, wanted = _key_of(world, engine, table, types), int(rows * share)
    if not wanted:
        return
    going_on = [name for name in key if types[name].startswith(NUMERIC)][-1:]
    if len(key) > 1 and not going_on:
        listed = ", ".join(_c(name) for name in key)
        drawn, names = ", ".join(_drawn(t, name, rng) for name in types), ", ".join(_c(name) for name in types)
        yield (
            f"INSERT INTO {t} SELECT DISTINCT ON ({listed}) * FROM (SELECT {drawn} FROM range({wanted}) AS n(i)) "
            f"AS s({names}) WHERE ({listed}) NOT IN (SELECT ({listed}) FROM {t} WHERE ({listed}) IS NOT NULL)"
        )
        return
    alone = key if len(key) == 1 else ()
    parts = [_next(t, n) if n in going_on and not alone else _new(t, n, kind, n in alone) for n, kind in types.items()]
    yield (
        f"INSERT INTO {t} SELECT {', '.join(parts)} FROM (SELECT *, row_number() OVER () AS i_, n.c AS c_ FROM {t}, "
        f"range({-(-wanted // rows)}) AS n(c)) AS s WHERE i_ <= {wanted}"
    )


def _key_of(world: World, engine: Engine, table: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """What the source declares, else the first column that tells the rows apart, else the first two that do."""
    declared = tuple(name for name in types if name in world.keys.get(table, ()))
    if declared:
        return declared
    plain = [name for name, kind in types.items() if not kind.startswith(("DOUBLE", "FLOAT", "DECIMAL", "TIMESTAMP"))]
    alone = [name for name in plain if _is_unique(engine, _q(table), name)]
    if alone:
        return (alone[0],)
    both = ((a, b) for at, a in enumerate(plain) for b in plain[at + 1 :])
    return next((two for two in both if _is_unique(engine, _q(table), *two)), tuple(plain))


def _is_unique(engine: Engine, table: str, *columns: str) -> bool:
    listed = ", ".join(_c(column) for column in columns)
    rows, different = engine.execute(f"SELECT count(*), count(DISTINCT ({listed})) FROM {table}").fetchall()[0]
    return bool(rows > 1 and rows == different)


def _next(table: str, column: str) -> str:
    c = _c(column)
    return f"{c} + (1 + c_) * (SELECT max({c}) - min({c}) + 1 FROM {table})"


def _drawn(table: str, column: str, rng: random.Random) -> str:
    listed = f"(SELECT list({_c(column)}) FROM {table})"
    return f"{listed}[1 + (hash(i, {rng.randint(0, 9999)}) % (SELECT count({_c(column)}) FROM {table}))::BIGINT]"


def _new(table: str, column: str, kind: str, is_key: bool) -> str:  # noqa: FBT001
    c = _c(column)
    if is_key and kind == "VARCHAR":
        return f"{c} || '_' || i_"
    if is_key and kind.startswith(NUMERIC):
        return f"(SELECT max({c}) FROM {table}) + i_"
    if kind.startswith("DATE"):
        return f"{c} + ((SELECT max({c}) FROM {table}) - (SELECT min({c}) FROM {table}))::INTEGER"
    if kind.startswith("TIMESTAMP"):
        return f"{c} + ((SELECT max({c}) FROM {table}) - (SELECT min({c}) FROM {table}))"
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return f"({c} * (0.95 + 0.1 * random()))::{kind}"
    return c


def _vary(world: World, targets: Targets, table: str) -> Iterator[str]:
    """A season: all amounts up by a third, with noise."""
    for name, kind in targets.types[table].items():
        if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")) and not _is_a_name(world, targets, table, name):
            c = _c(name)
            yield f"UPDATE {_q(table)} SET {c} = ({c} * (1.2 + 0.2 * random()))::{kind}"


def _q(table: str) -> str:
    schema, _, name = table.partition(".")
    return f'"{schema}"."{name}"'


def _c(column: str) -> str:
    return f'"{column}"'


def _l(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _one(engine: Engine, sql: str) -> int:
    return int(engine.execute(sql).fetchall()[0][0])
