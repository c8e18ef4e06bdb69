"""Health among many clusters: what it costs to try a cluster's pairs on the whole context, and to compare it with all.

    python -m bench.health [--clusters 177] [--pairs 100] [--measured 12]

Beside it stands what it costs to ask the cluster's questions once, one at a time, by the search that answers: routed,
and looked for in the three likeliest clusters. `first` is the first cluster that is measured at a version, for which
what all clusters say and ask is counted; `others` is the median of those after it, as is the asking. Clusters have
words of their own and share the measures' names.
"""

import argparse
import random
import statistics
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial

from bench.company import MEASURES
from bench.measure import cpu_seconds, print_table
from vedder_core.cluster import Cluster, Dataset, Owner, Pair
from vedder_core.context.index import ContextReader, ContextWriter
from vedder_core.context.search import Search
from vedder_core.context.snapshot import Snapshot
from vedder_core.embedder.hashed import HashedWords
from vedder_core.schema import Catalog, Column, Table
from vedder_core.verdict import Valid
from vedder_pipelines.health.facts import with_context
from vedder_pipelines.health.recall import FIRST, OPENED
from vedder_pipelines.health.signal import Facts
from vedder_pipelines.publishing import entries_of
from vedder_pipelines.validation import Judged

MOST_RATIO = 1.5
"""Of asking its questions, for each cluster after the first."""
DATASETS = 20
COLUMNS = ("region", "day", "customer", "open", "note")
HOW = ("average", "total", "highest")


def main() -> int:
    """Exit code 1 when a cluster costs more than its share."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("clusters", 177), ("pairs", 100), ("measured", 12)):
        parser.add_argument(f"--{name}", type=int, default=default)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        writer = ContextWriter(folder, HashedWords())
        for number in range(chosen.clusters):
            publish(writer, cluster_of(number, chosen.pairs))
        reader, now = ContextReader(folder, HashedWords()), datetime.now(UTC)
        ask(reader.snapshot(), cluster_of(0, 1))  # reads the version
        asked, measured = [], []
        for number in range(chosen.measured):
            cluster = cluster_of(number, chosen.pairs)
            asked.append(cpu_seconds(partial(ask, reader.snapshot(), cluster)))
            measured.append(cpu_seconds(partial(with_context, Facts(cluster, now), reader, dialect="duckdb")))
    usual = statistics.median(asked)
    return report({"asking": usual, "first": measured[0], "others": statistics.median(measured[1:])})


def ask(snapshot: Snapshot, cluster: Cluster) -> None:
    for pair in cluster.pairs:
        search = Search(snapshot, HashedWords())
        likeliest = [routed.card.name for routed in search.route(pair.question)[:OPENED]]
        for kind, first in FIRST.items():
            search.find(pair.question, kinds=(kind,), clusters=likeliest, limit=first)


def cluster_of(number: int, pairs: int) -> Cluster:
    rng = random.Random(number)
    own = ["".join(rng.choice("bcdfglmnprst") + rng.choice("aeiou") for _ in range(3)) for _ in range(2 * DATASETS)]
    return Cluster(
        name=f"c{number}",
        title=f"Department {number}",
        summary=f"All that department {number} keeps.",
        owner=Owner(team="team", contact="#team"),
        datasets=tuple(Dataset(name=f"s{number}.{one}", description=f"The {one}.") for one in own[:DATASETS]),
        pairs=tuple(pair_of(number, place, own) for place in range(pairs)),
    )


def pair_of(number: int, place: int, own: list[str]) -> Pair:
    table, column = own[place % DATASETS], COLUMNS[place // DATASETS % len(COLUMNS)]
    measure = MEASURES[place % len(MEASURES)] if place % 3 else own[DATASETS + place % DATASETS]
    return Pair(
        slug=f"p{place}",
        question=f"What is the {HOW[place % 3]} {measure} of the {table} by {column}?",
        teaches="generated",
        vetted_by="bench",
        vetted_on=date(2026, 11, 1),
        sql=f"SELECT {column}, avg({measure}) AS n FROM s{number}.{table} GROUP BY {column}",
    )


def publish(writer: ContextWriter, cluster: Cluster) -> None:
    columns = tuple(Column(name, "INTEGER") for name in (*COLUMNS, *MEASURES))
    catalog = Catalog("duckdb", "duckdb", {one.name: Table(one.name, columns) for one in cluster.datasets})
    names = [dataset.name for dataset in cluster.datasets]
    judged = {
        pair.slug: Judged("", "", Valid(()), (name := names[place % DATASETS],), (f"{name}.{COLUMNS[0]}",))
        for place, pair in enumerate(cluster.pairs)
    }
    writer.publish(cluster.name, entries_of(cluster, catalog, {}, judged))


def report(costs: Mapping[str, float]) -> int:
    rows = [(name, f"{cost:.2f}", f"{cost / costs['asking']:.2f}") for name, cost in costs.items()]
    print_table(("", "CPU s", "/ asking"), rows)
    missed = costs["others"] > MOST_RATIO * costs["asking"]
    print("MISSED" if missed else "OK", f"wanted: at most {MOST_RATIO} of asking for each cluster after the first.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
