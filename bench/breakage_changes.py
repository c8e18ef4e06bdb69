"""What is done to a world's schema: each kind of change is one function that gives plain SQL for every engine.

A change says what truly became of what (`columns`, `tables`) and which tables it changed; that is what proposals are
judged by. Whether a pair survives it is the engine's to say.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import tokenize

from bench.breakage_names import renamed
from bench.breakage_worlds import View, World, quoted, seed_of

SHARE_DIRECT = 0.75
"""Of the changed tables: those that pairs read themselves, and not through a view."""


@dataclass(frozen=True)
class Change:
    """`columns` and `tables` map old dotted names to new ones; `touched` are the tables whose listing is another."""

    kind: str
    statements: tuple[str, ...]
    touched: frozenset[str]
    columns: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    rival: str = ""
    """A new column that holds the same as a renamed one: nothing in the data can tell the two apart."""

    def column_now(self, dotted: str) -> str:
        """What a column is called after the change."""
        if dotted in self.columns:
            return self.columns[dotted]
        table, _, column = dotted.rpartition(".")
        return f"{self.tables.get(table, table)}.{column}"


@dataclass(frozen=True)
class Subject:
    """A world and the dice. Columns that pairs name are drawn more often."""

    world: World
    dialect: str
    rng: random.Random
    named: frozenset[str]

    def table(self, *, stored: bool = True) -> str | None:
        """A table that pairs read, or one below a view that they read; with rows where there is one."""
        names = [name for name in self.world.tables if self._is_read(name)] if stored else list(self.world.listed())
        direct = [name for name in names if name in self.world.listed()]
        pool = direct if direct and self.rng.random() < SHARE_DIRECT else names
        return self.rng.choice(sorted(pool)) if pool else None

    def _is_read(self, name: str) -> bool:
        above = {name} | {view for view in self.world.views if name in self.world.below(view)}
        return bool({one.rpartition(".")[2].casefold() for one in above} & self.named)

    def column(self, table: str, *, kind: str = "") -> str | None:
        types = self.world.columns_of(table)
        fitting = [column for column, own in types.items() if own.startswith(kind)]
        named = [column for column in fitting if column.casefold() in self.named]
        pool = named if named and self.rng.random() < 0.85 else fitting
        return self.rng.choice(pool) if pool else None

    def new_column(self, table: str, column: str) -> str:
        owner = table.rpartition(".")[2]
        return renamed(column, self.rng, owner=owner, taken=self.world.columns_of(table))


def subject_of(world: World, dialect: str, *, seed: int) -> Subject:
    words: set[str] = set()
    for pair in world.pairs.values():
        words |= {token.text.casefold() for token in tokenize(pair.raw, read=dialect)}
    return Subject(world, dialect, random.Random(seed_of(world.name, dialect, seed)), frozenset(words))


def changes_of(world: World, dialect: str, *, seed: int, kinds: Mapping[str, int] | None = None) -> Iterator[Change]:
    """So many changes of each kind as `kinds` says; one that the world cannot undergo is left out."""
    subject = subject_of(world, dialect, seed=seed)
    for kind, times in (kinds or TIMES).items():
        seen = set()
        for _ in range(times):
            change = KINDS[kind](subject)
            if change is not None and change.statements not in seen:
                seen.add(change.statements)
                yield change


def _rename_statement(table: str, column: str, now: str) -> str:
    return f'ALTER TABLE {quoted(table)} RENAME COLUMN "{column}" TO "{now}"'


def rename_column(subject: Subject) -> Change | None:
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None:
        return None
    return _renamed(subject, "rename column", table, column, subject.new_column(table, column))


def _renamed(subject: Subject, kind: str, table: str, column: str, now: str) -> Change:  # noqa: ARG001
    statement = _rename_statement(table, column, now)
    return Change(kind, (statement,), frozenset({table}), {f"{table}.{column}": f"{table}.{now}"})


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


def drop_column(subject: Subject) -> Change | None:
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None or len(subject.world.columns_of(table)) == 1:
        return None
    statement = f'ALTER TABLE {quoted(table)} DROP COLUMN "{column}" CASCADE'
    return Change("drop column", (statement,), frozenset({table}) | _above(subject, table))


def _above(subject: Subject, table: str) -> frozenset[str]:
    """In PostgreSQL the views above go with what they read."""
    if subject.dialect != "postgres":
        return frozenset()
    return frozenset(view for view in subject.world.views if table in subject.world.below(view))


def drop_table(subject: Subject) -> Change | None:
    table = subject.table()
    if table is None:
        return None
    return Change("drop table", (f"DROP TABLE {quoted(table)} CASCADE",), frozenset({table}) | _above(subject, table))


RETYPES = {"BIGINT": ("VARCHAR", "DOUBLE PRECISION", "DECIMAL(30, 2)"), "DOUBLE PRECISION": ("VARCHAR", "REAL")}


def retype(subject: Subject) -> Change | None:
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None:
        return None
    was = subject.world.columns_of(table)[column]
    now = subject.rng.choice(RETYPES.get(was, ("VARCHAR",))) if was != "VARCHAR" else "VARCHAR(4000)"
    if was == "VARCHAR" and subject.dialect == "duckdb":
        now = "BLOB"
    statement = f'ALTER TABLE {quoted(table)} ALTER COLUMN "{column}" TYPE {now} USING CAST("{column}" AS {now})'
    return Change("retype", (statement,), frozenset({table}))


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
    return Change("split table", statements, frozenset({table}) | _above(subject, table), columns)


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
    touched = frozenset({table, other}) | _above(subject, table)
    return Change("move column", statements, touched, {f"{table}.{column}": f"{other}.{column}"})


def swap_columns(subject: Subject) -> Change | None:
    """Two columns change their names: everything binds that bound, where the types are alike."""
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None:
        return None
    others = [name for name in subject.world.columns_of(table) if name != column]
    if not others:
        return None
    other = subject.rng.choice(others)
    statements = (
        _rename_statement(table, column, "swapped_for_a_moment"),
        _rename_statement(table, other, column),
        _rename_statement(table, "swapped_for_a_moment", other),
    )
    columns = {f"{table}.{column}": f"{table}.{other}", f"{table}.{other}": f"{table}.{column}"}
    return Change("swap columns", statements, frozenset({table}), columns)


def change_case(subject: Subject) -> Change | None:
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None or column.upper() == column:
        return None
    statements = (
        _rename_statement(table, column, "cased_for_a_moment"),
        _rename_statement(table, "cased_for_a_moment", column.upper()),
    )
    return Change("case only", statements, frozenset({table}), {f"{table}.{column}": f"{table}.{column.upper()}"})


def needs_quotes(subject: Subject) -> Change | None:
    """The new name cannot be written without quotes."""
    table = subject.table()
    column = subject.column(table) if table else None
    if table is None or column is None:
        return None
    now = subject.rng.choice((f"the {column}", f"{column}-no", "order", f"{column}.raw", f"1st_{column}"))
    if now in subject.world.columns_of(table):
        return None
    return _renamed(subject, "needs quotes", table, column, now)


def view_renames(subject: Subject) -> Change | None:
    return _redefine(subject, "view renames column", drop=False)


def view_drops(subject: Subject) -> Change | None:
    return _redefine(subject, "view drops column", drop=True)


def _redefine(subject: Subject, kind: str, *, drop: bool) -> Change | None:
    tops = [view for view in subject.world.views if view in subject.world.listed()]
    if not tops:
        return None
    top = subject.rng.choice(sorted(tops))
    column = subject.column(top)
    view = subject.world.views[top]
    if column is None or len(view.columns) < 2:
        return None
    now = subject.new_column(top, column)
    columns = {
        (now if name == column else name): inner
        for name, inner in view.columns.items()
        if not (drop and name == column)
    }
    statements = (f"DROP VIEW {quoted(top)}", _create_view(top, View(view.below, columns)))
    became = {} if drop else {f"{top}.{column}": f"{top}.{now}"}
    return Change(kind, statements, frozenset({top}), became)


def _create_view(name: str, view: View) -> str:
    return f"CREATE VIEW {quoted(name)} AS {view.sql()}"


def view_over_renamed_table(subject: Subject) -> Change | None:
    """A table below a view is renamed, and the view follows: what the pairs read is what it was."""
    return _base_renamed(subject, "view follows rename", follow=True)


def base_renamed_under_view(subject: Subject) -> Change | None:
    """A table below a view is renamed, and nobody tells the view. (PostgreSQL's views follow by themselves.)"""
    return _base_renamed(subject, "base renamed under view", follow=False)


def _base_renamed(subject: Subject, kind: str, *, follow: bool) -> Change | None:
    direct = [name for name, view in subject.world.views.items() if view.below in subject.world.tables]
    if not direct:
        return None
    view = subject.rng.choice(sorted(direct))
    base = subject.world.views[view].below
    now = f"{base}_2"
    statements: tuple[str, ...] = (f'ALTER TABLE {quoted(base)} RENAME TO "{now.rpartition(".")[2]}"',)
    if follow:
        again = _create_view(view, View(now, subject.world.views[view].columns))
        statements += (again.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1),)
    return Change(kind, statements, frozenset({base, view} if follow else {base}), tables={base: now})


