"""Which datasets a query joins, and on which of their columns: also through subqueries, and by IN and EXISTS."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.joins import Meeting, meeting, one_row
from vedder_core.sql.resolved import BaseColumn, Resolved, projection

Key = frozenset[BaseColumn]
"""Two columns that are set equal; one where a dataset is joined with itself on the same column."""

Placed = tuple[exp.Column, Scope]
"""A column and where it stands."""


@dataclass(frozen=True, slots=True)
class Joined:
    """Two sources that meet. `keys` are the columns set equal; empty where nothing is, or only what is computed.

    `left` and `right` are names of datasets, and of a subquery its alias.
    """

    left: str
    right: str
    keys: frozenset[Key]


def joined(query: Resolved) -> tuple[Joined, ...]:
    """Every two sources that meet in some SELECT, as few as connect all of them: those with a key come first."""
    found = [one for scope, select in query.selects() for one in _in_select(query, scope, select)]
    return tuple(dict.fromkeys((*found, *_looked_up(query))))


def _in_select(query: Resolved, scope: Scope, select: exp.Select) -> Iterator[Joined]:
    met = meeting(scope, select)
    together = {name: {name} for name in met.sources}
    for left, right in _pairs(met):
        keys = frozenset(_keys(query, met, left, right))
        if keys:
            yield Joined(_named(query, scope, left), _named(query, scope, right), keys)
            _unite(together, left, right)
    for left, right in _pairs(met):
        alone = any(_is_one_row(scope, name) for name in (left, right))
        if together[left] is not together[right] and not alone:
            yield Joined(_named(query, scope, left), _named(query, scope, right), frozenset())
            _unite(together, left, right)


def _pairs(met: Meeting) -> list[tuple[str, str]]:
    return [(left, right) for at, left in enumerate(met.sources) for right in met.sources[at + 1 :]]


def _unite(together: dict[str, set[str]], left: str, right: str) -> None:
    both = together[left] | together[right]
    for name in both:
        together[name] = both


def _keys(query: Resolved, met: Meeting, left: str, right: str) -> Iterator[Key]:
    for pair in met.equal:
        if {side.source for side in pair} == {left, right}:
            columns = [side.expression for side in pair]
            bases = [query.base(one, met.scope) for one in columns if isinstance(one, exp.Column)]
            if len(bases) == len(pair) and all(base is not None for base in bases):
                yield frozenset(base for base in bases if base is not None)


def _is_one_row(scope: Scope, name: str) -> bool:
    source = scope.selected_sources[name][1]
    return isinstance(source, Scope) and isinstance(source.expression, exp.Select) and one_row(source.expression)


def _named(query: Resolved, scope: Scope, name: str) -> str:
    table = query.table_of(scope.selected_sources[name][1])
    return table.name if table is not None else name


def _looked_up(query: Resolved) -> Iterator[Joined]:
    """`a.x IN (SELECT y FROM b)`, EXISTS and semi-joins: what a row of one dataset is looked up in another by."""
    for scope, _ in query.selects():
        for column, other in _equal_columns(scope):
            left, right = (query.base(*side) for side in (column, other))
            if left is not None and right is not None:
                yield Joined(left.dataset, right.dataset, frozenset([frozenset([left, right])]))


def _equal_columns(scope: Scope) -> Iterator[tuple[Placed, Placed]]:
    own = set(scope.selected_sources)
    for node in scope.find_all(exp.EQ):
        sides = [side.unnest() for side in (node.this, node.expression)]
        columns = [side for side in sides if isinstance(side, exp.Column)]
        if len(columns) == 2 and len({column.table for column in columns} & own) == 1:
            yield (columns[0], scope), (columns[1], scope)
    by_query = {id(child.expression): child for child in scope.subquery_scopes}
    for membership in scope.find_all(exp.In):
        inner, column = membership.args.get("query"), membership.this
        child = by_query.get(id(inner.unnest())) if inner is not None else None
        if child is None or not isinstance(column, exp.Column) or not isinstance(child.expression, exp.Select):
            continue
        first = projection(child, child.expression.selects[0].alias_or_name)
        if isinstance(first, exp.Column):
            yield (column, scope), (first, child)
