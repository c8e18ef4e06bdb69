"""Changes of which every pair's answer is as true as it was: reloads, growth, small clean-ups, a season."""

import random
from collections.abc import Iterator, Mapping

from bench.drift_events import NUMERIC, Event, Room, named, one_number, quoted
from bench.drift_targets import Engine


def benign(room: Room) -> Iterator[Event]:
    """A reload, growth by a little and by much, a clean-up, a season, growth after a clean-up: each of all tables."""
    tables = room.targets.types
    yield Event("benign", "reload", tuple(_reload(table) for table in tables))
    for name, share in (("append 10 %", 0.1), ("double", 1.0), ("five times", 4.0)):
        yield Event("benign", name, tuple(one for table in tables for one in _grow(room, table, share)))
    yield Event("benign", "cleanup", tuple(_cleanup(table, room.rng) for table in tables))
    yield Event("benign", "vary", tuple(one for table in tables for one in _vary(room, table)))
    cleaned = [_cleanup(table, room.rng) for table in tables]
    grown = [one for table in tables for one in _grow(room, table, 0.2)]
    yield Event("benign", "clean up and append", (*cleaned, *grown))


def _reload(table: str) -> str:
    return f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT * FROM {quoted(table)} ORDER BY hash(rowid)"


def _cleanup(table: str, rng: random.Random) -> str:
    return f"DELETE FROM {quoted(table)} WHERE hash(rowid, {rng.randint(0, 9999)}) % 100 < 3"


def _grow(room: Room, table: str, share: float) -> Iterator[str]:
    """New rows like the old: keys go on, times go on, amounts vary by some percent, all else is as it is there. Of a
    table whose rows two columns tell apart, the second goes on; where it is a text, both are drawn, and none is twice.
    """
    t, types = quoted(table), room.targets.types[table]
    rows = one_number(room.engine, f"SELECT count(*) FROM {t}")
    key, wanted = _key_of(room, table, types), int(rows * share)
    if not wanted:
        return
    going_on = [name for name in key if types[name].startswith(NUMERIC)][-1:]
    if len(key) > 1 and not going_on:
        listed = ", ".join(named(name) for name in key)
        drawn, names = ", ".join(_drawn(t, name, room.rng) for name in types), ", ".join(named(name) for name in types)
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


def _key_of(room: Room, table: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """What the source declares, else the first column that tells the rows apart, else the first two that do."""
    declared = tuple(name for name in types if name in room.world.keys.get(table, ()))
    if declared:
        return declared
    plain = [name for name, kind in types.items() if not kind.startswith(("DOUBLE", "FLOAT", "DECIMAL", "TIMESTAMP"))]
    alone = [name for name in plain if _is_unique(room.engine, quoted(table), name)]
    if alone:
        return (alone[0],)
    both = ((a, b) for at, a in enumerate(plain) for b in plain[at + 1 :])
    return next((two for two in both if _is_unique(room.engine, quoted(table), *two)), tuple(plain))


def _is_unique(engine: Engine, table: str, *columns: str) -> bool:
    listed = ", ".join(named(column) for column in columns)
    rows, different = engine.execute(f"SELECT count(*), count(DISTINCT ({listed})) FROM {table}").fetchall()[0]
    return bool(rows > 1 and rows == different)


def _next(table: str, column: str) -> str:
    c = named(column)
    return f"{c} + (1 + c_) * (SELECT max({c}) - min({c}) + 1 FROM {table})"


def _drawn(table: str, column: str, rng: random.Random) -> str:
    listed = f"(SELECT list({named(column)}) FROM {table})"
    return f"{listed}[1 + (hash(i, {rng.randint(0, 9999)}) % (SELECT count({named(column)}) FROM {table}))::BIGINT]"


def _new(table: str, column: str, kind: str, is_key: bool) -> str:  # noqa: FBT001
    c = named(column)
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


def _vary(room: Room, table: str) -> Iterator[str]:
    """A season: all amounts up by a third, with noise."""
    for name, kind in room.targets.types[table].items():
        if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")) and not room.is_a_name(table, name):
            c = named(name)
            yield f"UPDATE {quoted(table)} SET {c} = ({c} * (1.2 + 0.2 * random()))::{kind}"
