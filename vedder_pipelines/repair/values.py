"""Repairs of pairs that lie since a value got another spelling: the constant in the SQL, and in the header.

Only constants that are compared with the very column are replaced; one that stands elsewhere too is nobody's guess.
Which value it is now, the detector of vanished literals says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlglot import exp, tokenize
from sqlglot.tokenizer_core import Token, TokenType

from vedder_core.cluster import Cluster, Pair, Parameter
from vedder_core.errors import VedderError
from vedder_core.judging import granted_to
from vedder_core.repair import Repair
from vedder_core.schema import Catalog
from vedder_core.sql.guard import guard
from vedder_core.sql.resolved import BaseColumn, Resolved, resolved
from vedder_core.verdict import Drift, Drifted
from vedder_core.warehouse.warehouse import Limits, Warehouse
from vedder_pipelines.drift.baseline import Baseline, Filled
from vedder_pipelines.repair.files import header_of, read_lines, sql_start, unified, value_edits
from vedder_pipelines.repair.names import written
from vedder_pipelines.repair.proof import MOST_RIVALS, Candidate, Rival, prove
from vedder_pipelines.repair.reading import Edit, Unclear, applied

CONFIDENCE = 0.7
"""Found by its rows and a similar spelling alone."""

VALUES = Limits(seconds=30, rows=MOST_RIVALS, bytes=1_000_000)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A value of a column, as it was written and as it is."""

    column: BaseColumn
    was: str
    now: str


def renamed_values(drifted: Drifted, catalog: Catalog) -> tuple[Renamed, ...]:
    """The values that the findings name with what they probably are now."""
    return tuple(one for drift in drifted.drifts if (one := _renamed(drift, catalog)) is not None)


def _renamed(drift: Drift, catalog: Catalog) -> Renamed | None:
    table = catalog.find(drift.dataset)
    column = table.column(drift.column or "") if table else None
    if not drift.value or not drift.probably or table is None or column is None:
        return None
    return Renamed(BaseColumn(table.name, column.name), drift.value, drift.probably)


def propose_value_repairs(
    cluster: Cluster,
    drifted: Mapping[str, Drifted],
    catalog: Catalog,
    warehouse: Warehouse,
    baselines: Mapping[str, Baseline],
    files: Path,
) -> Mapping[str, Repair]:
    """By slug, a repair for each drifted pair whose constants are probably written otherwise now."""
    mending = _Values(cluster, catalog, warehouse, files)
    found: dict[str, Repair] = {}
    for pair in cluster.pairs:
        renamed = renamed_values(drifted[pair.slug], catalog) if pair.slug in drifted else ()
        try:
            repair = mending.repair(pair, renamed, baselines.get(pair.slug)) if renamed else None
        except Unclear:
            continue
        if repair is not None:
            found[pair.slug] = repair
    return found


