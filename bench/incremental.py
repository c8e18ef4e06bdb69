"""One changed table under 20,000 pairs: what it costs to renew the verdicts.

    python -m bench.incremental [--clusters 100] [--datasets 50] [--pairs 200]

Renewing is: the former catalog read and compared with the listing, the clusters that stand on the change found, their
verdicts recalled from the context's memory, and exactly the touched pairs guarded and bound. Beside it stands what a
plain checker would do if somebody told it the touched pairs: compare all columns of both listings, and PREPARE each
pair. Listing is the same for both and not counted, nor is opening; what is remembered afterwards is shown.
"""

import argparse
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
from vedder_core.sql.below import with_tables_below
from vedder_core.warehouse.duckdb import DuckDBWarehouse
from vedder_core.warehouse.warehouse import Warehouse
from vedder_pipelines.remembered import VERDICTS
from vedder_pipelines.validation import Judged, VerdictReport, judge_cluster

MOST_RATIO = 0.5
ROUNDS = 5
COLUMNS = ("id", "day", "region", "customer", "amount", "weight", "status", "delay", "rating", "note")
TYPES = ("BIGINT", "DATE", "VARCHAR", "BIGINT", "DOUBLE", "DOUBLE", "VARCHAR", "INTEGER", "INTEGER", "VARCHAR")
QUERIES = Path(__file__).with_suffix(".sql").read_text().split(";")[:-1]
"""Over the tables {a} and {b}."""


