"""What a pair relies on in its data: columns by their role, conditions with constants, joins. Read from the SQL alone.

What is told here is looked at in the data by `measures`. A pair whose SQL the parser cannot follow relies on nothing
that is known: then only its result is watched.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from vedder_core.cluster import Pair, Parameter
from vedder_core.schema import Catalog, Table
from vedder_core.sql.comparisons import constant
from vedder_core.sql.grain import repeats
from vedder_core.sql.joins import meeting
from vedder_core.sql.resolved import BaseColumn, Resolved, resolved

Key = tuple[str, frozenset[str]]
"""A dataset and columns of it, case-folded."""

NEGATIVE = (exp.NEQ, exp.Not, exp.Except)
COMPARED = (exp.EQ, exp.NEQ, exp.In, exp.Like, exp.ILike)


@dataclass(frozen=True, slots=True)
class Condition:
    """A column is compared with one constant. `test` is the comparison over the dataset alone, `negative` says that
    the pair leaves such rows out, and `source` is where the constant stands: in the SQL, or in a parameter. Where it is
    not `told`, the values of its column are withheld; a value in fewer than `least` rows is not counted aloud.
    """

    column: BaseColumn
    value: str
    test: exp.Expr
    negative: bool = False
    source: str = ""
    told: bool = True
    least: int = 1

    @property
    def key(self) -> str:
        """Its name among the facts; a digest where it may not be told."""
        test = self.test.sql()
        named = test if self.told else hashlib.sha256(test.encode()).hexdigest()
        return f"{self.column.dataset}: {named}"


@dataclass(frozen=True)
class Uses:
    """`columns` are all that the pair reads, `chosen` those by which it keeps or groups rows, `counted` those whose
    values it returns, computes with or compares: no keys of joins. `keys` are what its joins need to be unique.
    """

    datasets: tuple[str, ...]
    query: Resolved | None = None
    joins: Resolved | None = None
    """The query without its alternatives (OR), which leave rows out and never bring more together."""
    columns: frozenset[BaseColumn] = frozenset()
    chosen: frozenset[BaseColumn] = frozenset()
    counted: frozenset[BaseColumn] = frozenset()
    returned: frozenset[BaseColumn] = frozenset()
    conditions: tuple[Condition, ...] = ()
    keys: frozenset[Key] = frozenset()


def uses_of(pair: Pair, datasets: tuple[str, ...], catalog: Catalog) -> Uses:
    """What a pair that binds relies on; `datasets` are those that it touches."""
    tables = [table for name in datasets if (table := catalog.find(name)) is not None]
    query = resolved(pair.sql, tables, dialect=catalog.dialect)
    if query is None:
        return Uses(datasets)
    joins = _without_alternatives(query, tables, catalog.dialect)
    found = {condition.key: condition for condition in (*_conditions(query), *_of_parameters(pair, tables))}
    return Uses(
        datasets=datasets,
        query=query,
        joins=joins,
        columns=query.columns(),
        chosen=frozenset(_columns_in(query, (exp.Where, exp.Having, exp.Group, exp.Qualify))),
        counted=query.columns() - _only_joined(query),
        returned=frozenset(_returned(query)),
        conditions=tuple(found[key] for key in sorted(found)),
        keys=_keys(joins),
    )


def _conditions(query: Resolved) -> Iterator[Condition]:
    for scope in query.scopes:
        for node in scope.find_all(*COMPARED):
            yield from _condition(query, scope, node)


def _condition(query: Resolved, scope: Scope, node: exp.Expr) -> Iterator[Condition]:
    negative = isinstance(node, NEGATIVE) or node.find_ancestor(exp.Not, exp.Except) is not None
    kind: type[exp.Binary] = exp.EQ
    if isinstance(node, exp.In):
        sides = [(node.this, value) for value in node.expressions]
    else:
        kind = type(node) if isinstance(node, exp.Like | exp.ILike) else exp.EQ
        sides = [(node.this, node.expression), *([(node.expression, node.this)] if kind is exp.EQ else [])]
    for subject, value in sides:
        column, written = _subject(query, scope, subject), constant(value)
        if column is not None and written is not None:
            yield Condition(column, written, kind(this=_alone(subject, column), expression=value.copy()), negative)


def _subject(query: Resolved, scope: Scope, subject: exp.Expr) -> BaseColumn | None:
    """The one column that is compared, perhaps within a function; none where several are, or an aggregate is."""
    if subject.find(exp.Query, exp.AggFunc, exp.Window, exp.Placeholder, exp.Case) is not None:
        return None
    bases = {query.base(column, scope) for column in subject.find_all(exp.Column)}
    return next(iter(bases)) if len(bases) == 1 else None


def _alone(subject: exp.Expr, column: BaseColumn) -> exp.Expr:
    """The expression over the dataset's own column, without the name of the table that it stood under."""
    own = exp.column(column.column, quoted=True)
    return subject.copy().transform(lambda node: own.copy() if isinstance(node, exp.Column) else node)


