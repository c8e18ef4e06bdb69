"""Repairs of pairs that a change of the warehouse broke, or a renamed value made lie: proposals, never applied.

A repair is the pair's file with the new names at the places of the old ones. How SQL is edited is in `renames`,
`using`, `moves` and `values`; the files in `files` and `card`; what speaks for a repair in `proof`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vedder_core.cluster import Cluster, Pair
from vedder_core.judging import granted_to
from vedder_core.repair import Repair
from vedder_core.schema import Catalog
from vedder_core.schema_change import ColumnMoved, ColumnRenamed, SchemaDiff, TableRenamed
from vedder_core.sql.parse import SqlProblem, parse_query
from vedder_core.sql.references import references
from vedder_core.sql.resolved import BaseColumn
from vedder_core.verdict import Broken
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.drift.baseline import Baseline
from vedder_pipelines.repair.before import Became, became, catalog_before
from vedder_pipelines.repair.card import card_edits, cluster_now, hidden_names
from vedder_pipelines.repair.files import header_of, read_lines, sql_start, unified, value_edits
from vedder_pipelines.repair.moves import moving_edits
from vedder_pipelines.repair.partners import leads_to_one
from vedder_pipelines.repair.proof import Candidate, Rival, prove
from vedder_pipelines.repair.reading import Edit, Unclear, applied, read
from vedder_pipelines.repair.renames import renaming_edits
from vedder_pipelines.repair.rivals import other_fates
from vedder_pipelines.repair.same import means_the_same
from vedder_pipelines.validation import VerdictReport

Fate = TableRenamed | ColumnRenamed | ColumnMoved
BESIDE_HIDDEN = (
    "Name in cluster.yaml what is called otherwise now (`vedder check` says where): the difference stands beside what "
    "is hidden."
)


def propose_repairs(
    cluster: Cluster,
    report: VerdictReport,
    changes: SchemaDiff,
    catalog: Catalog,
    warehouse: Warehouse,
    baselines: Mapping[str, Baseline],
    files: Path,
) -> Mapping[str, Repair]:
    """By slug, a repair for each broken pair that one can be found for. `files` is the clusters folder.

    A pair whose repair is not certain, or would not bind, has none.
    """
    if not changes.changes or not report.broken():
        return {}
    mending = _Mending(cluster, catalog, catalog_before(catalog, changes), changes, became(changes), warehouse, files)
    found: dict[str, Repair] = {}
    for pair in cluster.pairs:
        judged = report.judged.get(pair.slug)
        if judged is None or not isinstance(judged.verdict, Broken):
            continue
        baseline = baselines.get(pair.slug)
        own = baseline if baseline is not None and baseline.pair_hash == judged.pair_hash else None
        repair = mending.repair(pair, own)
        if repair is not None:
            found[pair.slug] = repair
    return found


@dataclass(frozen=True)
class _Draft:
    """A pair with new names in it. `edits` are of its SQL, `header` maps what the header names to its new name."""

    pair: Pair
    edits: frozenset[Edit]
    header: Mapping[str, str]


@dataclass(frozen=True)
class _Mending:
    """One cluster on a changed warehouse."""

    cluster: Cluster
    after: Catalog
    before: Catalog
    changes: SchemaDiff
    became: Became
    warehouse: Warehouse
    files: Path

    def repair(self, pair: Pair, baseline: Baseline | None) -> Repair | None:
        try:
            return self._repair(pair, baseline)
        except Unclear:
            return None

    def _repair(self, pair: Pair, baseline: Baseline | None) -> Repair | None:
        own = self._of_pair(pair)
        if not (own.tables or own.columns or own.moved):
            return None
        draft = self._draft(pair, own)
        joined = frozenset(one.to_table for one in own.moved.values())
        cluster = cluster_now(self.cluster, self.became, self.before, joined)
        candidate = Candidate(draft.pair, cluster, lambda: self._rivals(pair, own), _unnamed(draft.pair, self.after))
        proof = prove(candidate, self.after, self.warehouse, baseline)
        if proof is None:
            return None
        diff, left_out = self._diff(pair, draft, cluster)
        fates: list[Fate] = [*own.tables.values(), *own.columns.values(), *own.moved.values()]
        return Repair(
            cluster=self.cluster.name,
            slug=pair.slug,
            changes=(*map(_said, fates), *left_out),
            sql=draft.pair.sql,
            diff=diff,
            confidence=min(one.confidence for one in fates),
            proof=proof,
        )

    def _of_pair(self, pair: Pair) -> Became:
        """What became of the tables and columns that this pair names."""
        touched = references(pair.sql, dialect=self.before.dialect, catalog=self.before)
        columns = {BaseColumn(*one) for one in touched.columns} | set(_sources(pair, self.before))
        tables = touched.tables | {column.dataset for column in columns}
        return Became(
            tables={name: one for name, one in self.became.tables.items() if name in tables},
            columns={base: one for base, one in self.became.columns.items() if base in columns},
            moved={base: one for base, one in self.became.moved.items() if base in columns},
        )

    def _draft(self, pair: Pair, own: Became) -> _Draft:
        """The pair with the new names. Raises Unclear."""
        reading = read(pair.sql, self.before, self.after, own)
        edits = frozenset(renaming_edits(reading) | moving_edits(reading, self._leads_to_one))
        header = dict(_header_names(pair, self.before, own))
        parameters = {
            name: one.model_copy(update={"values": header.get(one.values or "", one.values)})
            for name, one in pair.parameters.items()
        }
        sql = applied(pair.sql, edits)
        if not own.moved and not reading.rejoined and not means_the_same(reading, sql):
            raise Unclear("The repaired SQL would mean something else.")
        return _Draft(pair.model_copy(update={"sql": sql, "parameters": parameters}), edits, header)

    def _leads_to_one(self, table: str, other: str, columns: tuple[str, ...]) -> bool:
        joined = cluster_now(self.cluster, self.became, self.before, frozenset([other]))
        return leads_to_one(table, other, columns, granted_to(joined, self.after), self.warehouse)

    def _rivals(self, pair: Pair, own: Became) -> Iterator[Rival]:
        """The pair with another column or table in the place of each new one."""
        hidden = hidden_names(self.cluster, self.became)
        for name, fates in other_fates(own, self.changes, self.after, hidden):
            try:
                yield Rival(name, self._draft(pair, fates).pair)
            except Unclear:
                continue

    def _diff(self, pair: Pair, draft: _Draft, cluster: Cluster) -> tuple[str, tuple[str, ...]]:
        """The difference of the pair's file, and of cluster.yaml where it names what is called otherwise now."""
        lines = read_lines(self.files, f"{self.cluster.name}/pairs/{pair.slug}.sql")
        start = sql_start(lines, pair.sql)
        edits = [Edit(edit.start + start, edit.end + start, edit.text) for edit in draft.edits]
        edits += value_edits(*header_of(lines), ("parameters", "*", "values"), draft.header)
        diff = unified(lines.place, lines.stored, lines.edited(edits))
        known = {dataset.name for dataset in self.cluster.datasets}
        try:
            return self._with_card(diff)
        except Unclear:
            if all(dataset.name in known for dataset in cluster.datasets):
                return diff, ()  # the repaired SQL reads nothing that cluster.yaml does not list
            raise

    @cached_property
    def _cluster_of_all(self) -> Cluster:
        """The cluster with every table to which a column moved that some pair reads."""
        joined = {one.to_table for pair in self.cluster.pairs for one in self._of_pair(pair).moved.values()}
        return cluster_now(self.cluster, self.became, self.before, frozenset(joined))

    def _with_card(self, diff: str) -> tuple[str, tuple[str, ...]]:
        """The same for every pair of the cluster, so that one patch of them all has it once."""
        cluster = self._cluster_of_all
        lines = read_lines(self.files, f"{self.cluster.name}/cluster.yaml")
        added = cluster.datasets[len(self.cluster.datasets) :]
        hidden = hidden_names(self.cluster, self.became)
        whole = unified(lines.place, lines.stored, lines.edited(card_edits(lines, self.became, added)))
        if any(name in whole.casefold() for name in hidden) or any(one.columns for one in added):
            return diff, (BESIDE_HIDDEN,)
        return diff + whole, ()