@dataclass(frozen=True)
class _Values:
    """One cluster whose data hold values under new names."""

    cluster: Cluster
    catalog: Catalog
    warehouse: Warehouse
    files: Path

    def repair(self, pair: Pair, renamed: tuple[Renamed, ...], baseline: Baseline | None) -> Repair | None:
        edits = frozenset(self._edits(pair, renamed))
        fixed = self._fixed(pair, renamed)
        if fixed == pair:
            return None
        own = _with_parameters(baseline, pair, renamed)
        proof = prove(
            Candidate(fixed, self.cluster, lambda: self._rivals(pair, renamed)), self.catalog, self.warehouse, own
        )
        if proof is None:
            return None
        return Repair(
            cluster=self.cluster.name,
            slug=pair.slug,
            changes=tuple(
                f"`{one.column.dataset}.{one.column.column}` holds `{one.now}` for `{one.was}` now." for one in renamed
            ),
            sql=fixed.sql,
            diff=self._diff(pair, renamed, edits),
            confidence=CONFIDENCE,
            proof=proof,
        )

    def _fixed(self, pair: Pair, renamed: tuple[Renamed, ...]) -> Pair:
        """The pair with the values of now. Raises Unclear."""
        parameters = {name: _parameter(one, renamed) for name, one in pair.parameters.items()}
        sql = applied(pair.sql, self._edits(pair, renamed))
        return pair.model_copy(update={"sql": sql, "parameters": parameters})

    def _edits(self, pair: Pair, renamed: tuple[Renamed, ...]) -> Iterator[Edit]:
        listed = self.catalog.only(dataset.name for dataset in self.cluster.datasets)
        query = resolved(pair.sql, listed.tables.values(), dialect=self.catalog.dialect)
        if query is None:
            raise Unclear("The SQL cannot be followed.")
        tokens = tokenize(pair.sql, read=self.catalog.dialect)
        for one in renamed:
            places = [token for token in tokens if token.token_type == TokenType.STRING and token.text == one.was]
            if len(places) != _compared(query, one):
                raise Unclear(f"`{one.was}` stands where it is not compared with its column.")
            yield from (_replaced(pair.sql, token, one.now) for token in places)

    def _rivals(self, pair: Pair, renamed: tuple[Renamed, ...]) -> Iterator[Rival]:
        """The pair with other values of the column in the place of the new one."""
        for number, one in enumerate(renamed):
            for value in self._values(one.column):
                if value not in (one.now, one.was):
                    other = (*renamed[:number], replace(one, now=value), *renamed[number + 1 :])
                    filled = {name: value for name, parameter in pair.parameters.items() if _fills(parameter, one)}
                    yield Rival("another value of the column", self._fixed(pair, other), filled)

    def _values(self, column: BaseColumn) -> list[str]:
        dialect = self.catalog.dialect
        place = ".".join(written(part, dialect=dialect) for part in column.dataset.split("."))
        name = written(column.column, dialect=dialect)
        sql = f"SELECT {name}, count(*) AS many FROM {place} GROUP BY {name} ORDER BY many DESC LIMIT {MOST_RIVALS}"  # noqa: S608
        try:
            granted = granted_to(self.cluster, self.catalog)
            rows = self.warehouse.run(guard(sql, granted, dialect=dialect), VALUES).table
        except VedderError:
            return []
        return [value for value in rows.column(0).to_pylist() if isinstance(value, str)]

    def _diff(self, pair: Pair, renamed: tuple[Renamed, ...], edits: frozenset[Edit]) -> str:
        lines = read_lines(self.files, f"{self.cluster.name}/pairs/{pair.slug}.sql")
        start = sql_start(lines, pair.sql)
        found = [Edit(edit.start + start, edit.end + start, edit.text) for edit in edits]
        for name, parameter in pair.parameters.items():
            values = {one.was: one.now for one in renamed if _is_of(parameter, one)}
            for path in (("default",), ("without", "*")):
                found += value_edits(*header_of(lines), ("parameters", name, *path), values)
        return unified(lines.place, lines.stored, lines.edited(found))


def _is_of(parameter: Parameter, one: Renamed) -> bool:
    return (parameter.values or "").casefold() == f"{one.column.dataset}.{one.column.column}".casefold()


def _fills(parameter: Parameter, one: Renamed) -> bool:
    """Is the value what fills the blank?"""
    return _is_of(parameter, one) and parameter.default == one.was


def _parameter(parameter: Parameter, renamed: tuple[Renamed, ...]) -> Parameter:
    now = {one.was: one.now for one in renamed if _is_of(parameter, one)}
    default = now.get(parameter.default, parameter.default) if isinstance(parameter.default, str) else parameter.default
    without = tuple(now.get(value, value) for value in parameter.without)
    return parameter.model_copy(update={"default": default, "without": without})


def _with_parameters(baseline: Baseline | None, pair: Pair, renamed: tuple[Renamed, ...]) -> Baseline | None:
    """The baseline, its result kept under the value that its parameters have now."""
    if baseline is None or baseline.result is None:
        return baseline
    values: dict[str, Filled] = dict(baseline.result.parameters)
    for name, parameter in pair.parameters.items():
        for one in renamed:
            if _is_of(parameter, one) and values.get(name) == one.was:
                values[name] = one.now
    return replace(baseline, facts=replace(baseline.facts, result=replace(baseline.result, parameters=values)))


def _compared(query: Resolved, one: Renamed) -> int:
    """In how many places the value is compared with its column, by itself."""
    found: set[int] = set()
    for scope in query.scopes:
        for node in scope.find_all(exp.EQ, exp.NEQ, exp.In):
            sides = [(node.this, value) for value in node.expressions] if isinstance(node, exp.In) else []
            if not isinstance(node, exp.In):
                sides = [(node.this, node.expression), (node.expression, node.this)]
            for subject, value in sides:
                is_value = isinstance(value, exp.Literal) and value.is_string and value.name == one.was
                if is_value and isinstance(subject, exp.Column) and query.base(subject, scope) == one.column:
                    found.add(id(value))
    return len(found)


def _replaced(sql: str, token: Token, now: str) -> Edit:
    if sql[token.start] != "'":
        raise Unclear("The value is written in an unusual form.")
    return Edit(token.start, token.end + 1, "'" + now.replace("'", "''") + "'")