def main() -> int:
    """Exit code 1 when renewing costs more than its share, or other pairs than the touched ones were judged."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("clusters", 100), ("datasets", 50), ("pairs", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return measure(Path(folder), clusters(chosen.clusters, chosen.datasets, chosen.pairs))


def clusters(count: int, datasets: int, pairs: int) -> tuple[Cluster, ...]:
    """Clusters whose pairs read two tables each."""
    rng = random.Random(1)
    found = []
    for number in range(count):
        tables = [f"c{number}.t{table}" for table in range(datasets)]
        found.append(
            Cluster(
                name=f"c{number}",
                title=f"Cluster {number}",
                summary="A cluster.",
                owner=Owner(team="team", contact="#team"),
                datasets=tuple(Dataset(name=name, description="x") for name in tables),
                pairs=tuple(_pair(n, rng.choice(QUERIES), *rng.sample(tables, 2)) for n in range(pairs)),
            )
        )
    return tuple(found)


def _pair(number: int, query: str, one: str, other: str) -> Pair:
    sql = query.format(a=one, b=other)
    return Pair(
        slug=f"p{number}", question=f"{number}?", teaches="x", vetted_by="x", vetted_on=date(2026, 1, 1), sql=sql
    )


def measure(folder: Path, all_clusters: Sequence[Cluster]) -> int:
    """Build, change one table, renew."""
    file = folder / "w.duckdb"
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(COLUMNS, TYPES, strict=True))
    with closing(duckdb.connect(str(file))) as connection:
        connection.execute("BEGIN")
        for cluster in all_clusters:
            connection.execute(f"CREATE SCHEMA {cluster.name}")
            for dataset in cluster.datasets:
                connection.execute(f"CREATE TABLE {dataset.name} ({columns})")
        connection.execute("COMMIT")
    memory, catalogs = Memory(str(folder / "context")), Catalogs(str(folder / "context"))
    with DuckDBWarehouse(file, workers=0) as warehouse:
        before = warehouse.catalog()
        first = catalogs.put(before)
        whole = cpu_seconds(lambda: _judge_all(all_clusters, before, warehouse, memory))
    changed = all_clusters[len(all_clusters) // 2].datasets[3].name
    fresh = file.with_suffix(".fresh")
    shutil.copy(file, fresh)
    with closing(duckdb.connect(str(fresh))) as connection:
        connection.execute(f"ALTER TABLE {changed} RENAME amount TO amount_eur")
    fresh.replace(file)
    with DuckDBWarehouse(file, workers=0) as warehouse:
        return _compare(
            World(all_clusters, warehouse, warehouse.catalog(), memory, str(folder / "context"), first), changed, whole
        )


def _judge_all(all_clusters: Sequence[Cluster], catalog: Catalog, warehouse: Warehouse, memory: Memory) -> None:
    for cluster in all_clusters:
        VERDICTS.remember_in(memory, cluster.name, judge_cluster(cluster, catalog, warehouse, {}).judged)


@dataclass(frozen=True)
class World:
    """The clusters, the changed warehouse, and what is remembered of the time before."""

    clusters: Sequence[Cluster]
    warehouse: Warehouse
    after: Catalog
    memory: Memory
    url: str
    before: str

    def diff(self) -> SchemaDiff:
        former = Catalogs(self.url).get(self.before)
        return schema_diff(former, self.after) if former is not None else SchemaDiff()

    def standing(self, changes: SchemaDiff) -> list[Cluster]:
        changed = changes.tables()
        return [c for c in self.clusters if changed & with_tables_below((d.name for d in c.datasets), self.after)]

    def recall(self, cluster: Cluster) -> Mapping[str, Judged]:
        return VERDICTS.recall_in(self.memory, cluster.name, (pair.slug for pair in cluster.pairs))

    def renew(self) -> list[VerdictReport]:
        changes = self.diff()
        found = self.standing(changes)
        return [judge_cluster(c, self.after, self.warehouse, self.recall(c), changes) for c in found]

    def naive_diff(self) -> int:
        former = Catalogs(self.url).get(self.before)
        tables = former.tables.values() if former is not None else ()
        return sum(table != self.after.find(table.name) for table in tables)


def _compare(world: World, changed: str, whole: float) -> int:
    (report,) = world.renew()
    (cluster,) = world.standing(world.diff())
    sql = {pair.slug: pair.sql for pair in cluster.pairs if f"{changed} " in pair.sql}
    remembered, changes = world.recall(cluster), world.diff()
    with closing(duckdb.connect(str(Path(world.url).parent / "w.duckdb"), read_only=True)) as connection:
        parts: dict[str, Callable[[], object]] = {
            "renew": world.renew,
            "diff": world.diff,
            "clusters found": lambda: world.standing(changes),
            "verdicts recalled": lambda: world.recall(cluster),
            "touched pairs found and judged": lambda: judge_cluster(
                cluster, world.after, world.warehouse, remembered, changes
            ),
            "remembered (not counted)": lambda: VERDICTS.remember_in(
                world.memory, cluster.name, {slug: report.judged[slug] for slug in report.rejudged}
            ),
            "plain: all columns compared": world.naive_diff,
            "plain: PREPARE": lambda: _prepare(connection, sql.values()),
        }
        spent = {name: min(cpu_seconds(work) for _ in range(ROUNDS)) for name, work in parts.items()}
    plain, prepare = spent["plain: all columns compared"], spent["plain: PREPARE"]
    ratio = spent["renew"] / (plain + prepare)
    pairs = sum(len(cluster.pairs) for cluster in world.clusters)
    print_table(("step", "CPU ms"), [(name, 1000 * seconds) for name, seconds in spent.items()])
    print(f"{len(sql)} of {pairs:,} pairs touched; a full pass took {whole:.1f} CPU s")
    print(f"renew / (all columns compared + PREPARE of the touched): {ratio:.2f}, wanted {MOST_RATIO}")
    print(f"the same with our own diff on both sides: {spent['renew'] / (spent['diff'] + prepare):.2f}")
    exact = set(report.rejudged) == set(sql)
    print(f"exactly the touched pairs were judged: {exact}")
    return 0 if exact and ratio <= MOST_RATIO else 1


def _prepare(connection: duckdb.DuckDBPyConnection, queries: Iterable[str]) -> None:
    for sql in queries:
        with suppress(duckdb.Error):
            connection.execute(f"PREPARE p AS {sql}")


if __name__ == "__main__":
    sys.exit(main())