def several(subject: Subject) -> Change | None:
    """A release: some renames, a dropped and a new column, all at once, in tables that may be the same."""
    parts = [rename_column(subject), rename_column(subject), drop_column(subject), add_column(subject)]
    found = [part for part in parts if part is not None]
    changed = [one for part in found for one in (part.columns or {"": ""})]
    if len(found) < 3 or len(set(changed) - {""}) < len([one for one in changed if one]):
        return None
    return Change(
        "several at once",
        tuple(statement for part in found for statement in part.statements),
        frozenset().union(*(part.touched for part in found)),
        {old: new for part in found for old, new in part.columns.items()},
    )


def rename_with_twin(subject: Subject) -> Change | None:
    """A column is renamed, and next to it stands a copy of it: nothing tells which of the two it is."""
    first = rename_column(subject)
    if first is None:
        return None
    (old, now), *_ = first.columns.items()
    table, _, column = now.rpartition(".")
    kind = subject.world.columns_of(table)[old.rpartition(".")[2]]
    twin = f"{column}_b" if subject.rng.random() < 0.5 else subject.new_column(table, column)
    if twin in (column, old.rpartition(".")[2]) or twin in subject.world.columns_of(table):
        return None
    statements = (
        *first.statements,
        f'ALTER TABLE {quoted(table)} ADD COLUMN "{twin}" {kind}',
        f'UPDATE {quoted(table)} SET "{twin}" = "{column}"',
    )
    return Change("rename beside a twin", statements, first.touched, first.columns, rival=f"{table}.{twin}")


def add_column(subject: Subject) -> Change | None:
    table = subject.table()
    if table is None:
        return None
    name = f"added_{subject.rng.randint(100, 999)}"
    return Change("add column", (f'ALTER TABLE {quoted(table)} ADD COLUMN "{name}" VARCHAR',), frozenset({table}))


Kind = Callable[[Subject], Change | None]
KINDS: Mapping[str, Kind] = {
    "rename column": rename_column,
    "rename table": rename_table,
    "drop column": drop_column,
    "drop table": drop_table,
    "retype": retype,
    "split table": split_table,
    "move column": move_column,
    "swap columns": swap_columns,
    "case only": change_case,
    "needs quotes": needs_quotes,
    "view renames column": view_renames,
    "view drops column": view_drops,
    "view follows rename": view_over_renamed_table,
    "base renamed under view": base_renamed_under_view,
    "several at once": several,
    "rename beside a twin": rename_with_twin,
    "add column": add_column,
}
TIMES: Mapping[str, int] = {**dict.fromkeys(KINDS, 1), "rename column": 4, "retype": 2, "split table": 2}
QUICK: Mapping[str, int] = dict.fromkeys(KINDS, 1)
