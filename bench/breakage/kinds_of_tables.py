"""Changes of whole tables: renames, drops, splits, and columns that go from one table to another."""

from bench.breakage.changes import Change, Subject
from bench.breakage.names import renamed
from bench.breakage.worlds import quoted


def rename_table(subject: Subject) -> Change | None:
    table = subject.table()
    if table is None:
        return None
    schema, _, name = table.rpartition(".")
    taken = [other.rpartition(".")[2] for other in (*subject.world.tables, *subject.world.views)]
    now = renamed(name, subject.rng, owner=name, taken=taken)
    statement = f'ALTER TABLE {quoted(table)} RENAME TO "{now}"'
    moved = f"{schema}.{now}"
    return Change("rename table", (statement,), frozenset({table}), tables={table: moved})


def drop_table(subject: Subject) -> Change | None:
    table = subject.table()
    if table is None:
        return None
    return Change(
        "drop table", (f"DROP TABLE {quoted(table)} CASCADE",), frozenset({table}) | subject.views_above(table)
    )


def split_table(subject: Subject) -> Change | None:
    """Some columns leave for a new table, with a copy of a key."""
    table = subject.table()
    key = _key_of(subject, table) if table else None
    if table is None or key is None:
        return None
    others = [column for column in subject.world.columns_of(table) if column != key]
    if len(others) < 2:
        return None
    named = [column for column in others if column.casefold() in subject.named] or others
    gone = subject.rng.sample(named, k=min(len(named), len(others) - 1, subject.rng.randint(1, 2)))
    new = f"{table}_more"
    listed = ", ".join(f'"{column}"' for column in (key, *gone))
    statements = (
        f"CREATE TABLE {quoted(new)} AS SELECT {listed} FROM {quoted(table)}",
        *(f'ALTER TABLE {quoted(table)} DROP COLUMN "{column}" CASCADE' for column in gone),
    )
    columns = {f"{table}.{column}": f"{new}.{column}" for column in gone}
    touched = frozenset({table}) | subject.views_above(table)
    return Change("split table", statements, touched, columns, copies={f"{table}.{key}": f"{new}.{key}"})


def _key_of(subject: Subject, table: str) -> str | None:
    """A column whose values are all there and all different."""
    rows = subject.world.tables[table].rows
    if rows is None or rows.num_rows < 2:
        return None
    for name in rows.column_names:
        values = rows.column(name).to_pylist()
        if None not in values and len(set(values)) == len(values):
            return str(name)
    return None


def move_column(subject: Subject) -> Change | None:
    """A column goes to another table that has the first one's key under the same name."""
    places = [
        (table, other, key)
        for table in sorted(subject.world.tables)
        if (key := _key_of(subject, table)) is not None
        for other in sorted(subject.world.tables)
        if other != table and key in subject.world.tables[other].types
        if subject.world.tables[other].types[key] == subject.world.tables[table].types[key]
    ]
    if not places:
        return None
    table, other, key = subject.rng.choice(places)
    free = {column.casefold() for column in subject.world.tables[other].types}
    movable = [column for column in subject.world.tables[table].types if column.casefold() not in free]
    if not movable or len(subject.world.tables[table].types) < 3:
        return None
    column = subject.rng.choice([one for one in movable if one.casefold() in subject.named] or movable)
    kind = subject.world.tables[table].types[column]
    copied = f'SELECT max(t."{column}") FROM {quoted(table)} AS t WHERE t."{key}" = o."{key}"'
    statements = (
        f'ALTER TABLE {quoted(other)} ADD COLUMN "{column}" {kind}',
        f'UPDATE {quoted(other)} AS o SET "{column}" = ({copied})',
        f'ALTER TABLE {quoted(table)} DROP COLUMN "{column}" CASCADE',
    )
    touched = frozenset({table, other}) | subject.views_above(table)
    return Change("move column", statements, touched, {f"{table}.{column}": f"{other}.{column}"})
