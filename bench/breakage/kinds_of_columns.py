"""Changes of a table's columns: renames of several habits, drops, new types, new columns, and several at once."""

from bench.breakage.changes import Change, Subject
from bench.breakage.worlds import quoted


def _rename_statement(table: str, column: str, now: str) -> str:
    return f'ALTER TABLE {quoted(table)} RENAME COLUMN "{column}" TO "{now}"'


def rename_column(subject: Subject) -> Change | None:
    drawn = subject.table_and_column()
    if drawn is None:
        return None
    table, column = drawn
    return _renamed("rename column", table, column, subject.new_column(table, column))


def _renamed(kind: str, table: str, column: str, now: str) -> Change:
    statement = _rename_statement(table, column, now)
    return Change(kind, (statement,), frozenset({table}), {f"{table}.{column}": f"{table}.{now}"})


def drop_column(subject: Subject) -> Change | None:
    drawn = subject.table_and_column()
    if drawn is None or len(subject.world.columns_of(drawn[0])) == 1:
        return None
    table, column = drawn
    statement = f'ALTER TABLE {quoted(table)} DROP COLUMN "{column}" CASCADE'
    return Change("drop column", (statement,), frozenset({table}) | subject.views_above(table))


RETYPES = {"BIGINT": ("VARCHAR", "DOUBLE PRECISION", "DECIMAL(30, 2)"), "DOUBLE PRECISION": ("VARCHAR", "REAL")}


def retype(subject: Subject) -> Change | None:
    drawn = subject.table_and_column()
    if drawn is None:
        return None
    table, column = drawn
    was = subject.world.columns_of(table)[column]
    now = subject.rng.choice(RETYPES.get(was, ("VARCHAR",))) if was != "VARCHAR" else "VARCHAR(4000)"
    if was == "VARCHAR" and subject.dialect == "duckdb":
        now = "BLOB"
    statement = f'ALTER TABLE {quoted(table)} ALTER COLUMN "{column}" TYPE {now} USING CAST("{column}" AS {now})'
    return Change("retype", (statement,), frozenset({table}))


def swap_columns(subject: Subject) -> Change | None:
    """Two columns change their names: everything binds that bound, where the types are alike."""
    drawn = subject.table_and_column()
    if drawn is None:
        return None
    table, column = drawn
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
    drawn = subject.table_and_column()
    if drawn is None or drawn[1].upper() == drawn[1]:
        return None
    table, column = drawn
    statements = (
        _rename_statement(table, column, "cased_for_a_moment"),
        _rename_statement(table, "cased_for_a_moment", column.upper()),
    )
    return Change("case only", statements, frozenset({table}), {f"{table}.{column}": f"{table}.{column.upper()}"})


def needs_quotes(subject: Subject) -> Change | None:
    """The new name cannot be written without quotes."""
    drawn = subject.table_and_column()
    if drawn is None:
        return None
    table, column = drawn
    now = subject.rng.choice((f"the {column}", f"{column}-no", "order", f"{column}.raw", f"1st_{column}"))
    if now in subject.world.columns_of(table):
        return None
    return _renamed("needs quotes", table, column, now)


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
    return Change("rename beside a twin", statements, first.touched, first.columns)


def add_column(subject: Subject) -> Change | None:
    table = subject.table()
    if table is None:
        return None
    name = f"added_{subject.rng.randint(100, 999)}"
    return Change("add column", (f'ALTER TABLE {quoted(table)} ADD COLUMN "{name}" VARCHAR',), frozenset({table}))