def _of_parameters(pair: Pair, tables: list[Table]) -> Iterator[Condition]:
    """A blank's default, and the values that never fill it, must be values of its column."""
    for name, parameter in pair.parameters.items():
        column = _column_of(parameter, tables)
        if column is None:
            continue
        for value in (*((parameter.default,) if parameter.default is not None else ()), *parameter.without):
            text = exp.cast(exp.column(column.column, quoted=True), "text")
            test = exp.EQ(this=text, expression=exp.Literal.string(str(value)))
            yield Condition(column, str(value), test, source=f"the parameter `{name}`")


def _column_of(parameter: Parameter, tables: list[Table]) -> BaseColumn | None:
    dataset, _, name = (parameter.values or "").rpartition(".")
    table = next((one for one in tables if one.name.casefold() == dataset.casefold()), None)
    column = table.column(name) if table else None
    return BaseColumn(table.name, column.name) if table and column else None


def _columns_in(query: Resolved, places: tuple[type[exp.Expr], ...]) -> Iterator[BaseColumn]:
    for scope in query.scopes:
        for column in scope.columns:
            base = query.base(column, scope) if column.find_ancestor(*places) is not None else None
            if base is not None:
                yield base


def _returned(query: Resolved) -> Iterator[BaseColumn]:
    """Columns whose values can stand in the result: those in what some SELECT returns, and not only counted there."""
    for scope, select in query.selects():
        for one in select.selects:
            for column in one.find_all(exp.Column):
                base = query.base(column, scope)
                if base is not None and column.find_ancestor(exp.Count) is None:
                    yield base


def _only_joined(query: Resolved) -> frozenset[BaseColumn]:
    """Columns of which nothing is asked but that they equal another dataset's."""
    joined: set[BaseColumn] = set()
    other: set[BaseColumn] = set()
    for scope, select in query.selects():
        sides = [side for pair in meeting(scope, select).equal for side in pair]
        keys = {id(column) for side in sides for column in side.columns}
        for column in scope.columns:
            base = query.base(column, scope)
            if base is not None:
                (joined if id(column) in keys else other).add(base)
    return frozenset(joined - other)


def _without_alternatives(query: Resolved, tables: list[Table], dialect: str) -> Resolved:
    """Without the conditions of WHERE that are an OR, so that what the joins set equal says how rows meet."""
    tree = query.tree.copy()
    changed = False
    for where in list(tree.find_all(exp.Where)):
        listed = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
        kept = [one for one in listed if not isinstance(one.unnest(), exp.Or)]
        if len(kept) == len(listed):
            continue
        changed = True
        if kept:
            where.set("this", exp.and_(*(one.copy() for one in kept)))
        else:
            where.pop()
    return Resolved(tree, tables, dialect=dialect) if changed else query


def _keys(query: Resolved) -> frozenset[Key]:
    """Every key that judging the pair's joins may ask for, whatever is found out of the others."""
    asked: set[Key] = set()

    def ask(*, answer: bool | None, but: Key | None = None) -> None:
        def unique(dataset: str, columns: frozenset[str]) -> bool | None:
            asked.add((dataset, columns))
            return answer if (dataset, columns) != but else not answer

        repeats(query, unique)

    for answer in (None, True, False):
        ask(answer=answer)
    for key in sorted(asked, key=lambda key: (key[0], sorted(key[1]))):
        ask(answer=True, but=key)
    return frozenset(key for key in asked if key[1])


def places(columns: frozenset[BaseColumn]) -> Mapping[str, BaseColumn]:
    """By `dataset.column`."""
    return {f"{column.dataset}.{column.column}": column for column in sorted(columns)}
