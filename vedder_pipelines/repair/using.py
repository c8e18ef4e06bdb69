"""Joins by USING and NATURAL whose columns were renamed.

A column that both sides renamed alike stays in USING; one that one side renamed is joined by ON instead. A NATURAL join
of what was renamed is no one's guess.
"""

from collections.abc import Iterator, Mapping

from sqlglot import exp, tokenize
from sqlglot.optimizer.scope import Scope
from sqlglot.tokenizer_core import TokenType

from vedder_core.sql.resolved import BaseColumn
from vedder_pipelines.repair.names import written
from vedder_pipelines.repair.reading import Edit, Reading, Unclear, place

Changed = Mapping[str, Mapping[str, str]]
"""By alias: the new names of a table's columns, by their keys."""


def using_edits(reading: Reading) -> Iterator[Edit]:
    """Raises Unclear."""
    for scope, _ in reading.resolved.selects():
        changed = {alias: _renames(reading, source) for alias, (_, source) in scope.selected_sources.items()}
        raw = reading.select_of(scope)
        for join in (raw.args.get("joins") or ()) if raw is not None else ():
            if join.method == "NATURAL" and any(changed.values()):
                raise Unclear("A NATURAL join reads a table whose columns were renamed.")
            names = join.args.get("using") or ()
            for name in names:
                yield from _edits(reading, join, name, scope, changed, alone=len(names) == 1)


def _edits(
    reading: Reading, join: exp.Join, name: exp.Expr, scope: Scope, changed: Changed, *, alone: bool
) -> Iterator[Edit]:
    identifier = name.this if isinstance(name, exp.Column) else name
    at, key = place(identifier), reading.key(identifier.name)
    holders = [alias for alias in changed if key in reading.names_before(scope.selected_sources[alias][1])]
    now = {changed[alias].get(key, identifier.name) for alias in holders}
    if now <= {identifier.name}:
        return
    select = join.parent
    if at is None or not isinstance(select, exp.Select) or any(one.is_star for one in select.selects):
        raise Unclear("USING stands beside a star.")
    if len(now) == 1:
        (found,) = now
        yield Edit(*at, reading.spelt(found, at))
        yield from _unqualified(reading, join, key, found)
        return
    if not alone or len(holders) != 2 or join.side in ("RIGHT", "FULL"):
        raise Unclear("USING names a column that only one side renamed.")
    sides = [f"{_side(reading, scope, alias)}.{_new(reading, changed, alias, identifier.name)}" for alias in holders]
    reading.rejoined = True
    yield Edit(*_around(reading, at), f"ON {sides[0]} = {sides[1]}")
    yield from _unqualified(reading, join, key, sides[0])


def _side(reading: Reading, scope: Scope, alias: str) -> str:
    return reading.alias_now(alias, scope.selected_sources[alias][1])


def _new(reading: Reading, changed: Changed, alias: str, name: str) -> str:
    return written(changed[alias].get(reading.key(name), name), dialect=reading.dialect)


def _around(reading: Reading, at: tuple[int, int]) -> tuple[int, int]:
    """From the word USING up to behind its closing bracket."""
    tokens = tokenize(reading.sql, read=reading.dialect)
    index = next(number for number, token in enumerate(tokens) if token.start == at[0])
    if index < 2 or tokens[index - 2].token_type != TokenType.USING or index + 1 == len(tokens):
        raise Unclear("USING stands in an unusual form.")
    return tokens[index - 2].start, tokens[index + 1].end + 1


def _unqualified(reading: Reading, join: exp.Join, key: str, now: str) -> Iterator[Edit]:
    """The joined column where it stands without a table: it is the left side's."""
    for column in reading.raw.find_all(exp.Column):
        if column.args.get("table") is not None or reading.key(column.name) != key:
            continue
        at = place(column.this)
        if column.find_ancestor(exp.Select) is not join.parent or column.find_ancestor(exp.Join) is join or at is None:
            continue
        own = column.parent is join.parent and column.arg_key == "expressions"
        yield Edit(*at, now + (f" AS {reading.sql[at[0] : at[1]]}" if own else ""))


def _renames(reading: Reading, source: object) -> dict[str, str]:
    table = reading.resolved.table_of(source)
    found: dict[str, str] = {}
    if table is None:
        return found
    for column in table.columns:
        renamed = reading.became.columns.get(BaseColumn(table.name, column.name))
        if renamed is not None:
            found[reading.key(column.name)] = renamed.now
    return found
