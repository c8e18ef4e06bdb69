"""Drift of every kind, planted where pairs rely on what is changed."""

from collections.abc import Callable, Iterator, Sequence

from bench.drift_events import NUMERIC, Event, Room, literal, named, one_number, quoted

FEWEST_ROWS = 12


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
        held = one_number(room.engine, f"SELECT count(*) FROM {quoted(table)} WHERE {named(column)} = {literal(value)}")
        spelled = room.rng.choice(
            [value.swapcase(), f"K{value}", value[:3].upper() + "_01", value.replace(" ", "_") + "."]
        )
        if not held or spelled == value or "VARCHAR" not in room.targets.types[table][column]:
            continue
        t, c = quoted(table), named(column)
        yield Event(
            "vanished_literal",
            f"{table}.{column}: {value} is {spelled}",
            (f"UPDATE {t} SET {c} = {literal(spelled)} WHERE {c} = {literal(value)}",),
            table,
            column,
            room.targets.slugs(table, column, "literal", value=value),
            room.targets.slugs(table, column),
        )


def _keys(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("joined"):
        c, t = named(column), quoted(table)
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
        c, t = named(column), quoted(table)
        if not room.targets.types[table][column].startswith(NUMERIC) or room.is_a_name(table, column):
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


def _nulls(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("read"):
        c, t = named(column), quoted(table)
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
        c, t = named(column), quoted(table)
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
        comment = f"COMMENT ON TABLE {quoted(table)} IS 'DEPRECATED: use {table}_v2'"
        yield Event("deprecated_dataset", f"{table} by comment", (comment,), table, "", readers, readers)
        yield Event("deprecated_dataset", f"{table} by its cluster", (), table, "", readers, readers, f"{table}_v2")


def _collapses(room: Room) -> Iterator[Event]:
    for table, column in room.targets.of("joined"):
        c, t, kind = named(column), quoted(table), room.targets.types[table][column]
        change = f"'X-' || {c}" if kind == "VARCHAR" else f"{c} + 1000000" if kind.startswith(NUMERIC) else ""
        rows = one_number(room.engine, f"SELECT count({c}) FROM {t}")
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
