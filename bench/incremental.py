"""One changed table under 20,000 pairs: what it costs to renew the verdicts.

    python -m bench.incremental [--clusters 100] [--datasets 50] [--pairs 200]

Renewing is: the former catalog read and compared with the listing, the clusters that stand on the change found, their
verdicts recalled from the context's memory, and exactly the touched pairs judged; of those that name nothing of what
changed the engine is not asked. Beside it stands what a plain checker would do if somebody told it the touched pairs:
read the columns of the last listing, compare them with those of now, and PREPARE each pair. Listing is the same for
both and not counted, nor is opening. Tables that few, some and all pairs of a cluster read are changed, so that all
pairs hold, or a quarter or a half of them break.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from bench.measure import cpu_seconds, print_table
from vedder_core.cluster import Cluster, Dataset, Owner, Pair
from vedder_core.context.catalogs import Catalogs
from vedder_core.context.memory import Memory
from vedder_core.schema import Catalog
from vedder_core.schema_change import SchemaDiff
from vedder_core.schema_diff import schema_diff
from vedder_core.sql.below import standing_on
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.remembered import VERDICTS
from vedder_pipelines.validation import Judged, VerdictReport, judge_cluster

MOST_RATIO = 0.5
"""Of what a plain checker spends, where few pairs read the table."""
FEW, SOME = 8, 40
"""Few is the mean: 20,000 pairs read two of 5,000 tables each."""
REACHED = 3
ROUNDS = 15
COLUMNS = ("id", "day", "region", "customer", "amount", "weight", "status", "delay", "rating", "note")
TYPES = ("BIGINT", "DATE", "VARCHAR", "BIGINT", "DOUBLE", "DOUBLE", "VARCHAR", "INTEGER", "INTEGER", "VARCHAR")
QUERIES = Path(__file__).with_suffix(".sql").read_text().split(";")[:-1]
"""Over the tables {a} and {b}."""
CHANGES = {
    "column added": "ADD COLUMN amount_eur DOUBLE",
    "renamed, a quarter": "RENAME region TO place",
    "renamed, a half": "RENAME amount TO amount_eur",
}
"""The mean over all columns is that a quarter (0.27) of the touched pairs name it; a half is the worst but for `id`."""
WORST = "renamed, a half"


def main() -> int:
    """Exit code 1 when renewing costs more than its share, or other pairs than the touched ones were judged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("clusters", 100), ("datasets", 50), ("pairs", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), clusters(chosen.clusters, chosen.datasets, chosen.pairs))


def clusters(count: int, datasets: int, pairs: int) -> tuple[Cluster, ...]:
    """Pairs read two tables each; the first table of the first three clusters is read by few, some, and all of them."""
    rng = random.Random(1)
    found = []
    for number in range(count):
        tables = [f"c{number}.t{table}" for table in range(datasets)]
        often = (FEW, SOME, pairs)[number] if number < REACHED else 0
        read = [rng.sample(tables[number < REACHED :], 2) for _ in range(pairs)]
        queries = [rng.choice(QUERIES) for _ in range(pairs)]
        for place in range(often):  # each query equally often
            read[place][0], queries[place] = tables[0], QUERIES[place % len(QUERIES)]
        found.append(
            Cluster(
                name=f"c{number}",
                title=f"Cluster {number}",
                summary="A cluster.",
                owner=Owner(team="team", contact="#team"),
                datasets=tuple(Dataset(name=name, description="x") for name in tables),
                pairs=tuple(_pair(n, queries[n], *of_one) for n, of_one in enumerate(read)),
            )
        )
    return tuple(found)


def _pair(number: int, query: str, one: str, other: str) -> Pair:
    sql = query.format(a=one, b=other)
    return Pair(
        slug=f"p{number}", question=f"{number}?", teaches="x", vetted_by="x", vetted_on=date(2026, 1, 1), sql=sql
    )


def measure(folder: Path, all_clusters: Sequence[Cluster]) -> int:
    """Build once; then change one table of the first state, and renew."""
    file, context = folder / "w.duckdb", str(folder / "context")
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, TYPES, strict=True))
    with closing(duckdb.connect(str(file))) as connection:
        connection.execute("BEGIN")
        for cluster in all_clusters:
            connection.execute(f"CREATE SCHEMA {cluster.name}")
            for dataset in cluster.datasets:
                connection.execute(f"CREATE TABLE {dataset.name} ({columns})")
        connection.execute("COMMIT")
    memory = Memory(context)
    with DuckDBWarehouse(file, workers=0) as warehouse:
        before = warehouse.catalog()
        first = Catalogs(context).put(before)
        (folder / "columns.json").write_text(json.dumps(_columns_of(before)))
        reached = all_clusters[:REACHED]
        _remember_all(all_clusters, reached, before, warehouse, memory)
    print(f"{sum(len(cluster.pairs) for cluster in all_clusters):,} pairs are remembered")
    rows: list[Row] = []
    for changed in (cluster.datasets[0].name for cluster in reached):
        for change, ddl in CHANGES.items():
            fresh = folder / f"{len(rows)}" / file.name
            fresh.parent.mkdir()
            shutil.copy(file, fresh)
            with closing(duckdb.connect(str(fresh))) as connection:
                connection.execute(f"ALTER TABLE {changed} {ddl}")
            with DuckDBWarehouse(fresh, workers=0) as warehouse:
                world = World(all_clusters, warehouse, warehouse.catalog(), memory, folder, first)
                rows.append(_compare(world, changed, change, fresh))
    return _told(rows)