def _sources(pair: Pair, before: Catalog) -> Iterator[BaseColumn]:
    """The columns that parameters take their values from."""
    for parameter in pair.parameters.values():
        dataset, _, column = (parameter.values or "").rpartition(".")
        table = before.find(dataset)
        found = table.column(column) if table else None
        if table is not None and found is not None:
            yield BaseColumn(table.name, found.name)


def _header_names(pair: Pair, before: Catalog, own: Became) -> Iterator[tuple[str, str]]:
    for parameter in pair.parameters.values():
        for base in _sources(pair, before):
            if f"{base.dataset}.{base.column}".casefold() == (parameter.values or "").casefold():
                moved = own.moved.get(base)
                now = BaseColumn(moved.to_table, moved.to_column) if moved else own.column_now(base)
                if now != base:
                    yield parameter.values or "", f"{now.dataset}.{now.column}"


def _said(fate: Fate) -> str:
    match fate:
        case TableRenamed(table=table, now=now):
            return f"`{table}` is called `{now}` now."
        case ColumnRenamed(table=table, column=column, now=now):
            return f"`{table}.{column}` is called `{now}` now."
        case ColumnMoved():
            on = ", ".join(f"`{name}`" for name in fate.joined_on)
            return f"`{fate.table}.{fate.column}` is `{fate.to_table}.{fate.to_column}` now, joined on {on}."


def _unnamed(pair: Pair, catalog: Catalog) -> frozenset[int]:
    """Places of result columns that have no name in the SQL, so that the engine makes one of the expression."""
    try:
        selects: Iterable[object] = parse_query(pair.sql, dialect=catalog.dialect).selects
    except SqlProblem:
        return frozenset()
    return frozenset(n for n, one in enumerate(selects) if not getattr(one, "output_name", ""))
