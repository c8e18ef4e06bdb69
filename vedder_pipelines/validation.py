"""May each pair of a cluster teach? Only pairs whose ground moved are judged again; how one is judged is in
`vedder_core.judging`.

Plain code without Dagster. A pair's ground is its own text, and the schema of every table that it touches or takes
values from, also below views; of a view over files the files as well, because they bring their schema along. While
nothing of it moved, the last judgement stands. Where only columns moved whose names the pair writes nowhere, a pair
that held holds on, and the engine is not asked again.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from vedder_core.cluster import Cluster, Pair
from vedder_core.judging import Ground, granted_to, judge_pair, touched_by
from vedder_core.missing import UNCHANGED
from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaDiff
from vedder_core.sql.below import read_outside
from vedder_core.sql.names_written import names_all_columns, names_written
from vedder_core.verdict import Broken, Valid
from vedder_core.warehouse.warehouse import Warehouse

__all__ = ["Judged", "VerdictReport", "granted_to", "judge_cluster"]


@dataclass(frozen=True)
class Judged:
    """A verdict with the ground that it stands on. `columns` are `dataset.column`.

    `named_hash` is over the part of the ground that the pair names; None where it broke, or may read columns unnamed.
    `found_in` is the run that first found the pair broken, and `found_at` when; both stay while it is broken.
    """

    pair_hash: str
    schema_hash: str
    verdict: Valid | Broken
    datasets: tuple[str, ...]
    columns: tuple[str, ...]
    found_in: str | None = None
    found_at: datetime | None = None
    named_hash: str | None = None


@dataclass(frozen=True)
class VerdictReport:
    """The judgement of each pair by slug; which were judged now, and which still stood.

    Of those judged now the engine was `asked` of some; the others name nothing that moved.
    """

    judged: Mapping[str, Judged]
    rejudged: tuple[str, ...]
    reused: tuple[str, ...]
    asked: tuple[str, ...]

    def broken(self) -> dict[str, Broken]:
        return {slug: j.verdict for slug, j in self.judged.items() if isinstance(j.verdict, Broken)}


def judge_cluster(
    cluster: Cluster,
    catalog: Catalog,
    warehouse: Warehouse,
    remembered: Mapping[str, Judged],
    changes: SchemaDiff = UNCHANGED,
) -> VerdictReport:
    """Judge the pairs of a cluster whose text or ground changed since `remembered`; the others keep their verdict.

    `changes` since the pairs held tell what a missing table or column is probably called now.
    """
    over_files = read_outside((dataset.name for dataset in cluster.datasets), catalog)
    files = warehouse.data_versions(over_files) if over_files else {}
    ground = Ground(catalog, granted_to(cluster, catalog), files)
    judged: dict[str, Judged] = {}
    reused: list[str] = []
    asked: list[str] = []
    for pair in cluster.pairs:
        last = remembered.get(pair.slug)
        standing = _standing(pair, last, ground) if last is not None and _says_the_same(last.verdict, changes) else None
        if standing is None:
            standing = _judge(pair, last, ground, warehouse, changes)
            asked.append(pair.slug)
        elif standing is last:
            reused.append(pair.slug)
        judged[pair.slug] = standing
    rejudged = judged.keys() - set(reused)
    return VerdictReport(judged, tuple(slug for slug in judged if slug in rejudged), tuple(reused), tuple(asked))


def _standing(pair: Pair, last: Judged, ground: Ground) -> Judged | None:
    """The last judgement where its ground did not move, or moved only where the pair names nothing; else None."""
    if last.pair_hash != _pair_hash(pair):
        return None
    schema = ground.hash_of(last.datasets)
    if last.schema_hash == schema:
        return last
    if last.named_hash is None or last.named_hash != ground.hash_of(last.datasets, _names(pair, ground.catalog)):
        return None
    return replace(last, schema_hash=schema)


def first_found(report: VerdictReport, before: Mapping[str, Judged], *, run: str, at: datetime) -> VerdictReport:
    """The report with the run that found each broken pair first: this one, or the one that did while it is broken."""
    judged = dict(report.judged)
    for slug, one in report.judged.items():
        last = before.get(slug)
        if not isinstance(one.verdict, Broken):
            judged[slug] = replace(one, found_in=None, found_at=None)
        elif last is not None and isinstance(last.verdict, Broken) and last.found_in is not None:
            judged[slug] = replace(one, found_in=last.found_in, found_at=last.found_at)
        else:
            judged[slug] = replace(one, found_in=run, found_at=at)
    return replace(report, judged=judged)


def _says_the_same(verdict: Valid | Broken, changes: SchemaDiff) -> bool:
    """Is what a missing table is probably called still so? It may be renamed again, and no other ground moves then."""
    if not isinstance(verdict, Broken) or verdict.missing_table is None:
        return True
    renamed = changes.table_now(verdict.missing_table)
    return (renamed.now if renamed else None) == (verdict.probably if verdict.confidence is not None else None)


def _pair_hash(pair: Pair) -> str:
    parameters = ";".join(f"{name}={parameter.model_dump_json()}" for name, parameter in pair.parameters.items())
    return hashlib.sha256(f"{pair.sql}\x1f{parameters}".encode()).hexdigest()


def _judge(pair: Pair, last: Judged | None, ground: Ground, warehouse: Warehouse, changes: SchemaDiff) -> Judged:
    touched = touched_by(pair, ground.catalog)
    had = last.columns if last is not None else ()
    verdict = judge_pair(pair, touched, ground, warehouse, had, changes)
    # What a broken pair used while it held is kept: the next judgement still has to know what it is missing.
    same_text = last is not None and last.pair_hash == _pair_hash(pair)
    columns = had if same_text and had and isinstance(verdict, Broken) else touched.columns
    schema = ground.hash_of(touched.datasets)
    tells = isinstance(verdict, Valid) and names_all_columns(touched.query, pair.sql)
    named = ground.hash_of(touched.datasets, _names(pair, ground.catalog)) if tells else None
    return Judged(_pair_hash(pair), schema, verdict, touched.datasets, columns, named_hash=named)


def _names(pair: Pair, catalog: Catalog) -> frozenset[str]:
    """The names that a pair writes, and the columns that its parameters take their values from; in small letters."""
    sources = (parameter.values for parameter in pair.parameters.values())
    columns = {values.rpartition(".")[2].casefold() for values in sources if values}
    return names_written(pair.sql, catalog.dialect) | columns