def _remember_all(
    all_clusters: Sequence[Cluster],
    reached: Sequence[Cluster],
    catalog: Catalog,
    warehouse: Warehouse,
    memory: Memory,
) -> None:
    """The clusters that no change will reach are not judged: what is remembered of them is only in the way."""
    reports = {cluster.name: judge_cluster(cluster, catalog, warehouse, {}) for cluster in reached}
    for cluster in all_clusters:
        report = reports.get(cluster.name) or reports[reached[0].name]
        VERDICTS.remember_in(memory, cluster.name, report.judged)


@dataclass(frozen=True)
class World:
    """The clusters, the changed warehouse, and what is remembered of the time before."""

    clusters: Sequence[Cluster]
    warehouse: Warehouse
    after: Catalog
    memory: Memory
    folder: Path
    before: str

    def diff(self) -> SchemaDiff:
        former = Catalogs(str(self.folder / "context")).get(self.before)
        return schema_diff(former, self.after) if former is not None else SchemaDiff()

    def standing(self, changes: SchemaDiff) -> list[Cluster]:
        above = standing_on(changes.tables(), self.after)
        return [c for c in self.clusters if any(self.after.spelled(d.name) in above for d in c.datasets)]

    def recall(self, cluster: Cluster) -> Mapping[str, Judged]:
        return VERDICTS.recall_in(self.memory, cluster.name, (pair.slug for pair in cluster.pairs))

    def renew(self) -> list[VerdictReport]:
        changes = self.diff()
        found = self.standing(changes)
        return [judge_cluster(c, self.after, self.warehouse, self.recall(c), changes) for c in found]

    def plain_diff(self, now: Sequence[Sequence[str]]) -> set[tuple[str, ...]]:
        """The columns that came or went; what a row of `information_schema.columns` says of one is compared."""
        former = json.loads((self.folder / "columns.json").read_text())
        return set(map(tuple, former)) ^ set(map(tuple, now))


def _columns_of(catalog: Catalog) -> list[tuple[str, str, str]]:
    return [(table.name, column.name, column.type) for table in catalog.tables.values() for column in table.columns]


@dataclass(frozen=True)
class Row:
    """CPU seconds of each step for one change."""

    change: str
    touched: int
    asked: int
    exact: bool
    spent: Mapping[str, float]

    @property
    def ratio(self) -> float:
        return self.spent["renew"] / (self.spent["plain diff"] + self.spent["PREPARE"])

    @property
    def over_own(self) -> float:
        return self.spent["renew"] / (self.spent["diff"] + self.spent["PREPARE"])


def _compare(world: World, changed: str, change: str, file: Path) -> Row:
    changes = world.diff()
    (cluster,) = world.standing(changes)
    (report,) = world.renew()
    remembered, columns = world.recall(cluster), _columns_of(world.after)
    sql = {pair.slug: pair.sql for pair in cluster.pairs if f"{changed} " in pair.sql}
    with closing(duckdb.connect()) as connection:
        connection.execute(f"ATTACH '{file}' AS w (READ_ONLY)")
        connection.execute("USE w")
        steps: dict[str, Callable[[], object]] = {
            "renew": world.renew,
            "diff": world.diff,
            "clusters": lambda: world.standing(changes),
            "recall": lambda: world.recall(cluster),
            "judge": lambda: judge_cluster(cluster, world.after, world.warehouse, remembered, changes),
            "plain diff": lambda: world.plain_diff(columns),
            "PREPARE": lambda: _prepare(connection, sql.values()),
        }
        measured: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(ROUNDS):
            for name, work in steps.items():
                measured[name].append(cpu_seconds(work))
    spent = {name: min(rounds) for name, rounds in measured.items()}
    return Row(change, len(sql), len(report.asked), set(report.rejudged) == set(sql), spent)


def _told(rows: Sequence[Row]) -> int:
    header = ("CPU ms", "touched", "asked", *rows[0].spent, "of plain", "of own")
    print_table(
        header,
        [
            (r.change, r.touched, r.asked, *(f"{1000 * s:.1f}" for s in r.spent.values()), r.ratio, r.over_own)
            for r in rows
        ],
    )
    exact = all(row.exact for row in rows)
    wanted = f"where {FEW} pairs are touched, and where none names what changed; `{WORST}` is told"
    print(f"of plain: wanted at most {MOST_RATIO} {wanted}")
    print(f"exactly the touched pairs were judged: {exact}")
    held = all(r.ratio <= MOST_RATIO for r in rows if r.change != WORST and (r.touched <= FEW or not r.asked))
    return 0 if exact and held else 1


def _prepare(connection: duckdb.DuckDBPyConnection, queries: Iterable[str]) -> None:
    for sql in queries:
        with suppress(duckdb.Error):
            connection.execute(f"PREPARE p AS {sql}")


if __name__ == "__main__":
    sys.exit(main())
