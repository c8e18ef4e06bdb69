"""Drift and benign changes of dated tables for `bench.drift`: lost periods of what cuts a table, which concern all who
read it, and windows of time that move on.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bench.drift_events import Event, Room, named, quoted

FEWEST_ROWS = 20
FEWEST_PERIODS = 4
DATED = re.compile(r"'\d{4}-\d\d")


@dataclass(frozen=True)
class Dated:
    """A table, its column of times as the engine reads it, and the rows of each month or year of it, in order."""

    table: str
    column: str
    kind: str
    rows: dict[str, int]

    @property
    def period(self) -> str:
        column = named(self.column)
        if self.kind.startswith(("DATE", "TIMESTAMP")):
            return f"strftime({column}, '%Y-%m')"
        return f"substr({column}, 1, 7)" if self.kind == "VARCHAR" else f"{column}::VARCHAR"


def lost_parts(room: Room) -> Iterator[Event]:
    """A hole, two holes with growth beside them, and lost newest periods, in every dated table."""
    for dated in _dated(room):
        full = [period for period, rows in list(dated.rows.items())[1:-1] if rows >= FEWEST_ROWS]
        if not full:
            continue
        yield _lost(room, dated, "lacks", [room.rng.choice(full)])
        yield _lost(room, dated, "grew, and lacks", room.rng.sample(full, k=min(2, len(full))), grown=True)
        yield _lost(room, dated, "ends before", list(dated.rows)[-2:])


def moving_windows(room: Room) -> Iterator[Event]:
    """Retention with and before a load, a newest period that is late or came in part, late rows of old ones."""
    for dated in _dated(room):
        oldest, t = next(iter(dated.rows)), quoted(dated.table)
        gone = f"DELETE FROM {t} WHERE {dated.period} = '{oldest}'"
        reads = frozenset(
            p.slug for p in room.world.cluster.pairs if DATED.search(p.sql) and _reads(room, dated, p.slug)
        )
        name = f"{dated.table}: "
        span = max(1, len(dated.rows))
        yield Event("benign", f"{name}the window moves on", (gone, _new(room, dated, span, 1)), reads=reads)
        yield Event("benign", f"{name}the oldest period goes before the load", (gone,), reads=reads)
        yield Event("benign", f"{name}the newest period came in part", (_new(room, dated, span, 30),), reads=reads)
        yield Event("benign", f"{name}the newest period is late", (_new(room, dated, span + 1, 1),), reads=reads)
        late = f"INSERT INTO {t} SELECT {_copied(room, dated, named(dated.column))} FROM {t} WHERE hash(rowid) % 10 = 0"
        yield Event("benign", f"{name}rows come late", (late,), reads=reads)


def _dated(room: Room) -> Iterator[Dated]:
    """Tables that something cuts, and columns of times by which pairs choose."""
    places = {*room.world.cut.items(), *room.targets.of("chosen")}
    for table, column in sorted(places):
        kind = room.targets.types[table][column]
        bare = Dated(table, column, kind, {})
        is_year = "year" in column.casefold() and kind in ("INTEGER", "BIGINT")
        if not is_year and not kind.startswith(("DATE", "TIMESTAMP", "VARCHAR")):
            continue
        counted = f"SELECT {bare.period}, count(*) FROM {quoted(table)} GROUP BY 1 ORDER BY 1"
        rows = room.engine.execute(counted).fetchall()
        told = re.compile(r"[12]\d{3}" if is_year else r"[12]\d{3}-\d\d")
        if len(rows) >= FEWEST_PERIODS and all(told.fullmatch(str(period)) for period, _ in rows):
            yield Dated(table, column, kind, {str(period): many for period, many in rows})


def _lost(room: Room, dated: Dated, what: str, gone: list[str], *, grown: bool = False) -> Event:
    listed = ", ".join(f"'{period}'" for period in gone)
    lost = f"DELETE FROM {quoted(dated.table)} WHERE {dated.period} IN ({listed})"
    chosen = room.targets.slugs(dated.table, dated.column, "chosen")
    readers = frozenset(room.targets.readers.get(dated.table, ()))
    return Event(
        "moved_partition",
        f"{dated.table} {what} {', '.join(gone)}",
        (_new(room, dated, len(dated.rows), 1), lost) if grown else (lost,),
        dated.table,
        dated.column,
        readers if room.world.cut.get(dated.table) == dated.column else chosen,
        readers,
    )


def _new(room: Room, dated: Dated, ahead: int, part: int) -> str:
    """The rows of the period before the last come again, so many periods later; one of `part` of them."""
    t, c = quoted(dated.table), named(dated.column)
    before = list(dated.rows)[-2]
    if dated.kind.startswith(("DATE", "TIMESTAMP")):
        moved = f"({c} + INTERVAL {ahead - len(dated.rows) + 2} MONTH)::{dated.kind}"
    elif dated.kind == "VARCHAR":
        day = f"substr({c}, 1, 10)::DATE + INTERVAL {ahead - len(dated.rows) + 2} MONTH"
        moved = f"strftime({day}, '%Y-%m-%d') || substr({c}, 11)"
    else:
        moved = f"{c} + {ahead - len(dated.rows) + 2}"
    return (
        f"INSERT INTO {t} SELECT {_copied(room, dated, moved)} FROM {t} "
        f"WHERE {dated.period} = '{before}' AND hash(rowid, 3) % {part} = 0"
    )


def _copied(room: Room, dated: Dated, moved: str) -> str:
    """All columns, with a time that moved and keys that go on."""
    listed = []
    for name, kind in room.targets.types[dated.table].items():
        key, c = name in room.world.keys.get(dated.table, ()), named(name)
        if name == dated.column:
            listed.append(moved)
        elif key and kind in ("INTEGER", "BIGINT"):
            listed.append(f"{c} + (SELECT max({c}) - min({c}) + 1 FROM {quoted(dated.table)})")
        else:
            listed.append(c)
    return ", ".join(listed)


def _reads(room: Room, dated: Dated, slug: str) -> bool:
    return slug in room.targets.readers.get(dated.table, ())
