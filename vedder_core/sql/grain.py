"""Joins that multiply rows: those after which a row of the result is no row of any one source any more.

A join keeps a grain where every other source is met by a key that is unique in it, from some source on. Where none is
such a source, sums and counts over the result may count rows many times. What is unique is known to the caller.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.sql.joins import Meeting, Side, aggregates, inner_side, meeting, one_row
from vedder_core.sql.resolved import Resolved

Unique = Callable[[str, frozenset[str]], bool | None]
"""Are the rows of a dataset told apart by these columns? None: not known."""

MULTIPLIED = (exp.Sum, exp.Avg, exp.Count, exp.CountIf, exp.Median, exp.Stddev, exp.StddevPop, exp.StddevSamp)


@dataclass(frozen=True, slots=True)
class FanOut:
    """Two sources of a join whose rows meet many times. `on` is what sets them equal; empty where nothing does."""

    left: str
    right: str
    on: str


def fan_outs(query: Resolved, unique: Unique) -> tuple[FanOut, ...]:
    """The joins that multiply rows and whose result is summed, averaged or counted afterwards, each once."""
    return _followed(query, unique)[0]


def repeats(query: Resolved, unique: Unique) -> tuple[FanOut, ...]:
    """As `fan_outs`, and also the joins whose rows come many times in the query's own result."""
    counted, returned = _followed(query, unique)
    return tuple(dict.fromkeys((*counted, *returned)))


def _followed(query: Resolved, unique: Unique) -> tuple[tuple[FanOut, ...], tuple[FanOut, ...]]:
    """The joins that multiply rows: those that are summed or counted somewhere, and those of the outermost result."""
    fanned: dict[int, tuple[FanOut, ...]] = {}
    found: dict[FanOut, None] = {}
    for scope in query.scopes:
        if not isinstance(scope.expression, exp.Select):
            parts = scope.set_operation_scopes
            distinct = bool(scope.expression.args.get("distinct"))
            fanned[id(scope)] = () if distinct else tuple(one for part in parts for one in fanned.get(id(part), ()))
            continue
        select = scope.expression
        below = (fanned.get(id(source), ()) for _, source in scope.selected_sources.values())
        all_ = (*_fan_out(query, meeting(scope, select), unique), *(one for some in below for one in some))
        if _multiplied(select):
            found.update(dict.fromkeys(all_))
        plain = select.args.get("group") is None and select.args.get("distinct") is None and not aggregates(select)
        fanned[id(scope)] = all_ if plain and not select.args.get("qualify") else ()
    return tuple(found), fanned[id(query.scopes[-1])] if query.scopes else ()


def _multiplied(select: exp.Select) -> bool:
    """Does it hold an aggregate that counts a row as often as it is there?"""
    places = [*select.selects, select.args.get("having"), select.args.get("order")]
    nodes = (node for place in places if place for node in place.walk(prune=lambda n: isinstance(n, exp.Query)))
    return any(isinstance(node, MULTIPLIED) and not isinstance(node.this, exp.Distinct) for node in nodes)


def _fan_out(query: Resolved, met: Meeting, unique: Unique) -> Iterator[FanOut]:
    """The first pair of sources that meet many times, where no source gives the join its grain."""
    if len(met.sources) < 2:
        return
    reached = {start: _reached(query, met, start, unique) for start in met.sources}
    if any(len(names) == len(met.sources) for names in reached.values()):
        return
    pairs = [(a, b) for at, a in enumerate(met.sources) for b in met.sources[at + 1 :]]
    apart = [(a, b) for a, b in pairs if b not in reached[a] and a not in reached[b]]
    for left, right in sorted(apart, key=lambda pair: not _between(met, *pair)):
        on = " and ".join(" = ".join(one.expression.sql() for one in pair) for pair in _between(met, left, right))
        yield FanOut(_named(query, met, left), _named(query, met, right), on)
        return


def _named(query: Resolved, met: Meeting, source: str) -> str:
    """A dataset by its name, a subquery by its alias."""
    table = query.table_of(met.scope.selected_sources[source][1])
    return table.name if table is not None else source


def _between(met: Meeting, left: str, right: str) -> list[tuple[Side, Side]]:
    return [pair for pair in met.equal if {one.source for one in pair} == {left, right}]


def _reached(query: Resolved, met: Meeting, start: str, unique: Unique) -> set[str]:
    """The sources of which at most one row meets each row of `start`, as far as is not known otherwise."""
    reached, grew = {start}, True
    while grew:
        grew = False
        for source in met.sources:
            if source not in reached and _is_one(query, met, source, reached, unique):
                reached.add(source)
                grew = True
    return reached


def _is_one(query: Resolved, met: Meeting, source: str, reached: set[str], unique: Unique) -> bool:
    """Can at most one row of a source meet the others? What is not known counts as yes."""
    if source in met.loose:
        return True
    sides = [side for side in met.held if side.source == source]
    for left, right in met.equal:
        for side, other in ((left, right), (right, left)):
            if side.source == source and other.source in reached:
                sides.append(side)
    return _tells_apart(query, met.scope, source, sides, unique) is not False


def _tells_apart(query: Resolved, scope: Scope, source: str, sides: list[Side], unique: Unique) -> bool | None:
    """Are a source's rows told apart by what is set equal? A function of a column tells less apart than the column."""
    found = scope.selected_sources[source][1]
    table = query.table_of(found)
    if table is None:
        return _subquery_tells_apart(query, found, sides, unique) if isinstance(found, Scope) else None
    exact = frozenset(side.expression.name.casefold() for side in sides if side.plain)
    every = frozenset(column.name.casefold() for side in sides for column in side.columns)
    if unique(table.name, exact):
        return True
    return False if unique(table.name, every) is False else None


def _subquery_tells_apart(query: Resolved, scope: Scope, sides: list[Side], unique: Unique) -> bool | None:
    select = scope.expression
    if not isinstance(select, exp.Select):
        return None
    if one_row(select):
        return True
    inner = [inner_side(side, scope) for side in sides]
    group = select.args.get("group")
    if group is not None:
        given = {side.expression for side in inner if side is not None}
        return True if set(group.expressions) <= given else None
    if len(scope.selected_sources) != 1 or select.args.get("distinct") or select.args.get("qualify"):
        return None
    if any(side is None for side in inner):
        return None
    alone = meeting(scope, select)
    (only,) = alone.sources
    if alone.loose:
        return None
    own = [side for side in (*inner, *alone.held) if side is not None]
    return _tells_apart(query, scope, only, own, unique)
